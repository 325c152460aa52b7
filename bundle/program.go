package bundle

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Program returns the program of a payload without what only the core can use: no
// attributes, segments, audiences or exclusions. It is for the publisher, which
// continues the allocations of what is live, and for the analysis, which compares
// counts with splits.
func (p *Catalog) Program() (*model.Program, error) {
	entries, err := p.Experiments()
	if err != nil {
		return nil, err
	}
	c := p.reader()
	m := &model.Program{Environment: p.environment, Experiments: make([]model.Experiment, len(entries))}
	for _, id := range c.u32("unit.name") {
		m.Units = append(m.Units, c.string(id))
	}
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
	layers, holdouts := c.u16("experiment.layer"), c.u16("experiment.holdout")
	killed, defaults := c.u8("experiment.killed"), c.u16("experiment.default")
	starts, ends := c.u64("experiment.start"), c.u64("experiment.end")
	ruleEnds := c.u32("experiment.rules.end")
	if err := c.sameLength(len(entries), len(units), len(salts), len(layers), len(holdouts),
		len(killed), len(defaults), len(starts), len(ends), len(ruleEnds)); err != nil {
		return nil, err
	}
	rules, err := c.rules()
	if err != nil {
		return nil, err
	}
	from := uint32(0)
	for i, e := range entries {
		to := ruleEnds[i]
		if to < from || to > uint32(len(rules)) {
			return nil, fmt.Errorf("%w: rules of %q are out of range", ErrFormat, e.Key)
		}
		m.Experiments[i] = model.Experiment{
			Key: e.Key, Kind: e.Kind, Unit: int(units[i]), Salt: c.string(salts[i]),
			Layer: index(layers[i]), Holdout: index(holdouts[i]), Default: index(defaults[i]),
			Epoch: e.Epoch, Killed: killed[i] == 1, Start: int64(starts[i]), End: int64(ends[i]),
			Variants: e.Variants, Rules: rules[from:to:to],
		}
		from = to
	}
	return m, c.err
}

// rules reads the rules of all experiments and exclusions.
func (c *columnReader) rules() ([]model.Rule, error) {
	traffic, rangeEnds, shareEnds := c.u16("rule.traffic"), c.u32("rule.ranges.end"), c.u32("rule.shares.end")
	froms, tos := c.u16("range.from"), c.u16("range.to")
	shareTos, shareVariants := c.u16("share.to"), c.u16("share.variant")
	if err := c.sameLength(len(traffic), len(rangeEnds), len(shareEnds)); err != nil {
		return nil, err
	}
	if err := c.sameLength(len(froms), len(tos)); err != nil {
		return nil, err
	}
	if err := c.sameLength(len(shareTos), len(shareVariants)); err != nil {
		return nil, err
	}
	rules := make([]model.Rule, len(traffic))
	var fromRange, fromShare uint32
	for i := range rules {
		r := &rules[i]
		r.Traffic = int(traffic[i])
		toRange, toShare := rangeEnds[i], shareEnds[i]
		if toRange < fromRange || int(toRange) > len(froms) || toShare < fromShare || int(toShare) > len(shareTos) {
			return nil, fmt.Errorf("%w: rule %d refers outside its tables", ErrFormat, i)
		}
		for j := fromRange; j < toRange; j++ {
			r.Slots = append(r.Slots, model.Range{From: int(froms[j]), To: int(tos[j])})
		}
		for j := fromShare; j < toShare; j++ {
			r.Split = append(r.Split, model.Share{To: int(shareTos[j]), Variant: int(shareVariants[j])})
		}
		fromRange, fromShare = toRange, toShare
	}
	return rules, nil
}

// index is a 16-bit index of the payload, in which all ones mean none.
func index(v uint16) int {
	if v == 1<<16-1 {
		return model.None
	}
	return int(v)
}
