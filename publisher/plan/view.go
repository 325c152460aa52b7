package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/audience"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// view is a state with its audiences as expressions. A payload does not hold them; those of a
// revision are compiled from the text in its declaration, with the attributes and segments of
// the next program.
type view struct {
	State
	unknown map[string]bool // keys of experiments and flags whose audiences are not known
}

// find returns the index of an experiment or flag, or model.None.
func (v *view) find(key string) int {
	i, found := slices.BinarySearchFunc(v.Program.Experiments, key, func(e model.Experiment, key string) int { return cmp.Compare(e.Key, key) })
	if !found {
		return model.None
	}
	return i
}

func (v *view) at(i int) *model.Experiment {
	if i == model.None {
		return nil
	}
	return &v.Program.Experiments[i]
}

// withTerms is the program of a revision with the attributes and segments that its declaration
// names: those of a payload are numbers.
func withTerms(published State) *model.Program {
	p := *published.Program
	if published.Declaration == nil {
		return &p
	}
	p.Attributes, p.Segments = nil, nil
	for _, a := range published.Declaration.Attributes {
		p.Attributes = append(p.Attributes, model.Attribute{Name: a.Name, Type: typeOf(a.Type)})
	}
	for _, s := range published.Declaration.Segments {
		p.Segments = append(p.Segments, model.Segment{Key: s.Key})
	}
	return &p
}

// typeOf is the type that a declaration calls so.
func typeOf(name string) model.Type {
	for t := model.String; t <= model.StringList; t++ {
		if t.String() == name {
			return t
		}
	}
	return 0 // an expression that uses it does not compile
}

// restore compiles the audiences of a revision from its declaration, in the terms of a program. It
// takes those from like, a view in the same terms, that are the same there; nil for none.
func restore(published State, terms *model.Program, like *view) view {
	v := view{State: published, unknown: map[string]bool{}}
	p := *published.Program
	p.Attributes, p.Segments = terms.Attributes, terms.Segments
	p.Experiments = slices.Clone(published.Program.Experiments)
	v.Program = &p
	texts := audienceTexts(published.Declaration)
	r := newRestorer(published.Declaration, terms)
	if like != nil && like.Declaration != nil {
		r.take(like)
	}
	for i := range p.Experiments {
		e := &p.Experiments[i]
		of, known := texts[e.Key]
		if !known || len(of) != len(e.Rules) {
			v.unknown[e.Key] = true
			continue
		}
		e.Rules = slices.Clone(e.Rules)
		for j, text := range of {
			expr, ok := r.expression(text)
			e.Rules[j].Audience = expr
			v.unknown[e.Key] = v.unknown[e.Key] || !ok
		}
	}
	return v
}

// audienceTexts lists, by key, the audience of each rule.
func audienceTexts(r *declaration.Declaration) map[string][]string {
	texts := map[string][]string{}
	if r == nil {
		return texts
	}
	for _, e := range r.Experiments {
		texts[e.Key] = []string{e.Audience}
	}
	for _, f := range r.Flags {
		texts[f.Key] = []string{}
		for _, rule := range f.Rules {
			texts[f.Key] = append(texts[f.Key], rule.Audience)
		}
	}
	return texts
}

// restorer compiles the texts of a declaration with the attributes and segments of another
// program. It cannot restore a text that uses a name which this program does not have, or
// has with another type.
type restorer struct {
	scope *audience.Scope
	same  bool              // every attribute of the program means the same in the declaration
	named map[string]string // texts of named audiences
	done  map[string]bool
	known map[string]*model.Expr // by text
}

func newRestorer(r *declaration.Declaration, next *model.Program) *restorer {
	x := &restorer{named: map[string]string{}, done: map[string]bool{}, known: map[string]*model.Expr{}, same: r != nil}
	attributes := slices.Clone(next.Attributes)
	segments := make([]string, len(next.Segments))
	for i, s := range next.Segments {
		segments[i] = s.Key
	}
	if r != nil {
		for i := range attributes {
			same := slices.Contains(r.Attributes, declaration.Attribute{Name: attributes[i].Name, Type: attributes[i].Type.String()})
			if !same {
				attributes[i].Type = 0 // an expression that uses it does not compile
				x.same = false
			}
		}
		for _, a := range r.Audiences {
			x.named[a.Key] = a.Text
		}
	}
	x.scope = audience.NewScope(attributes, segments)
	return x
}

