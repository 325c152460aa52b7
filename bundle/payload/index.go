package payload

import "slices"

// Index is the audience index of a payload, decoded for publishers.
type Index struct {
	Axes     []IndexAxis
	Clauses  []IndexClause // in the order of their bits
	Automata []Automaton
}

// IndexAxis is an axis with its values, ascending. The package comment describes axes.
type IndexAxis struct {
	Kind    byte     // as the payload numbers it
	Of      int      // index of an attribute, or of a segment
	Strings []string // values of an axis of strings, versions, or of one value of a list
	Ordered []uint64 // values of an axis of numbers or times
	Cells   int
}

// IndexClause is a conjunction.
type IndexClause struct {
	Rule     int
	Literals []IndexLiteral // ascending by axis
	Tests    []IndexTest
}

// IndexLiteral is a clause's condition on one axis: bit c of the words says whether the clause
// can match in cell c.
type IndexLiteral struct {
	Axis  int
	Cells []uint64
}

// IndexTest is a residual test.
type IndexTest struct {
	Op        byte
	Negated   bool
	Attribute int
	Argument  uint64
	Text      string // that the argument is the number of; empty if it is of none
}

// Automaton is the table of a regular expression.
type Automaton struct {
	Classes [automatonClasses]uint8
	Width   int
	Next    []uint16
}

// Kinds of axes whose values are texts, beside axisKindList.
const (
	axisKindSet     = 1
	axisKindVersion = 3
)

// automatonClasses is the number of classes of an automaton, one for each byte.
const automatonClasses = 256

// Index returns the clauses of the rules for which keep is true, with all axes and
// automata.
func (r *Reader) Index(keep func(rule int) bool) (*Index, error) {
	named, clauses, err := r.Clauses()
	if err != nil {
		return nil, err
	}
	c := r.columnReader()
	cells := c.u32("cell.row")
	cellsOf := c.parts("axis.cells.end", len(named), len(cells))
	ix := &Index{Axes: c.indexAxes(cellsOf), Automata: c.automata()}
	tests := c.tests(len(clauses))
	words, rows := c.wordsOfBlocks(len(clauses)), c.rows(cells, cellsOf)
	if c.err != nil {
		return nil, c.err
	}
	for place, clause := range clauses {
		if !keep(clause.Rule) {
			continue
		}
		kept := IndexClause{Rule: clause.Rule, Tests: tests[place]}
		slices.Sort(clause.Axes)
		for _, axis := range clause.Axes {
			word := rows[axis][words[place/blockClauses][axis]]
			l := IndexLiteral{axis, make([]uint64, (ix.Axes[axis].Cells+63)/64)}
			for cell, row := range of(cells, cellsOf[axis]) {
				l.Cells[cell/64] |= word[row] >> (place % blockClauses) & 1 << (cell % 64)
			}
			kept.Literals = append(kept.Literals, l)
		}
		ix.Clauses = append(ix.Clauses, kept)
	}
	return ix, nil
}

// indexAxes reads the axes, which Clauses has checked, with their values.
func (c *columnReader) indexAxes(cellsOf []part) []IndexAxis {
	kinds, ofs, values := c.u8("axis.kind"), c.u16("axis.of"), c.u64("value")
	axes := make([]IndexAxis, len(kinds))
	for i, span := range c.parts("axis.values.end", len(kinds), len(values)) {
		a := IndexAxis{Kind: kinds[i], Of: int(ofs[i]), Cells: int(cellsOf[i].to - cellsOf[i].from)}
		for _, v := range of(values, span) {
			switch a.Kind {
			case axisKindSet, axisKindVersion, axisKindList:
				a.Strings = append(a.Strings, c.string(uint32(v)))
			default:
				a.Ordered = append(a.Ordered, v)
			}
		}
		axes[i] = a
	}
	return axes
}

// wordsOfBlocks says for each block, by axis, which word of the axis's rows is the block's.
func (c *columnReader) wordsOfBlocks(clauses int) []map[int]uint32 {
	axes, words := c.u16("block.axis"), c.u32("block.word")
	blocks := make([]map[int]uint32, (clauses+blockClauses-1)/blockClauses)
	for block, span := range c.parts("block.axes.end", len(blocks), len(axes)) {
		blocks[block] = map[int]uint32{}
		for i := span.from; i < span.to; i++ {
			blocks[block][int(axes[i])] = words[i]
		}
	}
	return blocks
}

// rows are the rows of each axis, by word: those that Clauses has found to be there.
func (c *columnReader) rows(cells []uint32, cellsOf []part) [][][]uint64 {
	bits, widths := c.u64("row.bits"), c.u32("axis.width")
	rows := make([][][]uint64, len(cellsOf))
	for axis, span := range cellsOf {
		n := 1 + int(slices.Max(of(cells, span)))
		for range widths[axis] {
			rows[axis] = append(rows[axis], bits[:n])
			bits = bits[n:]
		}
	}
	return rows
}

// tests reads the residual tests of n clauses.
func (c *columnReader) tests(clauses int) [][]IndexTest {
	ops, negated := c.u8("test.op"), c.u8("test.negated")
	attributes, arguments := c.u16("test.attribute"), c.u64("test.argument")
	all := make([]IndexTest, len(ops))
	of := make([][]IndexTest, clauses)
	if c.sameLength(len(ops), len(negated), len(attributes), len(arguments)) != nil {
		return of
	}
	for i := range all {
		all[i] = IndexTest{Op: ops[i], Negated: negated[i] == 1, Attribute: int(attributes[i]), Argument: arguments[i]}
		switch ops[i] {
		case opPrefix, opSuffix, opContains:
			all[i].Text = c.string(uint32(arguments[i]))
		}
	}
	for i, span := range c.parts("clause.tests.end", clauses, len(all)) {
		of[i] = all[span.from:span.to]
	}
	return of
}

func (c *columnReader) automata() []Automaton {
	classes, widths, next := c.u8("automaton.class"), c.u16("automaton.width"), c.u16("automaton.next")
	automata := make([]Automaton, len(widths))
	if c.sameLength(len(classes), automatonClasses*len(widths)) != nil {
		return nil
	}
	for i, span := range c.parts("automaton.next.end", len(widths), len(next)) {
		automata[i] = Automaton{Width: int(widths[i]), Next: of(next, span)}
		copy(automata[i].Classes[:], classes[automatonClasses*i:])
	}
	return automata
}
