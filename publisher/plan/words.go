package plan

import (
	"fmt"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// section is a part of the text of a plan, which [WriteText] and [WriteMarkdown] lay out.
type section struct {
	title string
	items []item
}

// item is a line, and the lines below it.
type item struct {
	head  string
	lines []string
	alarm bool // it needs attention
}

// sections returns the parts of the text that have something to show.
func (p *Plan) sections() []section {
	all := []section{
		{"Changes", p.changeItems()},
		{"Other changes", p.otherItems()},
		{"Operations", lines(p.Kept)},
		{"Warnings", p.warningItems()},
		{"Recorded requests", p.requestItems()},
		{"Time to detect the effect", p.powerItems()},
		{"Cost", p.costItems()},
		{"Unknown", lines(p.Unknown)},
		{"Gates", p.gateItems()},
	}
	kept := all[:0]
	for _, s := range all {
		if len(s.items) > 0 {
			kept = append(kept, s)
		}
	}
	return kept
}

// title is the first line of the text: what is compared with what.
func (p *Plan) title() string {
	live := fmt.Sprintf("revision %d", p.Revision)
	if p.Of != p.NextOf {
		live += " of " + p.Of
	}
	switch {
	case !p.Changes && p.Next != 0:
		return fmt.Sprintf("No changes: revision %d of %s has what %s has", p.Next, p.NextOf, live)
	case !p.Changes:
		return fmt.Sprintf("No changes: revision %d of %s is what this directory says", p.Revision, p.Of)
	}
	plan := "Plan for " + p.Environment
	if p.Next != 0 {
		plan = fmt.Sprintf("Revision %d of %s", p.Next, p.NextOf)
	}
	if p.Revision == 0 {
		return plan + ": the first revision"
	}
	return fmt.Sprintf("%s, compared with %s", plan, live)
}

// summary is the last line of the text: how much changes. It is empty if nothing does.
func (p *Plan) summary() string {
	if !p.Changes {
		return ""
	}
	counts := map[declaration.Action]int{}
	for _, x := range p.Experiments {
		counts[x.Action]++
	}
	form := "Plan: %d to add, %d to change, %d to remove"
	if p.Next != 0 {
		form = "Difference: %d added, %d changed, %d removed"
	}
	text := fmt.Sprintf(form, counts[declaration.Added], counts[declaration.Changed], counts[declaration.Removed])
	switch n := len(p.Other); n {
	case 0:
	case 1:
		text += ", 1 other change"
	default:
		text += fmt.Sprintf(", %d other changes", n)
	}
	switch {
	case p.Revision == 0: // no unit has seen anything before
	case p.Affected.Zero():
		text += ". No unit sees a change"
	default:
		text += fmt.Sprintf(". At most %s of the units see a change", p.Affected)
	}
	return text + "."
}

func lines(texts []string) []item {
	items := make([]item, len(texts))
	for i, text := range texts {
		items[i] = item{head: text}
	}
	return items
}

func (p *Plan) changeItems() []item {
	var items []item
	for _, x := range p.Experiments {
		it := item{head: fmt.Sprintf("%s: %s %s", x.Action, x.Kind, x.Key)}
		for _, m := range x.Movements {
			it.lines = append(it.lines, m.words(x.Kind == model.KindFlag.String())...)
		}
		if x.Exposed != nil {
			it.lines = append(it.lines, x.Exposed.words())
		}
		switch {
		case x.PhaseBefore != 0 && x.PhaseAfter > x.PhaseBefore:
			it.lines = append(it.lines, fmt.Sprintf("phase %d → %d: results start over", x.PhaseBefore, x.PhaseAfter))
		case x.PhaseBefore == 0 && x.PhaseAfter > 1:
			it.lines = append(it.lines, fmt.Sprintf("phase %d: this key was live before", x.PhaseAfter))
		}
		it.lines = append(it.lines, detailLines(x.Action, x.Details)...)
		it.lines = append(it.lines, x.Notes...)
		items = append(items, it)
	}
	return items
}

// words returns the numbers of a movement as text.
func (m *Movement) words(flag bool) []string {
	if flag || m.Match != Matched {
		flows := make([]string, len(m.Flows))
		for i, f := range m.Flows {
			flows[i] = fmt.Sprintf("%s %s → %s", f.Units, orNoVariant(f.From), orNoVariant(f.To))
		}
		return []string{fmt.Sprintf("%s: %s", m.units(), strings.Join(flows, ", "))}
	}
	text := []string{fmt.Sprintf("%s → %s of the eligible units: %s enter, %s leave, %s switch",
		orZero(m.Before), orZero(m.After), orZero(m.Enter), orZero(m.Leave), orZero(m.Switch))}
	for _, f := range m.Flows {
		if f.From != "" && f.To != "" {
			text = append(text, fmt.Sprintf("%s %s → %s", f.Units, f.From, f.To))
		}
	}
	return text
}

// units names the units that the movement is about.
func (m *Movement) units() string {
	rule := ""
	if m.Rule > 0 {
		rule = fmt.Sprintf(" of rule %d", m.Rule)
	}
	switch {
	case m.Match == NewlyMatched:
		return "units that newly match the audience" + rule + " or the prerequisites"
	case m.Match == NoLongerMatched:
		return "units that no longer match the audience" + rule + " or the prerequisites"
	case m.Rule > 0:
		return "units that match only the audience" + rule
	}
	return "units that match no audience"
}

func orZero(s Share) string {
	if s.Zero() {
		return "0"
	}
	return s.String()
}

func orNoVariant(variant string) string {
	if variant == "" {
		return "no variant"
	}
	return variant
}

// detailLines returns the fields that changed. Of an experiment or flag that is added they
// are the most important ones, and none of one that is removed.
func detailLines(action declaration.Action, details []declaration.Detail) []string {
	var out []string
	for _, d := range details {
		switch {
		case action == declaration.Added && important[d.Field]:
			out = append(out, d.Field+": "+d.After)
		case action != declaration.Changed:
		case d.Before == "":
			out = append(out, fmt.Sprintf("%s: %s", d.Field, d.After))
		case d.After == "":
			out = append(out, fmt.Sprintf("%s: removed, was %s", d.Field, d.Before))
		default:
			out = append(out, fmt.Sprintf("%s: %s → %s", d.Field, d.Before, d.After))
		}
	}
	return out
}

// important has the fields that describe an experiment or flag that is added.
var important = map[string]bool{
	"status": true, "layer": true, "traffic": true, "audience": true, "weights": true, "start": true, "end": true,
	"prerequisites": true, "default": true, "rule 1": true, "owner": true,
}

func (p *Plan) otherItems() []item {
	var items []item
	for _, x := range p.Other {
		what := strings.TrimSpace(strings.ReplaceAll(x.What, "_", "-") + " " + x.Key)
		it := item{head: fmt.Sprintf("%s: %s", x.Action, what)}
		if x.Action == declaration.Changed {
			it.lines = detailLines(x.Action, x.Details)
		}
		items = append(items, it)
	}
	return items
}

// warningItems lists the warnings that are new, and counts the others.
func (p *Plan) warningItems() []item {
	var items []item
	standing := 0
	for _, w := range p.Warnings {
		if w.New {
			items = append(items, item{head: w.Text, alarm: true})
		} else {
			standing++
		}
	}
	if standing > 0 {
		items = append(items, item{head: fmt.Sprintf("already in the live revision: %d (--format json lists them)", standing)})
	}
	return items
}

func (p *Plan) requestItems() []item {
	r := p.Requests
	if r == nil {
		return nil
	}
	items := []item{{head: fmt.Sprintf("%d decided: %s get other variants", r.Decided, r.Changed)}}
	for _, c := range r.Changes {
		items = append(items, item{head: fmt.Sprintf("%s: %s enter, %s leave, %s switch", c.Key, c.Enter, c.Leave, c.Switch)})
	}
	if r.Refused > 0 {
		items = append(items, item{head: fmt.Sprintf("%d refused; the first error is in %s", r.Refused, r.FirstError), alarm: true})
	}
	return items
}

// String returns the estimate with its interval, such as "12.34% (11.90% to 12.80%)".
func (e Estimate) String() string {
	if e.Count == 0 {
		return fmt.Sprintf("0 (up to %.2f%%)", 100*e.High)
	}
	return fmt.Sprintf("%.2f%% (%.2f%% to %.2f%%)", 100*e.Share, 100*e.Low, 100*e.High)
}

func (p *Plan) powerItems() []item {
	var items []item
	for _, w := range p.Power {
		days := ""
		if w.Days > 0 {
			days = fmt.Sprintf("%d days for ", w.Days)
		}
		it := item{head: fmt.Sprintf("%s: %san effect of %s on %s, from %.4g", w.Key, days, w.Effect, w.Metric, w.Baseline)}
		if w.Units > 0 {
			basis := "as given"
			if w.Measured {
				basis = "as measured"
			}
			it.lines = append(it.lines, fmt.Sprintf("%d units at %.0f new units a day, %s (α %.2f, power %.1f)",
				w.Units, w.PerDay, basis, Alpha, TargetPower))
		}
		if w.Warning != "" {
			it.lines, it.alarm = append(it.lines, w.Warning), true
		}
		items = append(items, it)
	}
	return items
}

func (p *Plan) costItems() []item {
	after := p.Cost.After
	if after == nil || !p.Changes {
		return nil
	}
	before := p.Cost.Before
	if before == nil {
		before = after // which shows no steps
	}
	delta := "no delta"
	if after.Delta != nil {
		delta = fmt.Sprintf("%d as a delta", *after.Delta)
	}
	texts := []string{
		fmt.Sprintf("payload: %s bytes; download: %s with gzip, %s with zstd, %s", step(before.Raw, after.Raw),
			step(before.Gzip, after.Gzip), step(before.Zstd, after.Zstd), delta),
		fmt.Sprintf("a request: at most %s index words, %s residual tests over %s bytes, %s decisions",
			step(int64(before.Work.Words), int64(after.Work.Words)), step(int64(before.Work.Tests), int64(after.Work.Tests)),
			step(int64(before.Work.Steps), int64(after.Work.Steps)), step(int64(before.Work.Decisions), int64(after.Work.Decisions))),
		fmt.Sprintf("cold start: %s µs, measured once on this machine", step(before.ColdStart.Microseconds(), after.ColdStart.Microseconds())),
	}
	for _, a := range p.Cost.Applications {
		texts = append(texts, a.words(after))
	}
	return lines(texts)
}

// step formats a number before and after, or one number if they are equal.
func step(before, after int64) string {
	if before == after {
		return fmt.Sprint(after)
	}
	return fmt.Sprintf("%d → %d", before, after)
}

func (p *Plan) gateItems() []item {
	var items []item
	for _, b := range p.Gates {
		it := item{head: b.Gate + ": " + b.Text, alarm: !b.Overridden}
		if b.Overridden {
			it.head += " (overridden)"
		}
		items = append(items, it)
	}
	if stopped := p.Stopped(); len(stopped) > 0 {
		items = append(items, item{head: fmt.Sprintf("to publish anyway: --override %s --reason '...'", stopped[0].Gate)})
	}
	return items
}
