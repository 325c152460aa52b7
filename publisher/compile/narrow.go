package compile

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/automaton"
)

// narrow returns an index of the given clauses in the same order. It has only the axes and values
// that distinguish cells for these clauses. The new index of old rule i is rules[i].
func narrow(parts *payload.Index, rules []int) *index {
	ix := &index{rules: make([][]int, len(keep(rules, rules))), automaton: map[string]int{}}
	views := viewsOf(parts)
	axes := make([]int, len(views))
	for i, v := range views {
		axes[i] = model.None
		if v != nil {
			axes[i] = len(ix.axes)
			ix.axes = append(ix.axes, v.axis)
		}
	}
	for at, c := range parts.Clauses {
		rule := rules[c.Rule]
		narrowed := placed{rule: rule}
		for _, l := range c.Literals {
			narrowed.literals = append(narrowed.literals, literal{axes[l.Axis], views[l.Axis].look(l)})
		}
		for _, t := range c.Tests {
			narrowed.tests = append(narrowed.tests, ix.test(t, parts.Automata))
		}
		ix.clauses = append(ix.clauses, narrowed)
		ix.rules[rule] = append(ix.rules[rule], at)
	}
	ix.fill()
	return ix
}

// test returns a residual test in the form of the compiler. A payload does not have the pattern of
// an automaton, so the number of the automaton replaces the pattern.
func (ix *index) test(t payload.IndexTest, automata []payload.Automaton) test {
	e := &model.Expr{Op: opOfTest[t.Op], Attr: t.Attribute}
	switch e.Op {
	case model.OpMatches:
		number := fmt.Sprint(t.Argument)
		if _, ok := ix.automaton[number]; !ok {
			a := automata[t.Argument]
			ix.automaton[number] = len(ix.automata)
			ix.automata = append(ix.automata, &automaton.Automaton{Classes: a.Classes, Width: a.Width, Next: a.Next})
		}
		e.Strings = []string{number}
	case model.OpSame, model.OpBefore, model.OpBeforeEq:
		e.Other = int(t.Argument)
	case model.OpElapsed:
		e.Elapsed = int64(t.Argument)
	default:
		e.Strings = []string{t.Text}
	}
	return test{e, t.Negated}
}

// opOfTest is the inverse of testOps.
var opOfTest = func() map[uint8]model.Op {
	ops := map[uint8]model.Op{}
	for op, number := range testOps {
		ops[number] = op
	}
	return ops
}()

// view is an axis reduced to some of its values.
type view struct {
	axis
	cells []int // by cell: a cell of the full axis within it
}

// viewsOf returns, for each axis, the view that the clauses need; nil if no clause has the axis.
func viewsOf(parts *payload.Index) []*view {
	needed := make([][]bool, len(parts.Axes)) // by value
	for _, c := range parts.Clauses {
		for _, l := range c.Literals {
			a := &parts.Axes[l.Axis]
			if needed[l.Axis] == nil {
				needed[l.Axis] = make([]bool, len(a.Strings)+len(a.Ordered))
			}
			cells := bitset{a.Cells, l.Cells}
			for value := range needed[l.Axis] {
				needed[l.Axis][value] = needed[l.Axis][value] || tells(axisKind(a.Kind), cells, value)
			}
		}
	}
	views := make([]*view, len(parts.Axes))
	for i, values := range needed {
		if values != nil {
			views[i] = newView(&parts.Axes[i], values)
		}
	}
	return views
}

// tells reports whether a literal distinguishes the cells of a value from their neighbours.
func tells(kind axisKind, cells bitset, value int) bool {
	switch kind {
	case axisSet:
		return cells.has(2+value) != cells.has(1)
	case axisOrdered, axisVersion:
		below, at, above := cells.has(1+2*value), cells.has(2+2*value), cells.has(3+2*value)
		return below != at || at != above
	}
	return true
}

func newView(a *payload.IndexAxis, needed []bool) *view {
	v := &view{axis: axis{axisID: axisID{kind: axisKind(a.Kind), of: a.Of}}}
	if v.kind == axisList {
		v.text = a.Strings[0]
	}
	v.cells = []int{0, 1}
	for value, is := range needed {
		if !is {
			continue
		}
		if len(a.Strings) > 0 {
			v.strings = append(v.strings, a.Strings[value])
		} else {
			v.ordered = append(v.ordered, a.Ordered[value])
		}
		switch v.kind {
		case axisSet:
			v.cells = append(v.cells, 2+value)
		case axisOrdered, axisVersion:
			v.cells = append(v.cells, 2+2*value, 3+2*value)
		}
	}
	if v.size() > len(v.cells) { // the cells for true or inside, of kinds without values
		v.cells = append(v.cells, 2)
	}
	return v
}

// look returns the cells of a literal as cells of the view.
func (v *view) look(l payload.IndexLiteral) bitset {
	cells, all := newBitset(v.size()), bitset{words: l.Cells}
	for cell, of := range v.cells {
		if all.has(of) {
			cells.set(cell)
		}
	}
	return cells
}
