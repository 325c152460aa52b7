package config

import (
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/audience"
)

// expression compiles an expression over the attributes. It returns nil if the file does not
// give one or if it has mistakes.
func (l *loader) expression(text At[string]) *model.Expr {
	if expr, ok := l.cache.expression(text.Value); ok {
		return expr
	}
	x := l.parse(text)
	if x == nil {
		return nil
	}
	expr := l.compile(text, x)
	if expr != nil {
		l.cache.keepExpression(text.Value, x.References(), expr)
	}
	return expr
}

func (l *loader) parse(text At[string]) *audience.Expression {
	if !text.Given() {
		return nil
	}
	x, mistake := audience.Parse(text.Value)
	if mistake != nil {
		l.mistake(text, *mistake)
		return nil
	}
	return x
}

func (l *loader) compile(text At[string], x *audience.Expression) *model.Expr {
	expr, mistakes := l.scope.Compile(x)
	for _, m := range mistakes {
		l.mistake(text, m)
	}
	return expr
}

// mistake reports a mistake inside an expression, at its place in the file.
func (l *loader) mistake(text At[string], m audience.Mistake) {
	l.fail(l.inside(text, m.Offset), m.Message, m.Hint)
}

func (l *loader) inside(text At[string], offset int) Pos {
	s := l.source(text.Pos.File)
	if s == nil {
		return text.Pos
	}
	return s.locate(text.Pos, text.Value, offset)
}

// resolveAudiences compiles the named audiences, each after those that it refers to.
func (l *loader) resolveAudiences() {
	entries := l.project.File.Audiences.Entries
	r := &audienceResolver{loader: l, byKey: make(map[string]*namedAudience, len(entries))}
	for _, e := range entries {
		l.checkKey(e.Key, "an audience")
		l.scope.Define(e.Key.Value, nil)
		r.byKey[e.Key.Value] = &namedAudience{key: e.Key.Value, text: e.Value, parsed: l.parse(e.Value)}
	}
	for _, e := range entries {
		r.resolve(r.byKey[e.Key.Value])
		l.project.Audiences = append(l.project.Audiences, Audience{
			Key: e.Key.Value, Text: e.Value.Value, Expr: r.byKey[e.Key.Value].expr,
		})
	}
	slices.SortFunc(l.project.Audiences, func(a, b Audience) int { return strings.Compare(a.Key, b.Key) })
	l.cache.setScope(l.project)
}

type namedAudience struct {
	key    string
	text   At[string]
	parsed *audience.Expression // nil after a mistake
	expr   *model.Expr
	done   bool
}

// audienceResolver follows the references between audiences, depth first.
type audienceResolver struct {
	*loader
	byKey map[string]*namedAudience
	path  []string // keys of the audiences being resolved; each refers to the next
}

func (r *audienceResolver) resolve(a *namedAudience) {
	if a.done || a.parsed == nil {
		return
	}
	r.path = append(r.path, a.key)
	ok := true
	for _, ref := range a.parsed.References() {
		if start := slices.Index(r.path, ref.Key); start >= 0 {
			r.fail(r.inside(a.text, ref.Offset), "audiences refer to each other in a cycle",
				strings.Join(append(slices.Clone(r.path[start:]), ref.Key), " → "))
			ok = false
			continue
		}
		if named := r.byKey[ref.Key]; named != nil {
			r.resolve(named)
		}
	}
	r.path = r.path[:len(r.path)-1]
	a.done = true
	if expr := r.compile(a.text, a.parsed); ok {
		a.expr = expr
		r.scope.Define(a.key, expr)
	}
}
