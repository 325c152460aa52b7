package payload

import (
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Program returns the program of a payload without attributes, segments, audiences, exclusions
// and overrides. The publisher uses it to continue the allocations of the live revision and to
// change that by command, and to compare counts with splits. Package compile says which
// changes can be written back.
func (r *Reader) Program() (*model.Program, error) {
	catalog, err := r.Catalog()
	if err != nil {
		return nil, err
	}
	c, n := r.columnReader(), catalog.Len()
	m := &model.Program{Units: catalog.units, Experiments: make([]model.Experiment, n)}
	for _, id := range c.u32("layer.key") {
		m.Layers = append(m.Layers, model.Layer{Key: c.string(id)})
	}
	slots := c.u16("holdout.slots")
	for i, id := range c.u32("holdout.key") {
		if i < len(slots) {
			m.Holdouts = append(m.Holdouts, model.Holdout{Key: c.string(id), Slots: int(slots[i])})
		}
	}
	units, salts := c.u8("experiment.unit"), c.u32("experiment.salt")
	layers, killed := c.u16("experiment.layer"), c.u8("experiment.killed")
	defaults := c.u16("experiment.default")
	starts, stops := c.u64("experiment.start"), c.u64("experiment.end")
	if err := c.sameLength(n, len(units), len(salts), len(layers), len(killed), len(defaults), len(starts), len(stops)); err != nil {
		return nil, err
	}
	holdouts := c.u16("experiment.holdout")
	holdoutsOf := c.parts("experiment.holdouts.end", n, len(holdouts))
	prerequisites := c.prerequisites()
	prerequisitesOf := c.parts("experiment.prerequisites.end", n, len(prerequisites))
	rules := c.rules()
	exclusions := c.exclusions()
	if exclusions > len(rules) {
		return nil, fmt.Errorf("%w: it has fewer rules than exclusions", ErrFormat)
	}
	rulesOf := c.parts("experiment.rules.end", n, len(rules)-exclusions)
	routes, sticky := c.routes(n), c.sticky(n)
	names, applications := c.applications(n)
	m.Applications = names
	m.Ledger = c.ledger()
	if c.err != nil {
		return nil, c.err
	}
	for i := range m.Experiments {
		x := model.Experiment{
			Key: catalog.Key(i), Kind: catalog.Kind(i), Unit: int(units[i]), Salt: c.string(salts[i]),
			Layer: index(layers[i]), Default: index(defaults[i]),
			Phase: catalog.Phase(i), Killed: killed[i] == 1, Start: model.Millis(starts[i]), End: model.Millis(stops[i]),
			Rules: of(rules, rulesOf[i]), Prerequisites: of(prerequisites, prerequisitesOf[i]),
			Applications: applications[i], Routes: routes[i], Sticky: sticky[i] == 1,
		}
		for v := range catalog.Variants(i) {
			x.Variants = append(x.Variants, catalog.Variant(i, v))
		}
		for _, h := range of(holdouts, holdoutsOf[i]) {
			x.Holdouts = append(x.Holdouts, int(h))
		}
		m.Experiments[i] = x
	}
	for _, clock := range m.Ledger.Clocks {
		i, live := catalog.Find(clock.Key)
		if !live || slices.ContainsFunc(clock.Ramps, func(r model.Ramp) bool { return r.Rule >= len(m.Experiments[i].Rules) }) {
			return nil, fmt.Errorf("%w: the clock of %q is for a rule that does not exist", ErrFormat, clock.Key)
		}
	}
	return m, c.err
}

// Exclusions returns the number of the program's exclusions.
func (r *Reader) Exclusions() (int, error) {
	c := r.columnReader()
	return c.exclusions(), c.err
}

// noRule is the rule of an exclusion that the program does not have.
const noRule = 1<<32 - 1

func (c *columnReader) exclusions() int {
	n := 0
	for _, rule := range c.u32("exclusion.rule") {
		if rule != noRule {
			n++
		}
	}
	return n
}

// part is the range of one row's entries in a table of the entries of all rows.
type part struct{ from, to uint32 }

func of[T any](table []T, p part) []T { return table[p.from:p.to:p.to] }

// parts reads the column of ends that divides a table of total entries among n rows.
// After an error it returns n empty parts.
func (c *columnReader) parts(name string, n, total int) []part {
	ends := c.u32(name)
	parts := make([]part, n)
	if len(ends) != n {
		c.complain(name)
		return parts
	}
	from := uint32(0)
	for i, to := range ends {
		if to < from || int64(to) > int64(total) {
			c.complain(name)
			return make([]part, n)
		}
		parts[i] = part{from, to}
		from = to
	}
	if int64(from) != int64(total) {
		c.complain(name)
	}
	return parts
}

func (c *columnReader) complain(name string) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: column %q does not divide its table", ErrFormat, name)
	}
}

// rules reads the rules of all experiments and exclusions.
func (c *columnReader) rules() []model.Rule {
	traffic := c.u16("rule.traffic")
	ranges, ramp := c.ranges("range.from", "range.to"), c.steps("step.at", "step.traffic")
	shareTos, shareVariants := c.u16("share.to"), c.u16("share.variant")
	if c.sameLength(len(shareTos), len(shareVariants)) != nil {
		return nil
	}
	shares := make([]model.Share, len(shareTos))
	for i := range shares {
		shares[i] = model.Share{To: int(shareTos[i]), Variant: int(shareVariants[i])}
	}
	rangesOf := c.parts("rule.ranges.end", len(traffic), len(ranges))
	stepsOf := c.parts("rule.steps.end", len(traffic), len(ramp))
	sharesOf := c.parts("rule.shares.end", len(traffic), len(shares))
	rules := make([]model.Rule, len(traffic))
	for i := range rules {
		rules[i] = model.Rule{
			Slots: of(ranges, rangesOf[i]), Traffic: int(traffic[i]), Ramp: of(ramp, stepsOf[i]), Split: of(shares, sharesOf[i]),
		}
	}
	return rules
}

func (c *columnReader) ranges(from, to string) []model.Range {
	froms, tos := c.u16(from), c.u16(to)
	if c.sameLength(len(froms), len(tos)) != nil {
		return nil
	}
	ranges := make([]model.Range, len(froms))
	for i := range ranges {
		ranges[i] = model.Range{From: int(froms[i]), To: int(tos[i])}
	}
	return ranges
}

func (c *columnReader) steps(at, traffic string) []model.Step {
	ats, traffics := c.u64(at), c.u16(traffic)
	if c.sameLength(len(ats), len(traffics)) != nil {
		return nil
	}
	steps := make([]model.Step, len(ats))
	for i := range steps {
		steps[i] = model.Step{At: model.Millis(ats[i]), Traffic: int(traffics[i])}
	}
	return steps
}

func (c *columnReader) prerequisites() []model.Prerequisite {
	experiments, variants := c.u32("prerequisite.experiment"), c.u16("prerequisite.variant")
	variantsOf := c.parts("prerequisite.variants.end", len(experiments), len(variants))
	all := make([]model.Prerequisite, len(experiments))
	for i := range all {
		all[i].Experiment = int(experiments[i])
		for _, v := range of(variants, variantsOf[i]) {
			all[i].Variants = append(all[i].Variants, int(v))
		}
	}
	return all
}

// index is a 16-bit index of the payload, in which all ones mean none.
func index(v uint16) int {
	if v == 1<<16-1 {
		return model.None
	}
	return int(v)
}
