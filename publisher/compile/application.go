package compile

import (
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
)

// ForApplication makes the payload of one application from the payload of all applications. It
// has the application's experiments and flags, and everything that these refer to. For an
// unknown name, it has the experiments and flags for every application.
//
// Allocations do not change, so both payloads give every unit the same decisions. Records differ
// only in the numbers of the experiments. Unit types and attributes keep their numbers. The
// result has no ledger.
//
// The result depends on the payload and the name alone, so operations and rollbacks can ignore
// applications.
func ForApplication(reader *payload.Reader, name string) ([]byte, error) {
	whole, err := reader.Whole()
	if err != nil {
		return nil, err
	}
	s := newScope(whole, name)
	parts, err := reader.Index(func(rule int) bool { return s.rules[rule] != model.None })
	if err != nil {
		return nil, err
	}
	ix := narrow(parts, s.rules)
	p := s.program(ix)
	order, err := reader.Texts()
	if err != nil {
		return nil, err
	}
	w := write(p, ix, nil)
	w = write(p, ix, inOrder(order, w.Texts()))
	bare, err := w.Bytes()
	if err != nil {
		return nil, err
	}
	vectors, err := reader.Vectors()
	if err != nil {
		return nil, err
	}
	return finish(w, bare, requestsOf(vectors))
}

// inOrder returns the texts in their order in the whole payload. That order changes little from
// one revision to the next.
func inOrder(order, texts []string) []string {
	wanted := make(map[string]bool, len(texts))
	for _, s := range texts {
		wanted[s] = true
	}
	return slices.DeleteFunc(slices.Clone(order), func(s string) bool { return !wanted[s] })
}

// scope is the part of a program that an application has. Its lists map old indexes to new ones,
// or to [model.None] if the item is omitted.
type scope struct {
	whole       *model.Program
	application int          // index into whole.Applications, or -1
	known       map[int]bool // by experiment: the result of has

	experiments, rules, layers, holdouts []int
}

// newScope returns the scope of an application. The rules are those of experiments and flags,
// followed by those of the exclusions, which all applications have.
func newScope(whole *model.Program, name string) *scope {
	s := &scope{whole: whole, application: slices.Index(whole.Applications, name), known: map[int]bool{}}
	var experiments, rules numbering
	layers, holdouts := make([]bool, len(whole.Layers)), make([]bool, len(whole.Holdouts))
	for i := range whole.Experiments {
		e, has := &whole.Experiments[i], s.has(i)
		experiments.add(has)
		for range e.Rules {
			rules.add(has)
		}
		if has && e.Layer != model.None {
			layers[e.Layer] = true
		}
		for _, h := range e.Holdouts {
			holdouts[h] = holdouts[h] || has
		}
	}
	for range whole.Exclusions {
		rules.add(true)
	}
	s.experiments, s.rules, s.layers, s.holdouts = experiments.index, rules.index, number(layers), number(holdouts)
	return s
}

// has reports whether the application has an experiment or flag. It does if the experiment and
// its prerequisites are for the application. For declared applications, package config ensures
// that prerequisites are.
func (s *scope) has(experiment int) bool {
	has, known := s.known[experiment]
	if known {
		return has
	}
	e := &s.whole.Experiments[experiment]
	has = len(e.Applications) == 0 || slices.Contains(e.Applications, s.application)
	for _, p := range e.Prerequisites {
		has = has && s.has(p.Experiment)
	}
	s.known[experiment] = has
	return has
}

// numbering returns the new numbers of the items of a list that are kept.
type numbering struct {
	index []int
	next  int
}

func (n *numbering) add(kept bool) {
	if !kept {
		n.index = append(n.index, model.None)
		return
	}
	n.index = append(n.index, n.next)
	n.next++
}

func number(kept []bool) []int {
	var n numbering
	for _, k := range kept {
		n.add(k)
	}
	return n.index
}

// keep returns the items that are kept, in their new order.
func keep[T any](items []T, index []int) []T {
	var kept []T
	for i, item := range items {
		if index[i] != model.None {
			kept = append(kept, item)
		}
	}
	return kept
}

// program returns the program of the application. It drops segments that are not in use, and
// renumbers the axes of the others.
func (s *scope) program(ix *index) *model.Program {
	used := make([]bool, len(s.whole.Segments))
	for _, i := range s.whole.OptOut {
		used[i] = true
	}
	for _, a := range ix.axes {
		if a.kind == axisSegment {
			used[a.of] = true
		}
	}
	segments := number(used)
	for i := range ix.axes {
		if a := &ix.axes[i]; a.kind == axisSegment {
			a.of = segments[a.of]
		}
	}
	p := *s.whole
	p.Applications, p.Ledger = nil, model.Ledger{}
	p.Segments, p.OptOut = keep(p.Segments, segments), renumber(p.OptOut, segments)
	p.Layers, p.Holdouts = keep(p.Layers, s.layers), keep(p.Holdouts, s.holdouts)
	p.Experiments = keep(p.Experiments, s.experiments)
	for i := range p.Experiments {
		e := &p.Experiments[i]
		e.Applications = nil
		if e.Layer != model.None {
			e.Layer = s.layers[e.Layer]
		}
		e.Holdouts = renumber(e.Holdouts, s.holdouts)
		e.Prerequisites = slices.Clone(e.Prerequisites)
		for j := range e.Prerequisites {
			e.Prerequisites[j].Experiment = s.experiments[e.Prerequisites[j].Experiment]
		}
	}
	return &p
}

func renumber(indexes, index []int) []int {
	var renumbered []int
	for _, i := range indexes {
		renumbered = append(renumbered, index[i])
	}
	return renumbered
}
