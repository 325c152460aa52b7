package declaration

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// part is a part of a project. It is compared with the part of the same kind and key.
type part struct {
	kind   int // position of the kind in the order of changes
	what   string
	key    string
	of     any // what it is made of; parts made of the same have the same fields
	fields func() []field
}

// field is a field of a part, as text; empty if it is not set.
type field struct{ name, text string }

// partsOf returns the parts of a declaration, sorted by kind and key.
func partsOf(r *Declaration) []part {
	if r == nil {
		return nil
	}
	var parts []part
	kind := 0
	add := func(what, key string, fields ...field) {
		parts = append(parts, part{kind, what, key, nil, func() []field { return fields }})
	}
	for i := range r.Experiments {
		e := &r.Experiments[i]
		parts = append(parts, part{kind, "experiment", e.Key, e, e.fields})
	}
	kind++
	for i := range r.Flags {
		f := &r.Flags[i]
		parts = append(parts, part{kind, "flag", f.Key, f, f.fields})
	}
	kind++
	for _, l := range r.Layers {
		add("layer", l.Key, field{"holdout", share(l.Holdout)})
	}
	kind++
	if r.Holdout != nil {
		add("holdout", "", field{"traffic", share(r.Holdout)})
	}
	kind++
	if r.Exclude != (Exclude{}) {
		add("exclude", "", field{"bot", r.Exclude.Bot}, field{"internal", r.Exclude.Internal})
	}
	kind++
	if len(r.OptOut) > 0 {
		add("opt_out", "", field{"segments", strings.Join(r.OptOut, ", ")})
	}
	kind++
	for _, a := range r.Audiences {
		add("audience", a.Key, field{"expression", a.Text})
	}
	kind++
	for _, s := range r.Segments {
		add("segment", s.Key, field{"unit", s.Unit}, field{"ids", s.IDs.String()})
	}
	kind++
	for _, a := range r.Attributes {
		add("attribute", a.Name, field{"type", a.Type})
	}
	kind++
	for _, m := range r.Metrics {
		add("metric", m.Key, field{"event", m.Event}, field{"kind", m.Kind}, field{"value", m.Value}, field{"goal", m.Goal},
			field{"baseline", m.Baseline.String()})
	}
	kind++
	if len(r.Applications) > 0 {
		add("applications", "", field{"names", strings.Join(r.Applications, ", ")})
	}
	kind++
	add("units", "", field{"types", strings.Join(r.Units, ", ")})
	return parts
}

func (e *Experiment) fields() []field {
	f := []field{
		{"status", e.Status}, {"applications", only(e.Applications)}, {"layer", e.Layer}, {"traffic", e.Enrolment.String()}, {"audience", e.Audience},
		{"weights", weights(e.Variants)}, {"control", e.Control},
		{"start", moment(e.Start)}, {"end", moment(e.End)},
		{"prerequisites", join(e.Prerequisites)}, {"holdout", yes(e.Holdout)}, {"unit", e.Unit}, {"salt", unless(e.Salt, e.Key)},
	}
	f = append(f, variantFields(e.Variants)...)
	return append(f,
		field{"overrides", join(e.Overrides)},
		field{"primary metric", e.Primary}, field{"guardrails", strings.Join(e.Guardrails, ", ")},
		field{"effect", unless(e.Effect.String(), "0%")},
		field{"routes", strings.Join(e.Routes, ", ")}, field{"sticky", unless(yes(e.Sticky), yes(false))},
		field{"name", unless(e.Name, e.Key)}, field{"owner", e.Owner}, field{"hypothesis", e.Hypothesis},
	)
}

func (x *Flag) fields() []field {
	f := []field{{"status", x.Status}, {"applications", only(x.Applications)}, {"default", x.Default}}
	for i, r := range x.Rules {
		f = append(f, field{fmt.Sprintf("rule %d", i+1), r.String()})
	}
	f = append(f,
		field{"prerequisites", join(x.Prerequisites)}, field{"unit", x.Unit}, field{"salt", unless(x.Salt, x.Key)},
	)
	f = append(f, variantFields(x.Variants)...)
	return append(f, field{"overrides", join(x.Overrides)}, field{"routes", strings.Join(x.Routes, ", ")}, field{"name", unless(x.Name, x.Key)}, field{"owner", x.Owner})
}

// variantFields returns the fields of variants without their weights, which are one separate field.
func variantFields(variants []Variant) []field {
	var f []field
	for _, v := range variants {
		f = append(f, field{"config of " + v.Key, v.Config}, field{"name of " + v.Key, unless(v.Name, v.Key)})
	}
	return f
}

func weights(variants []Variant) string {
	all := make([]string, len(variants))
	for i, v := range variants {
		all[i] = v.Key + " " + v.Weight.String()
	}
	return strings.Join(all, ", ")
}

// String returns, for example, "10%" or "1% from 2026-03-01T09:00:00Z, 25% from …".
func (e Enrolment) String() string {
	if len(e.Ramp) == 0 {
		return e.Traffic.String()
	}
	steps := make([]string, len(e.Ramp))
	for i, s := range e.Ramp {
		steps[i] = fmt.Sprintf("%s from %s", s.Traffic, moment(&s.At))
	}
	return strings.Join(steps, ", ")
}

// String returns, for example, `on 50%, off 50% for 10% of country == "US"`.
func (r Rule) String() string {
	shares := make([]string, len(r.Split))
	for i, s := range r.Split {
		shares[i] = s.Variant + " " + s.Weight.String()
	}
	whom := "everybody"
	if r.Audience != "" {
		whom = r.Audience
	}
	return fmt.Sprintf("%s for %s of %s", strings.Join(shares, ", "), r.Enrolment, whom)
}

// String returns, for example, "new_search gives on or beta".
func (p Prerequisite) String() string { return p.Key + " gives " + strings.Join(p.Variants, " or ") }

// String returns, for example, "green for 2 units (3f1a2b3c)".
func (o Override) String() string { return o.Variant + " for " + o.Units.String() }

// shownDigits is the number of digits of a hash that distinguish lists of equal length.
const shownDigits = 8

// String returns the number of units and the first digits of the hash.
func (h Hidden) String() string {
	noun := "units"
	if h.Count == 1 {
		noun = "unit"
	}
	return fmt.Sprintf("%d %s (%s)", h.Count, noun, h.SHA256.String()[:shownDigits])
}

// String returns, for example, "mean 4.2, deviation 18.5"; it is empty for nil.
func (b *Baseline) String() string {
	if b == nil {
		return ""
	}
	return fmt.Sprintf("mean %.6g, deviation %.6g", b.Mean, b.Deviation)
}

func join[T fmt.Stringer](items []T) string {
	all := make([]string, len(items))
	for i, item := range items {
		all[i] = item.String()
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// unless returns the text, or "" if it equals the key.
func unless(text, key string) string {
	if text == key {
		return ""
	}
	return text
}

// only returns, for example, "only ios, web"; it is empty for every application.
func only(applications []string) string {
	if len(applications) == 0 {
		return ""
	}
	return "only " + strings.Join(applications, ", ")
}

func share(p *Percent) string {
	if p == nil {
		return ""
	}
	return p.String()
}

func moment(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
