package compile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/automaton"
)

// none marks an absent index in the payload's columns of 16 and 32 bits.
const (
	none16 = 1<<16 - 1
	none32 = 1<<32 - 1
)

// exclusionKinds is the number of kinds of exclusion. Each has a fixed position in the payload.
const exclusionKinds = 2

// Payload encodes a program. Equal programs have equal payloads on every machine. It fails if an
// audience is too complex, if the payload is too large, or if a decision would be too much work.
func Payload(p *model.Program) ([]byte, error) { return PayloadAfter(p, nil) }

// PayloadAfter encodes a program as the payload that follows the live one, which is nil before
// the first. The payload gives the same decisions as that of [Payload]. The less the program
// differs from the live one, the less the payloads differ; equal programs have equal payloads.
// The result depends on the program and the live payload alone.
func PayloadAfter(p *model.Program, live *payload.Reader) ([]byte, error) {
	ix, err := buildIndex(p, layoutOf(live))
	if err != nil {
		return nil, err
	}
	texts := textsOf(live)
	w := write(p, ix, texts)
	writeLedger(w, &p.Ledger)
	if texts != nil && !w.AsReserved() {
		w = write(p, ix, arrangeTexts(texts, w.Texts()))
		writeLedger(w, &p.Ledger)
	}
	bare, err := w.Bytes()
	if err != nil {
		return nil, err
	}
	requests, err := sampleRequests(p, bare)
	if err != nil {
		return nil, err
	}
	return finish(w, bare, requests)
}

// write encodes everything except the ledger and the vectors. The given texts come first, used or
// not.
func write(p *model.Program, ix *index, texts []string) *payload.Writer {
	w := &payload.Writer{}
	w.Reserve(texts)
	writeNames(w, p)
	writeExperiments(w, p)
	writeApplications(w, p)
	writeRoutes(w, p.Experiments)
	writeRules(w, p, ix)
	writeOverrides(w, p)
	writeIndex(w, ix)
	return w
}

// finish adds vectors and returns the payload. The native core answers the requests by the
// payload written so far.
func finish(w *payload.Writer, bare []byte, requests [][]byte) ([]byte, error) {
	vectors, err := answer(bare, requests)
	if err != nil {
		return nil, err
	}
	w.Vectors(vectors)
	raw, err := w.Bytes()
	if err != nil {
		return nil, err
	}
	return raw, checkWork(raw)
}

// ErrTooMuchWork is the error for a program that exceeds [payload.MaxWork].
var ErrTooMuchWork = errors.New("too much work for a request")

func checkWork(raw []byte) error {
	reader, err := payload.NewReader(raw)
	if err != nil {
		return err
	}
	work, err := reader.Work()
	if err != nil {
		return err
	}
	if over := work.Exceeds(payload.MaxWork); over != "" {
		return fmt.Errorf("%w: %s; simplify audiences, or publish fewer experiments", ErrTooMuchWork, over)
	}
	return nil
}

// texts is a column of text ids under construction.
func texts[T any](w *payload.Writer, items []T, text func(T) string) []uint32 {
	ids := make([]uint32, len(items))
	for i, item := range items {
		ids[i] = w.Text(text(item))
	}
	return ids
}

func column[E any, T uint8 | uint16 | uint32 | uint64](w *payload.Writer, name string, items []E, value func(E) T) {
	values := make([]T, len(items))
	for i, item := range items {
		values[i] = value(item)
	}
	payload.Column(w, name, values)
}

// ends adds a column with the end of each item's entries in the table of the entries of all
// items.
func ends[E any](w *payload.Writer, name string, items []E, count func(E) int) {
	total := 0
	column(w, name, items, func(e E) uint32 {
		total += count(e)
		return uint32(total)
	})
}

