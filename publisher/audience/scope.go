package audience

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/common/ast"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Scope holds the names that expressions may use. Indexes in compiled expressions are those of
// the slices given to [NewScope]. A Scope is not safe for concurrent use.
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

// NewScope returns a scope with attributes and the keys of segments. The type of an attribute is
// zero if its declaration has mistakes. Expressions may use such an attribute, but they compile
// to nil.
func NewScope(attributes []model.Attribute, segments []string) *Scope {
	names := make([]string, len(attributes))
	for i, a := range attributes {
		names[i] = a.Name
	}
	return &Scope{attributes: attributes, names: names, segments: segments, audiences: map[string]named{}}
}

// Define defines audience("key") as expr. Expr is nil if the audience has mistakes, which have
// been reported. Expressions may use such an audience, but they compile to nil.
func (s *Scope) Define(key string, expr *model.Expr) {
	n := named{expr: expr}
	if expr != nil {
		n.size, n.depth = measure(expr)
	}
	s.audiences[key] = n
}

// Compile checks the types of x and translates it. The result is nil if there are mistakes in x
// or in the audiences and attributes that it uses.
func (s *Scope) Compile(x *Expression) (*model.Expr, []Mistake) {
	t := &translator{scope: s, x: x}
	expr := t.test(x.root)
	if expr != nil && t.mistakes == nil {
		if _, depth := measure(expr); depth > MaxDepth {
			t.fail(x.root, "the expression is nested more than "+fmt.Sprint(MaxDepth)+" levels deep, including named audiences",
				"nest less deeply, or use fewer levels of named audiences")
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

// translator converts one expression to a [model.Expr]. After a mistake its methods return nil,
// and the translation continues in order to find more mistakes.
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

// grow adds by to the size of the compiled audience, and reports false if it is too large. It
// adds a mistake, at e, only the first time.
func (t *translator) grow(e ast.Expr, by int) bool {
	t.size += by
	if t.size <= MaxSize {
		return true
	}
	if !t.tooLarge {
		t.tooLarge = true
		t.fail(e, fmt.Sprintf("the expression has more than %d tests and values, including named audiences", MaxSize),
			"use a segment, or send the answer as an attribute")
	}
	return false
}

// measure returns the number of tests and values in an expression, and its depth.
func measure(e *model.Expr) (size, depth int) {
	size = 1 + len(e.Strings)
	for _, arg := range e.Args {
		s, d := measure(arg)
		size, depth = size+s, max(depth, d)
	}
	return size, depth + 1
}
