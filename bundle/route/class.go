package route

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// MaxClasses is the largest number of classes of a table. Each pattern is a class, and each
// overlap of patterns is another. The limit leaves room for a hundred thousand experiments with
// a route each.
const MaxClasses = 250_000

// ErrTooManyClasses is the error for a table with more than [MaxClasses] classes.
var ErrTooManyClasses = errors.New("routes overlap in too many ways")

// Class is a set of paths that match patterns of the same entries.
type Class struct {
	Pattern string // a pattern of the table, or the overlap of several
	Entries []int  // ascending
}

// Classes divides the paths that match any pattern into classes, in the order of their
// patterns. For each such path there is a class with its entries.
func (t *Table) Classes() ([]Class, error) {
	w := walker{}
	if err := w.visit("", []*node{&t.root}, nil); err != nil {
		return nil, err
	}
	return w.classes, nil
}

// walker visits the tree of a table, following at once all branches that one path can take.
type walker struct {
	classes []Class
	visited int
}

// visit adds the classes of paths that begin with prefix. The nodes are those that the segments
// of prefix lead to, and rest has the entries of patterns with an asterisk within prefix.
func (w *walker) visit(prefix string, nodes []*node, rest []int) error {
	if w.visited++; w.visited > MaxClasses {
		return fmt.Errorf("%w; the limit is %d: use fewer names in the middle of patterns", ErrTooManyClasses, MaxClasses)
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