func writeNames(w *payload.Writer, p *model.Program) {
	payload.Column(w, "unit.name", texts(w, p.Units, func(s string) string { return s }))
	payload.Column(w, "attribute.name", texts(w, p.Attributes, func(a model.Attribute) string { return a.Name }))
	column(w, "attribute.type", p.Attributes, func(a model.Attribute) uint8 { return uint8(a.Type) })
	payload.Column(w, "segment.key", texts(w, p.Segments, func(s model.Segment) string { return s.Key }))
	column(w, "segment.unit", p.Segments, func(s model.Segment) uint8 { return uint8(s.Unit) })
	ends(w, "segment.hashes.end", p.Segments, func(s model.Segment) int { return len(s.Hashes) })
	payload.Column(w, "segment.hash", flatten(p.Segments, func(s model.Segment) []uint64 { return s.Hashes }))
	column(w, "opt_out.segment", p.OptOut, func(i int) uint32 { return uint32(i) })
	payload.Column(w, "layer.key", texts(w, p.Layers, func(l model.Layer) string { return l.Key }))
	payload.Column(w, "layer.salt", texts(w, p.Layers, model.Layer.Salt))
	payload.Column(w, "holdout.key", texts(w, p.Holdouts, func(h model.Holdout) string { return h.Key }))
	payload.Column(w, "holdout.salt", texts(w, p.Holdouts, model.Holdout.Salt))
	column(w, "holdout.slots", p.Holdouts, func(h model.Holdout) uint16 { return uint16(h.Slots) })
}

func writeExperiments(w *payload.Writer, p *model.Program) {
	e := p.Experiments
	payload.Column(w, "experiment.key", texts(w, e, func(e model.Experiment) string { return e.Key }))
	column(w, "experiment.kind", e, func(e model.Experiment) uint8 { return uint8(e.Kind) })
	writeKilled(w, e)
	column(w, "experiment.unit", e, func(e model.Experiment) uint8 { return uint8(e.Unit) })
	payload.Column(w, "experiment.salt", texts(w, e, func(e model.Experiment) string { return e.Salt }))
	column(w, "experiment.layer", e, func(e model.Experiment) uint16 { return orNone(e.Layer) })
	ends(w, "experiment.holdouts.end", e, func(e model.Experiment) int { return len(e.Holdouts) })
	column(w, "experiment.holdout", flatten(e, func(e model.Experiment) []int { return e.Holdouts }), asUint16)
	column(w, "experiment.start", e, func(e model.Experiment) uint64 { return uint64(e.Start) })
	column(w, "experiment.end", e, func(e model.Experiment) uint64 { return uint64(e.End) })
	column(w, "experiment.phase", e, func(e model.Experiment) uint32 { return uint32(e.Phase) })
	ends(w, "experiment.variants.end", e, func(e model.Experiment) int { return len(e.Variants) })
	column(w, "experiment.default", e, func(e model.Experiment) uint16 { return orNone(e.Default) })
	ends(w, "experiment.rules.end", e, func(e model.Experiment) int { return len(e.Rules) })

	prerequisites := flatten(e, func(e model.Experiment) []model.Prerequisite { return e.Prerequisites })
	ends(w, "experiment.prerequisites.end", e, func(e model.Experiment) int { return len(e.Prerequisites) })
	column(w, "prerequisite.experiment", prerequisites, func(p model.Prerequisite) uint32 { return uint32(p.Experiment) })
	ends(w, "prerequisite.variants.end", prerequisites, func(p model.Prerequisite) int { return len(p.Variants) })
	column(w, "prerequisite.variant", flatten(prerequisites, func(p model.Prerequisite) []int { return p.Variants }), asUint16)

	variants := flatten(e, func(e model.Experiment) []model.Variant { return e.Variants })
	payload.Column(w, "variant.key", texts(w, variants, func(v model.Variant) string { return v.Key }))
	payload.Column(w, "variant.name", texts(w, variants, func(v model.Variant) string { return v.Name }))
	payload.Column(w, "variant.config", texts(w, variants, func(v model.Variant) string { return v.Config }))
}

