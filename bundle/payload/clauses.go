package payload

import "fmt"

// Axis is an axis of a payload's audience index, with the name of what it looks at.
type Axis struct {
	Kind byte   // as the payload numbers it
	Of   string // name of the attribute, or key of the segment
	Text string // the value, for an axis that asks whether a list has it
}

// Clause is a clause of the audience index: the rule that it belongs to, and those of the
// axes that can rule it out, ascending.
type Clause struct {
	Rule int
	Axes []int
}

const (
	axisKindList    = 5
	axisKindSegment = 6

	blockClauses = 64 // clauses that one word of a row is about
)

// Clauses returns the axes, and the clauses in the order of their bits. The publisher keeps
// clauses at these places, so that deltas stay small.
func (r *Reader) Clauses() ([]Axis, []Clause, error) {
	c := r.columnReader()
	axes := c.axes()
	places := c.u32("rule.clause")
	clauses := make([]Clause, len(places))
	for i := range clauses {
		clauses[i].Rule = -1
	}
	for rule, span := range c.parts("rule.clauses.end", len(c.u16("rule.traffic")), len(places)) {
		for _, place := range of(places, span) {
			if int64(place) >= int64(len(clauses)) || clauses[place].Rule >= 0 {
				return nil, nil, fmt.Errorf("%w: clause %d is missing or repeated", ErrFormat, place)
			}
			clauses[place].Rule = rule
		}
	}
	alive := c.unruled(len(axes))
	blocks := (len(clauses) + blockClauses - 1) / blockClauses
	axisOf, words := c.u16("block.axis"), c.u32("block.word")
	if err := c.sameLength(len(axisOf), len(words)); err != nil {
		return nil, nil, err
	}
	for block, span := range c.parts("block.axes.end", blocks, len(axisOf)) {
		for i := span.from; i < span.to; i++ {
			axis, word := int(axisOf[i]), int(words[i])
			if axis >= len(axes) || word >= len(alive[axis]) {
				return nil, nil, fmt.Errorf("%w: block %d has an axis that does not exist", ErrFormat, block)
			}
			for bit := range min(blockClauses, len(clauses)-block*blockClauses) {
				if alive[axis][word]>>bit&1 == 0 {
					clause := &clauses[block*blockClauses+bit]
					clause.Axes = append(clause.Axes, axis)
				}
			}
		}
	}
	return axes, clauses, c.err
}

func (c *columnReader) axes() []Axis {
	kinds, ofs, values := c.u8("axis.kind"), c.u16("axis.of"), c.u64("value")
	attributes, segments := c.u32("attribute.name"), c.u32("segment.key")
	valuesOf := c.parts("axis.values.end", len(kinds), len(values))
	if c.sameLength(len(kinds), len(ofs)) != nil {
		return nil
	}
	axes := make([]Axis, len(kinds))
	for i := range axes {
		names := attributes
		if kinds[i] == axisKindSegment {
			names = segments
		}
		if int(ofs[i]) >= len(names) {
			c.err = fmt.Errorf("%w: axis %d refers to no attribute or segment", ErrFormat, i)
			return nil
		}
		axes[i] = Axis{Kind: kinds[i], Of: c.string(names[ofs[i]])}
		if at := of(values, valuesOf[i]); kinds[i] == axisKindList && len(at) == 1 {
			axes[i].Text = c.string(uint32(at[0]))
		}
	}
	return axes
}

// unruled is, by axis, the AND of its rows: the clauses that no cell rules out.
func (c *columnReader) unruled(axes int) [][]uint64 {
	rows, cells, widths := c.u64("row.bits"), c.u32("cell.row"), c.u32("axis.width")
	cellsOf := c.parts("axis.cells.end", axes, len(cells))
	alive := make([][]uint64, axes)
	if c.sameLength(axes, len(widths)) != nil {
		return alive
	}
	for axis := range alive {
		n := uint64(0)
		for _, row := range of(cells, cellsOf[axis]) {
			n = max(n, uint64(row)+1)
		}
		if n == 0 || n*uint64(widths[axis]) > uint64(len(rows)) {
			c.err = fmt.Errorf("%w: axis %d has no rows, or more than the column has", ErrFormat, axis)
			return alive
		}
		alive[axis] = make([]uint64, widths[axis])
		for word := range alive[axis] {
			alive[axis][word] = ^uint64(0)
			for _, bits := range rows[:n] {
				alive[axis][word] &= bits
			}
			rows = rows[n:]
		}
	}
	return alive
}
