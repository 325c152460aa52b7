package progtest

import (
	"slices"
	"strconv"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

const (
	maxDepth = 4
	maxArgs  = 4

	// maxClauses bounds the disjunctive normal form of an audience, and maxSteps the bytes
	// that the tests of all audiences look at together, well below what the compiler takes.
	maxClauses = 100
	maxSteps   = 4 << 20
)

// audience makes an expression, or gives one again: experiments share audiences. It
// gives nil, which matches everything, once the program's audiences are costly enough.
func (g *generator) audience() *model.Expr {
	var e *model.Expr
	if len(g.audiences) > 0 && g.chance(25) {
		e = pick(g.rng, g.audiences)
	} else {
		e = g.expr(maxDepth)
		if clauses(e, false) > maxClauses {
			e = g.test()
		}
		g.audiences = append(g.audiences, e)
	}
	cost := clauses(e, false) * steps(e)
	if g.steps+cost > maxSteps {
		return nil
	}
	g.steps += cost
	return e
}

// steps bounds the bytes that the tests of an audience look at, each made once.
func steps(e *model.Expr) int {
	n := 0
	for _, arg := range e.Args {
		n += steps(arg)
	}
	switch e.Op {
	case model.OpContains:
		return request.MaxStringLength * max(1, len(e.Strings[0]))
	case model.OpMatches, model.OpPrefix, model.OpSuffix, model.OpSame, model.OpBefore, model.OpBeforeEq:
		return request.MaxStringLength
	}
	return n
}

// clauses is the number of conjunctions in the disjunctive normal form of e, or of its
// negation, before any are merged.
func clauses(e *model.Expr, negated bool) int {
	if e.Op == model.OpNot {
		return clauses(e.Args[0], !negated)
	}
	if e.Op == model.OpHas && !negated {
		return len(e.Strings)
	}
	if e.Op != model.OpAnd && e.Op != model.OpOr {
		return 1
	}
	sum, product := 0, 1
	for _, arg := range e.Args {
		n := clauses(arg, negated)
		sum += n
		product *= n
	}
	if (e.Op == model.OpAnd) != negated {
		return product
	}
	return sum
}

func (g *generator) expr(depth int) *model.Expr {
	var e *model.Expr
	g.group(func() {
		if depth == 0 || !g.chance(65) {
			e = g.test()
			return
		}
		e = &model.Expr{Op: pick(g.rng, connectives), Args: []*model.Expr{g.expr(depth - 1)}}
		if e.Op != model.OpNot {
			e.Args = append(e.Args, g.expr(depth-1))
			// Two are by far the most common, or trees grow beyond anything people write.
			g.list(maxArgs-len(e.Args), 12, func() { e.Args = append(e.Args, g.expr(depth-1)) })
		}
	})
	return e
}

var connectives = []model.Op{model.OpNot, model.OpAnd, model.OpAnd, model.OpOr, model.OpOr}

func (g *generator) test() *model.Expr {
	if n := len(g.program.Segments); n > 0 && g.chance(8) {
		return &model.Expr{Op: model.OpSegment, Segment: g.rng.IntN(n)}
	}
	i := g.rng.IntN(len(g.program.Attributes))
	e := &model.Expr{Op: model.OpPresent, Attr: i}
	if g.chance(8) {
		return e
	}
	e.Op = pick(g.rng, operators[g.program.Attributes[i].Type])
	g.operand(e)
	return e
}

// operators are the tests of an attribute of each type, the common ones several times.
var operators = map[model.Type][]model.Op{
	model.String: {
		model.OpIn, model.OpIn, model.OpIn, model.OpPrefix, model.OpSuffix, model.OpContains,
		model.OpMatches, model.OpSame,
	},
	model.Number:     slices.Concat(ordered, ordered, between),
	model.Bool:       {model.OpTrue},
	model.Version:    slices.Concat(ordered, ordered, between),
	model.Time:       slices.Concat(ordered, between, []model.Op{model.OpElapsed, model.OpElapsed}),
	model.StringList: {model.OpHas},
}

var (
	ordered = []model.Op{model.OpEqual, model.OpLess, model.OpLessEq}
	between = []model.Op{model.OpSame, model.OpBefore, model.OpBeforeEq}
)

// operand gives a test what its operator needs.
func (g *generator) operand(e *model.Expr) {
	t := g.program.Attributes[e.Attr].Type
	switch e.Op {
	case model.OpIn, model.OpHas:
		e.Strings = g.strings()
	case model.OpPrefix, model.OpSuffix, model.OpContains:
		e.Strings = []string{pick(g.rng, stringPool)}
	case model.OpMatches:
		e.Strings = []string{pick(g.rng, patternPool)}
	case model.OpEqual, model.OpLess, model.OpLessEq:
		e.Value = g.literal(t)
	case model.OpSame, model.OpBefore, model.OpBeforeEq:
		e.Other = pick(g.rng, g.ofType(t))
	case model.OpElapsed:
		e.Elapsed = pick(g.rng, elapsedPool)
	}
}

// ofType are the attributes of a type, as indexes.
func (g *generator) ofType(t model.Type) []int {
	var list []int
	for i, a := range g.program.Attributes {
		if a.Type == t {
			list = append(list, i)
		}
	}
	return list
}

// strings are one to five distinct strings in order.
func (g *generator) strings() []string {
	list := make([]string, 1+g.rng.IntN(5))
	for i := range list {
		list[i] = pick(g.rng, stringPool)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (g *generator) literal(t model.Type) model.Value {
	switch t {
	case model.Number:
		f := pick(g.rng, numberPool)
		key, _ := assign.NumberKey(f)
		return model.Value{Ordered: key, Text: strconv.FormatFloat(f, 'g', -1, 64)}
	case model.Version:
		v := pick(g.rng, versionPool)
		key, _ := assign.VersionKey(v)
		return model.Value{Version: key, Text: v}
	default:
		ms := pick(g.rng, timePool).UnixMilli()
		return model.Value{
			Ordered: assign.TimeKey(ms),
			Text:    time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.999Z07:00"),
		}
	}
}