// writeApplications writes nothing if the program has no applications.
func writeApplications(w *payload.Writer, p *model.Program) {
	if len(p.Applications) == 0 {
		return
	}
	payload.Column(w, "application.name", texts(w, p.Applications, func(s string) string { return s }))
	column(w, "experiment.applications", p.Experiments, func(e model.Experiment) uint32 {
		if len(e.Applications) == 0 {
			return payload.EveryApplication
		}
		set := uint32(0)
		for _, i := range e.Applications {
			set |= 1 << i
		}
		return set
	})
}

// writeRoutes writes only the columns that some experiment needs.
func writeRoutes(w *payload.Writer, e []model.Experiment) {
	if routes := flatten(e, func(e model.Experiment) []string { return e.Routes }); routes != nil {
		ends(w, "experiment.routes.end", e, func(e model.Experiment) int { return len(e.Routes) })
		payload.Column(w, "route.pattern", texts(w, routes, func(s string) string { return s }))
	}
	if slices.ContainsFunc(e, func(e model.Experiment) bool { return e.Sticky }) {
		column(w, "experiment.sticky", e, func(e model.Experiment) uint8 { return asUint8(e.Sticky) })
	}
}

func writeKilled(w *payload.Writer, e []model.Experiment) {
	column(w, "experiment.killed", e, func(e model.Experiment) uint8 { return asUint8(e.Killed) })
}

// flatten returns the entries of all items.
func flatten[E, T any](items []E, entries func(E) []T) []T {
	total := 0
	for _, item := range items {
		total += len(entries(item))
	}
	if total == 0 {
		return nil
	}
	table := make([]T, 0, total)
	for _, item := range items {
		table = append(table, entries(item)...)
	}
	return table
}

func asUint16(i int) uint16 { return uint16(i) }

func asUint8(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

func orNone(i int) uint16 {
	if i == model.None {
		return none16
	}
	return uint16(i)
}

// writeRules writes the rules of the experiments, in order, and then those of the exclusions, which
// only have an audience.
func writeRules(w *payload.Writer, p *model.Program, ix *index) {
	rules := rulesOf(p.Experiments, len(p.Exclusions))
	exclusions := make([]uint32, exclusionKinds)
	for kind := range exclusions {
		exclusions[kind] = none32
	}
	for i, x := range p.Exclusions {
		exclusions[x.Kind] = uint32(len(rules) - len(p.Exclusions) + i)
	}
	payload.Column(w, "exclusion.rule", exclusions)
	writeEnrolments(w, rules)

	ranges := flatten(rules, func(r model.Rule) []model.Range { return r.Slots })
	shares := flatten(rules, func(r model.Rule) []model.Share { return r.Split })
	ends(w, "rule.ranges.end", rules, func(r model.Rule) int { return len(r.Slots) })
	column(w, "range.from", ranges, func(r model.Range) uint16 { return uint16(r.From) })
	column(w, "range.to", ranges, func(r model.Range) uint16 { return uint16(r.To) })
	ends(w, "rule.shares.end", rules, func(r model.Rule) int { return len(r.Split) })
	column(w, "share.to", shares, func(s model.Share) uint16 { return uint16(s.To) })
	column(w, "share.variant", shares, func(s model.Share) uint16 { return uint16(s.Variant) })

	ends(w, "rule.clauses.end", ix.rules, func(places []int) int { return len(places) })
	column(w, "rule.clause", slices.Concat(ix.rules...), func(place int) uint32 { return uint32(place) })
}

// rulesOf returns the rules of the experiments, in order, and an empty rule for each exclusion.
func rulesOf(e []model.Experiment, exclusions int) []model.Rule {
	rules := flatten(e, func(e model.Experiment) []model.Rule { return e.Rules })
	return append(rules, make([]model.Rule, exclusions)...)
}

func writeEnrolments(w *payload.Writer, rules []model.Rule) {
	steps := flatten(rules, func(r model.Rule) []model.Step { return r.Ramp })
	column(w, "rule.traffic", rules, func(r model.Rule) uint16 { return uint16(r.Traffic) })
	ends(w, "rule.steps.end", rules, func(r model.Rule) int { return len(r.Ramp) })
	column(w, "step.at", steps, func(s model.Step) uint64 { return uint64(s.At) })
	column(w, "step.traffic", steps, func(s model.Step) uint16 { return uint16(s.Traffic) })
}

func writeOverrides(w *payload.Writer, p *model.Program) {
	type override struct {
		model.Override
		experiment int
	}
	var all []override
	for i, e := range p.Experiments {
		for _, o := range e.Overrides {
			all = append(all, override{o, i})
		}
	}
	slices.SortFunc(all, func(a, b override) int {
		return cmp.Or(cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.experiment, b.experiment))
	})
	column(w, "override.hash", all, func(o override) uint64 { return o.Hash })
	column(w, "override.experiment", all, func(o override) uint32 { return uint32(o.experiment) })
	column(w, "override.variant", all, func(o override) uint16 { return uint16(o.Variant) })
}

