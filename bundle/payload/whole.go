package payload

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Whole returns all of the program that can be read back: what [Reader.Program] returns, and
// also attributes, segments, opt-outs, overrides, and exclusions without their audiences.
// [Reader.Index] returns the clauses that the audiences were compiled to.
func (r *Reader) Whole() (*model.Program, error) {
	m, err := r.Program()
	if err != nil {
		return nil, err
	}
	c := r.columnReader()
	types := c.u8("attribute.type")
	for i, id := range c.u32("attribute.name") {
		if i < len(types) {
			m.Attributes = append(m.Attributes, model.Attribute{Name: c.string(id), Type: model.Type(types[i])})
		}
	}
	m.Segments = c.segments()
	for _, segment := range c.u32("opt_out.segment") {
		m.OptOut = append(m.OptOut, int(segment))
	}
	for kind, rule := range c.u32("exclusion.rule") {
		if rule != noRule {
			m.Exclusions = append(m.Exclusions, model.Exclusion{Kind: model.ExclusionKind(kind)})
		}
	}
	hashes, experiments, variants := c.u64("override.hash"), c.u32("override.experiment"), c.u16("override.variant")
	if err := c.sameLength(len(hashes), len(experiments), len(variants)); err != nil {
		return nil, err
	}
	for i, experiment := range experiments {
		if int64(experiment) >= int64(len(m.Experiments)) {
			return nil, fmt.Errorf("%w: an override is for experiment %d, which does not exist", ErrFormat, experiment)
		}
		e := &m.Experiments[experiment]
		e.Overrides = append(e.Overrides, model.Override{Hash: hashes[i], Variant: int(variants[i])})
	}
	return m, c.err
}

func (c *columnReader) segments() []model.Segment {
	keys, units, hashes := c.u32("segment.key"), c.u8("segment.unit"), c.u64("segment.hash")
	hashesOf := c.parts("segment.hashes.end", len(keys), len(hashes))
	if c.sameLength(len(keys), len(units)) != nil {
		return nil
	}
	segments := make([]model.Segment, len(keys))
	for i, key := range keys {
		segments[i] = model.Segment{Key: c.string(key), Unit: int(units[i]), Hashes: of(hashes, hashesOf[i])}
	}
	return segments
}