// take makes known what texts are compiled to in a view of the same program, if they mean the same
// here. Where the named audiences are others, a text that may use one is compiled.
func (r *restorer) take(like *view) {
	if !r.same {
		return
	}
	named := map[string]string{}
	for _, a := range like.Declaration.Audiences {
		named[a.Key] = a.Text
	}
	alike := maps.Equal(named, r.named)
	texts := audienceTexts(like.Declaration)
	for i := range like.Program.Experiments {
		e := &like.Program.Experiments[i]
		of := texts[e.Key]
		if len(of) != len(e.Rules) || like.unknown[e.Key] {
			continue
		}
		for j, text := range of {
			if alike || !strings.Contains(text, "audience") {
				r.known[text] = e.Rules[j].Audience
			}
		}
	}
}

// expression compiles a text. An empty text matches every request. It reports false if the
// text does not compile.
func (r *restorer) expression(text string) (*model.Expr, bool) {
	if text == "" {
		return nil, true
	}
	if expr := r.known[text]; expr != nil {
		return expr, true
	}
	x, mistake := audience.Parse(text)
	if mistake != nil {
		return nil, false
	}
	for _, ref := range x.References() {
		if named, ok := r.named[ref.Key]; ok && !r.done[ref.Key] {
			r.done[ref.Key] = true // a directory without mistakes has no cycles
			expr, _ := r.expression(named)
			r.scope.Define(ref.Key, expr)
		}
	}
	expr, mistakes := r.scope.Compile(x)
	return expr, expr != nil && len(mistakes) == 0
}

// differs reports whether the experiments with these indexes assign variants differently, apart
// from their audiences and prerequisites. Programs have other indexes for the same names. If
// audiences are known, it counts which rules of a flag have none, because these decide which units
// the next rule gets.
func (c *comparison) differs(b, a int) bool {
	if b == model.None || a == model.None {
		return b != a
	}
	x, y := c.live.at(b), c.next.at(a)
	p, q := c.live.Program, c.next.Program
	everybody := !c.unknown(y.Key) && y.Kind == model.KindFlag
	return x.Kind != y.Kind || p.Units[x.Unit] != q.Units[y.Unit] || x.Salt != y.Salt || x.Phase != y.Phase ||
		x.Killed != y.Killed || x.Start != y.Start || x.End != y.End ||
		layerOf(p, x) != layerOf(q, y) || defaultOf(x) != defaultOf(y) ||
		!slices.EqualFunc(x.Holdouts, y.Holdouts, func(i, j int) bool { return p.Holdouts[i] == q.Holdouts[j] }) ||
		!slices.EqualFunc(x.Rules, y.Rules, func(r, s model.Rule) bool {
			return r.Traffic == s.Traffic && slices.Equal(r.Slots, s.Slots) && slices.Equal(r.Ramp, s.Ramp) &&
				slices.EqualFunc(r.Split, s.Split, func(i, j model.Share) bool {
					return i.To == j.To && x.Variants[i.Variant].Key == y.Variants[j.Variant].Key
				}) && (!everybody || (r.Audience == nil) == (s.Audience == nil))
		})
}

// layerOf is the key of an experiment's layer; empty for none.
func layerOf(p *model.Program, e *model.Experiment) string {
	if e.Layer == model.None {
		return ""
	}
	return p.Layers[e.Layer].Key
}

// defaultOf is the key of a flag's default variant; empty for none.
func defaultOf(e *model.Experiment) string {
	if e.Default == model.None {
		return ""
	}
	return e.Variants[e.Default].Key
}

// unknown reports whether the audiences of an experiment or flag are not known before or
// after.
func (c *comparison) unknown(key string) bool { return c.live.unknown[key] || c.next.unknown[key] }