// testOps has the numbers of the residual tests in the payload.
var testOps = map[model.Op]uint8{
	model.OpPrefix: 1, model.OpSuffix: 2, model.OpContains: 3, model.OpMatches: 4,
	model.OpSame: 5, model.OpBefore: 6, model.OpBeforeEq: 7, model.OpElapsed: 8,
}

func writeIndex(w *payload.Writer, ix *index) {
	tests := flatten(ix.clauses, func(c placed) []test { return c.tests })
	ends(w, "clause.tests.end", ix.clauses, func(c placed) int { return len(c.tests) })
	column(w, "test.op", tests, func(t test) uint8 { return testOps[t.Op] })
	column(w, "test.negated", tests, func(t test) uint8 { return asUint8(t.negated) })
	column(w, "test.attribute", tests, func(t test) uint16 { return uint16(t.Attr) })
	column(w, "test.argument", tests, func(t test) uint64 { return ix.argument(w, t) })
	classes := make([]uint8, 0, 256*len(ix.automata))
	for _, a := range ix.automata {
		classes = append(classes, a.Classes[:]...)
	}
	payload.Column(w, "automaton.class", classes)
	column(w, "automaton.width", ix.automata, func(a *automaton.Automaton) uint16 { return uint16(a.Width) })
	ends(w, "automaton.next.end", ix.automata, func(a *automaton.Automaton) int { return len(a.Next) })
	payload.Column(w, "automaton.next", flatten(ix.automata, func(a *automaton.Automaton) []uint16 { return a.Next }))

	var values []uint64
	for _, a := range ix.axes {
		for _, s := range a.strings {
			values = append(values, uint64(w.Text(s)))
		}
		values = append(values, a.ordered...)
	}
	column(w, "axis.kind", ix.axes, func(a axis) uint8 { return uint8(a.kind) })
	column(w, "axis.of", ix.axes, func(a axis) uint16 { return uint16(a.of) })
	column(w, "axis.width", ix.width, func(n int) uint32 { return uint32(n) })
	ends(w, "axis.values.end", ix.axes, func(a axis) int { return len(a.strings) + len(a.ordered) })
	payload.Column(w, "value", values)
	ends(w, "axis.cells.end", ix.axes, func(a axis) int { return a.size() })
	column(w, "cell.row", slices.Concat(ix.cellRow...), func(row int) uint32 { return uint32(row) })

	ends(w, "block.axes.end", ix.blocks, func(e []entry) int { return len(e) })
	entries := slices.Concat(ix.blocks...)
	column(w, "block.axis", entries, func(e entry) uint16 { return uint16(e.axis) })
	column(w, "block.word", entries, func(e entry) uint32 { return uint32(e.word) })
	payload.Column(w, "row.bits", ix.rows)
}
