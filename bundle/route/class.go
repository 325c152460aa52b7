package route

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// MaxClasses bounds the ways in which the patterns of a table may overlap: each pattern is
// one, and so is what any of them have in common. A hundred thousand experiments may have
// a route each.
const MaxClasses = 250_000

// ErrTooManyClasses is wrapped by the error for a table over MaxClasses.
var ErrTooManyClasses = errors.New("routes overlap in too many ways")

// Class is a set of paths that the same entries touch.
type Class struct {
	Pattern string // one of the table's, or what several of them have in common
	Entries []int  // ascending
}

// Classes divides all paths that any pattern matches: each path is in one of the classes,
// or has the entries of one. They are in the order of their text.
func (t *Table) Classes() ([]Class, error) {
	w := walker{}
	if err := w.visit("", []*node{&t.root}, nil); err != nil {
		return nil, err
	}
	return w.classes, nil
}

// walker goes down all branches of a table that a path can follow at once.
type walker struct {
	classes []Class
	visited int
}

// visit stands before a segment: nodes are where the patterns are after the segments of
// prefix, and rest has the entries with an asterisk further up.
func (w *walker) visit(prefix string, nodes []*node, rest []int) error {
	if w.visited++; w.visited > MaxClasses {
		return fmt.Errorf("%w: more than %d; use fewer names in the middle of patterns", ErrTooManyClasses, MaxClasses)
	}
	var ends, deeper []int
	for _, n := range nodes {
		ends, deeper = append(ends, n.ends...), append(deeper, n.rest...)
	}
	if len(ends) > 0 {
		w.add(prefix, slices.Concat(rest, ends))
	}
	if len(deeper) > 0 {
		rest = slices.Concat(rest, deeper)
		w.add(prefix+"/*", rest)
	}
	texts := map[string]bool{}
	name := ""
	var named []*node
	for _, n := range nodes {
		for text := range n.texts {
			texts[text] = true
		}
		if n.name != nil {
			named = append(named, n.name)
			if name == "" {
				name = n.named
			}
		}
	}
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		var next []*node
		for _, n := range nodes {
			if child := n.texts[text]; child != nil {
				next = append(next, child)
			}
		}
		if text != "" {
			next = append(next, named...)
		}
		if err := w.visit(prefix+"/"+text, next, rest); err != nil {
			return err
		}
	}
	if len(named) > 0 {
		return w.visit(prefix+"/"+name, named, rest)
	}
	return nil
}

func (w *walker) add(pattern string, entries []int) {
	slices.Sort(entries)
	w.classes = append(w.classes, Class{pattern, slices.Clip(slices.Compact(entries))})
}
