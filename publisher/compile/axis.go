package compile

import (
	"cmp"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// axisKind is the kind of an axis, with the number of the payload format. Package payload
// describes the cells of each kind.
type axisKind uint8

const (
	axisSet axisKind = iota + 1
	axisOrdered
	axisVersion
	axisBool
	axisList
	axisSegment
	axisPresent
)

// axisID identifies an axis. There is an axis for each attribute and segment, and for each value
// that a list may contain.
type axisID struct {
	kind axisKind
	of   int    // attribute or segment
	text string // axisList: the value
}

// axis is a dimension of the index with its values, ascending.
type axis struct {
	axisID
	strings []string // axisSet: values; axisVersion: version keys; axisList: its value
	ordered []uint64 // axisOrdered
}

// size returns the number of cells. Cell 0 is for a missing value.
func (a *axis) size() int {
	switch a.kind {
	case axisSet:
		return len(a.strings) + 2
	case axisOrdered, axisVersion:
		return 2*(len(a.strings)+len(a.ordered)) + 2
	case axisPresent:
		return 2
	}
	return 3
}

// axes are the axes that the audiences of a program need, ascending by id.
type axes struct {
	attributes []model.Attribute
	all        []axis
	index      map[axisID]int
}

// collectAxes returns the axes and values in the expressions.
func collectAxes(attributes []model.Attribute, expressions []*model.Expr) *axes {
	strings := map[axisID]map[string]bool{}
	ordered := map[axisID]map[uint64]bool{}
	touch := func(id axisID) {
		if strings[id] == nil {
			strings[id], ordered[id] = map[string]bool{}, map[uint64]bool{}
		}
	}
	x := &axes{attributes: attributes, index: map[axisID]int{}}
	visit := func(e *model.Expr) {
		if _, residual := testOps[e.Op]; residual {
			return
		}
		switch e.Op {
		case model.OpAnd, model.OpOr, model.OpNot:
			return
		case model.OpHas:
			for _, s := range e.Strings {
				id := axisID{axisList, e.Attr, s}
				touch(id)
				strings[id][s] = true
			}
			return
		}
		id := x.id(e)
		touch(id)
		for _, s := range e.Strings {
			strings[id][s] = true
		}
		switch e.Op {
		case model.OpEqual, model.OpLess, model.OpLessEq:
			if id.kind == axisVersion {
				strings[id][e.Value.Version] = true
			} else {
				ordered[id][e.Value.Ordered] = true
			}
		}
	}
	for _, e := range expressions {
		walk(e, visit)
	}
	for id := range strings {
		x.all = append(x.all, axis{axisID: id, strings: sortedKeys(strings[id]), ordered: sortedKeys(ordered[id])})
	}
	slices.SortFunc(x.all, func(a, b axis) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.of, b.of), cmp.Compare(a.text, b.text))
	})
	for i, a := range x.all {
		x.index[a.axisID] = i
	}
	return x
}

// walk calls a function for every node of an expression, arguments first.
func walk(e *model.Expr, visit func(*model.Expr)) {
	if e == nil {
		return
	}
	for _, arg := range e.Args {
		walk(arg, visit)
	}
	visit(e)
}

func sortedKeys[K cmp.Ordered](set map[K]bool) []K {
	keys := make([]K, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// id returns the axis of a test of one attribute or segment.
func (x *axes) id(e *model.Expr) axisID {
	if e.Op == model.OpSegment {
		return axisID{kind: axisSegment, of: e.Segment}
	}
	id := axisID{of: e.Attr}
	switch x.attributes[e.Attr].Type {
	case model.String:
		id.kind = axisSet
	case model.Number, model.Time:
		id.kind = axisOrdered
	case model.Version:
		id.kind = axisVersion
	case model.Bool:
		id.kind = axisBool
	case model.StringList:
		id.kind = axisPresent
	}
	return id
}

// cells returns the axis of a test, and the cells in which the test holds.
func (x *axes) cells(e *model.Expr) (int, bitset) {
	i := x.index[x.id(e)]
	a := &x.all[i]
	set := newBitset(a.size())
	switch e.Op {
	case model.OpPresent:
		set.setUpTo(set.n - 1)
	case model.OpTrue, model.OpSegment:
		set.set(2)
	case model.OpIn:
		for _, s := range e.Strings {
			at, _ := slices.BinarySearch(a.strings, s)
			set.set(2 + at)
		}
	case model.OpEqual:
		set.set(2 + 2*a.find(e.Value))
	case model.OpLess:
		set.setUpTo(1 + 2*a.find(e.Value))
	case model.OpLessEq:
		set.setUpTo(2 + 2*a.find(e.Value))
	}
	return i, set
}

// list returns the axis of one value of a list, and the cell of lists that contain the value.
func (x *axes) list(attribute int, value string) (int, bitset) {
	i := x.index[axisID{axisList, attribute, value}]
	set := newBitset(x.all[i].size())
	set.set(2)
	return i, set
}

func (a *axis) find(v model.Value) int {
	var at int
	if a.kind == axisVersion {
		at, _ = slices.BinarySearch(a.strings, v.Version)
	} else {
		at, _ = slices.BinarySearch(a.ordered, v.Ordered)
	}
	return at
}
