package audience

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/common/ast"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Scope is what expressions may name. Indexes in compiled expressions are positions in
// the slices that it was made from. A Scope is not safe for concurrent use.
type Scope struct {
	attributes []model.Attribute
	names      []string
	segments   []string
	audiences  map[string]named
}

type named struct {
	expr        *model.Expr // nil if the audience itself has mistakes
	size, depth int
}

// NewScope makes a scope of attributes and the keys of segments. An attribute of type
// zero is one whose declaration has mistakes: expressions may name it, and compile to
// nil.
func NewScope(attributes []model.Attribute, segments []string) *Scope {
	names := make([]string, len(attributes))
	for i, a := range attributes {
		names[i] = a.Name
	}
	return &Scope{attributes: attributes, names: names, segments: segments, audiences: map[string]named{}}
}

// Define makes expr known as audience("key"). With a nil expr, expressions may name the
// audience, and compile to nil: its own mistakes are reported where they are.
func (s *Scope) Define(key string, expr *model.Expr) {
	n := named{expr: expr}
	if expr != nil {
		n.size, n.depth = measure(expr)
	}
	s.audiences[key] = n
}

// Compile checks the types of x and translates it. The result is nil if there are
// mistakes, here or in what x names.
func (s *Scope) Compile(x *Expression) (*model.Expr, []Mistake) {
	t := &translator{scope: s, x: x}
	expr := t.test(x.root)
	if expr != nil && t.mistakes == nil {
		if _, depth := measure(expr); depth > MaxDepth {
			t.fail(x.root, "the expression is nested more than "+fmt.Sprint(MaxDepth)+" levels deep, named audiences included",
				"write it flatter, or take fewer steps through named audiences")
		}
	}
	if t.mistakes != nil {
		slices.SortStableFunc(t.mistakes, func(a, b Mistake) int { return a.Offset - b.Offset })
		return nil, t.mistakes
	}
	return expr, nil
}

func (s *Scope) attribute(name string) int {
	return slices.IndexFunc(s.attributes, func(a model.Attribute) bool { return a.Name == name })
}

// translator turns one expression into a model.Expr. Its methods give nil after a
// mistake, and go on to find the next one.
type translator struct {
	scope    *Scope
	x        *Expression
	mistakes []Mistake
	size     int
	tooLarge bool
}

func (t *translator) fail(e ast.Expr, message, hint string) {
	t.failAt(t.x.offset(e), message, hint)
}

func (t *translator) failAt(offset int, message, hint string) {
	t.mistakes = append(t.mistakes, Mistake{Offset: offset, Message: message, Hint: hint})
}

// grow counts what expression e adds to the compiled audience, and reports once when
// it is too much.
func (t *translator) grow(e ast.Expr, by int) bool {
	t.size += by
	if t.size <= MaxSize {
		return true
	}
	if !t.tooLarge {
		t.tooLarge = true
		t.fail(e, fmt.Sprintf("the expression has more than %d tests and values, named audiences included", MaxSize),
			"use a segment, or send an attribute that says it directly")
	}
	return false
}

// measure gives the number of tests and values of an expression, and its levels.
func measure(e *model.Expr) (size, depth int) {
	size = 1 + len(e.Strings)
	for _, arg := range e.Args {
		s, d := measure(arg)
		size, depth = size+s, max(depth, d)
	}
	return size, depth + 1
}
