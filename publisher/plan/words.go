package plan

import (
	"fmt"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// section is a part of a plan in words, for the writers of text and of Markdown.
type section struct {
	title string
	items []item
}

// item is a line, and lines below it.
type item struct {
	head  string
	lines []string
	alarm bool
}

// sections puts the plan into words. Changes come first.
func (p *Plan) sections() []section {
	all := []section{
		{"Experiments and flags", p.changeItems()},
		{"Also", p.otherItems()},
		{"By command", lines(p.Kept)},
		{"Look at", p.findingItems()},
		{"On recorded requests", p.requestItems()},
		{"Until the effect is detectable", p.powerItems()},
		{"Cost", p.costItems()},
		{"Not known", lines(p.Notes)},
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

// headline is the plan in one line.
func (p *Plan) headline() string {
	live := fmt.Sprintf("revision %d", p.Revision)
	if p.Of != p.NextOf {
		live += " of " + p.Of
	}
	if !p.Changes && p.Next != 0 {
		return fmt.Sprintf("revision %d of %s has what %s has", p.Next, p.NextOf, live)
	}
	if !p.Changes {
		return fmt.Sprintf("nothing changes: revision %d of %s is what this directory says", p.Revision, p.Of)
	}
	verbs := map[declaration.Action]int{}
	for _, x := range p.Experiments {
		verbs[x.Action]++
	}
	counts := fmt.Sprintf("%d added, %d changed, %d removed; at most %s of the units see something else",
		verbs[declaration.Added], verbs[declaration.Changed], verbs[declaration.Removed], orZero(p.Affected))
	plan := "plan for " + p.Environment
	if p.Next != 0 {
		plan = fmt.Sprintf("revision %d of %s", p.Next, p.NextOf)
	}
	if p.Revision == 0 {
		return fmt.Sprintf("%s, the first revision: %d added", plan, verbs[declaration.Added])
	}
	return fmt.Sprintf("%s, against %s: %s", plan, live, counts)
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
		it := item{head: fmt.Sprintf("%s %s is %s", x.Kind, x.Key, x.Action)}
		for _, m := range x.Movements {
			it.lines = append(it.lines, m.words(x.Kind == model.KindFlag.String())...)
		}
		if x.Exposed != nil {
			it.lines = append(it.lines, x.Exposed.words())
		}
		switch {
		case x.PhaseBefore != 0 && x.PhaseAfter > x.PhaseBefore:
			it.lines = append(it.lines, fmt.Sprintf("phase %d → %d: results begin anew", x.PhaseBefore, x.PhaseAfter))
		case x.PhaseBefore == 0 && x.PhaseAfter > 1:
			it.lines = append(it.lines, fmt.Sprintf("it returns, in phase %d", x.PhaseAfter))
		}
		it.lines = append(it.lines, detailLines(x.Action, x.Details)...)
		it.lines = append(it.lines, x.Notes...)
		items = append(items, it)
	}
	return items
}

// words are the numbers of a movement.
func (m *Movement) words(flag bool) []string {
	if flag || m.Match != Matched {
		flows := make([]string, len(m.Flows))
		for i, f := range m.Flows {
			flows[i] = fmt.Sprintf("%s %s → %s", f.Units, orNothing(f.From), orNothing(f.To))
		}
		return []string{fmt.Sprintf("of the %s: %s", m.units(), strings.Join(flows, ", "))}
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

// units says whom the movement is about.
func (m *Movement) units() string {
	rule := ""
	if m.Rule > 0 {
		rule = fmt.Sprintf(" of rule %d", m.Rule)
	}
	switch {
	case m.Match == NewlyMatched:
		return "units that the audience" + rule + " or the prerequisites let in, and did not before"
	case m.Match == NoLongerMatched:
		return "units that the audience" + rule + " or the prerequisites keep out, and did not before"
	case m.Rule > 0:
		return "units that the audience" + rule + " alone matches"
	}
	return "units that no audience matches"
}

func orZero(s Share) string {
	if s.Zero() {
		return "0"
	}
	return s.String()
}

func orNothing(variant string) string {
	if variant == "" {
		return "nothing"
	}
	return variant
}

// detailLines tell what changed. What was added or removed as a whole is told in short.
func detailLines(action declaration.Action, details []declaration.Detail) []string {
	var out []string
	for _, d := range details {
		switch {
		case action == declaration.Added && shortly[d.Field]:
			out = append(out, d.Field+": "+d.After)
		case action != declaration.Changed:
		case d.Before == "":
			out = append(out, fmt.Sprintf("%s: %s", d.Field, d.After))
		case d.After == "":
			out = append(out, fmt.Sprintf("%s: no more (%s)", d.Field, d.Before))
		default:
			out = append(out, fmt.Sprintf("%s: %s → %s", d.Field, d.Before, d.After))
		}
	}
	return out
}

// shortly are the fields by which something that is new is described.
var shortly = map[string]bool{
	"status": true, "layer": true, "traffic": true, "audience": true, "weights": true, "start": true, "end": true,
	"prerequisites": true, "default": true, "rule 1": true, "owner": true,
}

func (p *Plan) otherItems() []item {
	var items []item
	for _, x := range p.Other {
		it := item{head: strings.Join(strings.Fields(fmt.Sprintf("%s %s is %s", strings.ReplaceAll(x.What, "_", "-"), x.Key, x.Action)), " ")}
		if x.Action == declaration.Changed {
			it.lines = detailLines(x.Action, x.Details)
		}
		items = append(items, it)
	}
	return items
}

func (p *Plan) findingItems() []item {
	var items []item
	standing := 0
	for _, f := range p.Findings {
		if f.New {
			items = append(items, item{head: f.Text, alarm: true})
		} else {
			standing++
		}
	}
	if standing > 0 {
		items = append(items, item{head: fmt.Sprintf("%d more that are live already (--format json lists them)", standing)})
	}
	return items
}

func (p *Plan) requestItems() []item {
	r := p.Requests
	if r == nil {
		return nil
	}
	items := []item{{head: fmt.Sprintf("%d decided: %s are given something else", r.Decided, r.Changed)}}
	for _, c := range r.Changes {
		items = append(items, item{head: fmt.Sprintf("%s: %s enter, %s leave, %s switch", c.Key, c.Enter, c.Leave, c.Switch)})
	}
	if r.Refused > 0 {
		items = append(items, item{head: fmt.Sprintf("lines that are no request: %d; %s", r.Refused, r.FirstError), alarm: true})
	}
	return items
}

// String is, for example, "12.34% (11.90% to 12.80%)".
func (e Estimate) String() string {
	if e.Count == 0 {
		return fmt.Sprintf("0 (up to %.2f%%)", 100*e.High)
	}
	return fmt.Sprintf("%.2f%% (%.2f%% to %.2f%%)", 100*e.Share, 100*e.Low, 100*e.High)
}

func (p *Plan) powerItems() []item {
	var items []item
	for _, w := range p.Power {
		basis := "as given"
		if w.Measured {
			basis = "as measured"
		}
		it := item{head: fmt.Sprintf("%s: %s by %s from %.4g", w.Key, w.Metric, w.Effect, w.Baseline)}
		if w.Days > 0 {
			it.head += fmt.Sprintf(" in %d days", w.Days)
		}
		if w.Units > 0 {
			it.lines = append(it.lines, fmt.Sprintf("%d units at %.0f new ones a day, %s (α %.2f, power %.1f)", w.Units, w.PerDay, basis, Alpha, TargetPower))
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
		before = &Cost{}
	}
	delta := "no delta"
	if after.Delta != nil {
		delta = fmt.Sprintf("%d as a delta", *after.Delta)
	}
	texts := []string{
		fmt.Sprintf("payload %s bytes; to download %s with gzip, %s with zstd, %s", step(before.Raw, after.Raw),
			step(before.Gzip, after.Gzip), step(before.Zstd, after.Zstd), delta),
		fmt.Sprintf("a request costs at most %s index words, %s residual tests over %s bytes, %s decisions",
			step(int64(before.Work.Words), int64(after.Work.Words)), step(int64(before.Work.Tests), int64(after.Work.Tests)),
			step(int64(before.Work.Steps), int64(after.Work.Steps)), step(int64(before.Work.Decisions), int64(after.Work.Decisions))),
		fmt.Sprintf("cold start %s → %s µs, measured once on this machine", micros(before), micros(after)),
	}
	for _, a := range p.Cost.Applications {
		texts = append(texts, a.words(after))
	}
	return lines(texts)
}

func step(before, after int64) string {
	if before == after {
		return fmt.Sprint(after)
	}
	return fmt.Sprintf("%d → %d", before, after)
}

func micros(c *Cost) string { return fmt.Sprint(c.ColdStart.Microseconds()) }

func (p *Plan) gateItems() []item {
	var items []item
	for _, b := range p.Broken {
		it := item{head: b.Gate + ": " + b.Text, alarm: !b.Overridden}
		if b.Overridden {
			it.head += " (overridden)"
		}
		items = append(items, it)
	}
	if stopped := p.Stopped(); len(stopped) > 0 {
		items = append(items, item{head: fmt.Sprintf("to publish all the same: --override %s --reason '...'", stopped[0].Gate)})
	}
	return items
}
