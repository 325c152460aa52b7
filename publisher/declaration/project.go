package declaration

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// Of returns the declaration of a project.
func Of(p *config.Project) *Declaration {
	b := builder{project: p, variants: map[string][]config.Variant{}}
	for _, e := range p.Experiments {
		b.variants[e.Key] = e.Variants
	}
	for _, f := range p.Flags {
		b.variants[f.Key] = f.Variants
	}
	r := &Declaration{
		Format: Format, Applications: p.Applications, Units: p.Units, Holdout: holdout(p.Holdout),
		Attributes: list(p.Attributes, func(a model.Attribute) Attribute { return Attribute{a.Name, a.Type.String()} }),
		Audiences:  list(p.Audiences, func(a config.Audience) Audience { return Audience{a.Key, a.Text} }),
		Segments: list(p.Segments, func(s config.Segment) Segment {
			return Segment{s.Key, p.Units[s.Unit], hide(s.IDs)}
		}),
		OptOut: list(p.OptOut, func(i int) string { return p.Segments[i].Key }),
		Layers: list(p.Layers, func(l config.Layer) Layer { return Layer{l.Key, holdout(l.Holdout)} }),
		Metrics: list(p.Metrics, func(m config.Metric) Metric {
			return Metric{m.Key, m.Event, string(m.Kind), m.Value, string(m.Goal), (*Baseline)(m.Baseline)}
		}),
		Experiments: list(p.Experiments, b.experiment),
		Flags:       list(p.Flags, b.flag),
	}
	if x := p.File.Exclude; x != nil {
		r.Exclude = Exclude{x.Bot.Value, x.Internal.Value}
	}
	return r
}

// list never returns nil, so that an empty list encodes as [].
func list[A, B any](items []A, f func(A) B) []B {
	out := make([]B, len(items))
	for i, item := range items {
		out[i] = f(item)
	}
	return out
}

func holdout(h *config.Holdout) *Percent {
	if h == nil {
		return nil
	}
	return &h.Traffic
}

func hide(ids []string) Hidden {
	hashes := list(ids, assign.IDHash)
	slices.Sort(hashes)
	var b []byte
	for _, h := range hashes {
		b = binary.LittleEndian.AppendUint64(b, h)
	}
	return Hidden{len(ids), bundle.HashOf(b)}
}

// builder has the parts that experiments and flags refer to.
type builder struct {
	project  *config.Project
	variants map[string][]config.Variant // by key of experiment or flag
}

func (b *builder) experiment(e *config.Experiment) Experiment {
	x := Experiment{
		Key: e.Key, Name: e.Name, Owner: e.Owner, Hypothesis: e.Hypothesis, Status: string(e.Status),
		Applications: b.applications(e.Applications), Unit: b.project.Units[e.Unit], Salt: e.Salt, Holdout: e.Holdout,
		Start: instant(e.Start), End: instant(e.End), Audience: e.AudienceText,
		Prerequisites: list(e.Prerequisites, b.prerequisite), Enrolment: enrolment(e.Enrolment),
		Control: e.Variants[e.Control].Key, Variants: list(e.Variants, variant),
		Overrides: overrides(e.Overrides, e.Variants),
		Primary:   e.Primary, Guardrails: list(e.Guardrails, func(s string) string { return s }),
		Effect: e.Effect, Routes: e.Routes, Sticky: e.Sticky,
	}
	if e.Layer != model.None {
		x.Layer = b.project.Layers[e.Layer].Key
	}
	return x
}

func (b *builder) flag(f *config.Flag) Flag {
	return Flag{
		Key: f.Key, Name: f.Name, Owner: f.Owner, Status: string(f.Status),
		Applications: b.applications(f.Applications), Unit: b.project.Units[f.Unit], Salt: f.Salt, Prerequisites: list(f.Prerequisites, b.prerequisite),
		Variants: list(f.Variants, variant), Default: f.Variants[f.Default].Key,
		Rules: list(f.Rules, func(r config.Rule) Rule {
			return Rule{r.AudienceText, enrolment(r.Enrolment), list(r.Split, func(s config.Share) Share {
				return Share{f.Variants[s.Variant].Key, s.Weight}
			})}
		}),
		Overrides: overrides(f.Overrides, f.Variants), Routes: f.Routes,
	}
}

func (b *builder) applications(indexes []int) []string {
	return list(indexes, func(i int) string { return b.project.Applications[i] })
}

func (b *builder) prerequisite(p config.Prerequisite) Prerequisite {
	return Prerequisite{p.Key, list(p.Variants, func(i int) string { return b.variants[p.Key][i].Key })}
}

// instant returns a time in UTC, truncated to milliseconds as in the program.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = time.UnixMilli(t.UnixMilli()).UTC()
	return &t
}

func enrolment(e config.Enrolment) Enrolment {
	return Enrolment{e.Traffic, list(e.Ramp, func(s config.Step) Step { return Step{*instant(s.At), s.Traffic} })}
}

func variant(v config.Variant) Variant {
	x := Variant{v.Key, v.Name, v.Weight, v.Config}
	if len(v.Config) > MaxShown {
		x.Config = hashPrefix + bundle.HashOf([]byte(v.Config)).String()
	}
	return x
}

// hashPrefix marks the hash of a config that is too long. No JSON value begins with it.
const hashPrefix = "sha256:"

// overrides returns the units of each variant, in the order of the variants.
func overrides(all []config.Override, variants []config.Variant) []Override {
	ids := make([][]string, len(variants))
	for _, o := range all {
		ids[o.Variant] = append(ids[o.Variant], o.ID)
	}
	out := []Override{}
	for i, v := range variants {
		if len(ids[i]) > 0 {
			out = append(out, Override{v.Key, hide(ids[i])})
		}
	}
	return out
}
