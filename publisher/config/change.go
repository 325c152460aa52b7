package config

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Change is a change to one value of a file.
type Change struct {
	// Path is the way to the value from the top of the file: the keys of mappings as
	// strings, and the indexes of lists as integers from 0.
	Path []any

	// Value is the new value: nil, a bool, a string, an integer, a float64, a [Mapping], a
	// map[string]any, which is written in the order of its keys, or a []any of these.
	// Anything else with a method MarshalText or String, such as a time or a [Percent], is
	// written as its text.
	Value any

	// Remove removes the entry instead, with the comments that belong to it.
	Remove bool

	insert bool // a new item before the index, in place of that at the index
}

// Mapping is a mapping whose keys are written in this order.
type Mapping []Member

// Member is a key of a Mapping and its value.
type Member struct {
	Key   string
	Value any
}

// Errors of [Rewrite].
var (
	// ErrNoValue says that the path leads to nothing. A key need not exist to be set, and
	// an item may be added behind the last one; all that comes before in the path must be
	// there.
	ErrNoValue = errors.New("there is no such value")

	// ErrByHand says that a change cannot be made without losing something else, such as a
	// comment between brackets, or without changing what an alias stands for.
	ErrByHand = errors.New("this has to be changed by hand")
)

// Rewrite changes values of a file of a project. All else stays as it is written: comments,
// the order of keys, empty lines, quotes and anchors. A file that is as [Format] writes it
// stays so. Where a mapping or a list changes in part, only those parts are written anew; a
// value that is equal already is not written at all.
//
// Name is the path of the file relative to the project. The file may be empty. Rewrite does
// not check the result against the rest of the project: see [LoadWith]. Errors are
// ErrNoValue, ErrByHand, or [Problems] if the file is not valid YAML.
func Rewrite(name string, data []byte, changes ...Change) ([]byte, error) {
	for _, c := range changes {
		var err error
		if data, err = rewrite(name, data, c); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, c.path(), err)
		}
	}
	return data, nil
}

func (c *Change) path() string {
	var b strings.Builder
	for _, step := range c.Path {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, step)
		}
	}
	return b.String()
}

func rewrite(name string, data []byte, c Change) ([]byte, error) {
	var err error
	if c.Value, err = normal(c.Value); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return newFile(name, c)
	}
	s, text, problem := newSource(name, data)
	if problem != nil {
		return nil, Problems{*problem}
	}
	root, problem := s.parse(text + "\n")
	if problem != nil {
		return nil, Problems{*problem}
	}
	before := plain(root, anchorsOf(root))
	want, err := applied(before, c.Path, c)
	if err != nil || reflect.DeepEqual(before, want) {
		return data, err
	}
	if parts := split(root, before, c); parts != nil {
		for _, part := range parts {
			if data, err = rewrite(name, data, part); err != nil {
				return nil, err
			}
		}
		return data, nil
	}
	r := &rewriter{layout: newLayout(s, text)}
	if len(c.Path) == 0 || !block(root) {
		return nil, fmt.Errorf("%w: the file is one value", ErrByHand)
	}
	top := r.top(firstLine(root))
	if err := r.change(root, documentType(name), top, len(r.lines), c.Path, c); err != nil {
		return nil, err
	}
	out := r.text(data)
	if formatted, _ := Format(name, data); bytes.Equal(formatted, data) {
		var problems Problems
		if out, problems = Format(name, out); problems != nil {
			return nil, fmt.Errorf("%w: %w", ErrByHand, problems)
		}
	}
	return out, r.verify(name, data, out, want)
}

// newFile is a file with one key.
func newFile(name string, c Change) ([]byte, error) {
	if len(c.Path) != 1 || c.Remove {
		return nil, ErrNoValue
	}
	key, ok := c.Path[0].(string)
	if !ok {
		return nil, ErrNoValue
	}
	lines := entryLines("", scalarText(key), c.Value)
	out, problems := Format(name, []byte(strings.Join(lines, "\n")+"\n"))
	if problems != nil {
		return nil, problems
	}
	return out, nil
}

// verify checks that the file says what it is to say, and that only those comments are gone
// that were removed.
func (r *rewriter) verify(name string, before, after []byte, want any) error {
	_, old, _ := contentOf(name, before)
	_, kept, problems := contentOf(name, after)
	if problems != nil {
		return fmt.Errorf("%w: %w", ErrByHand, problems)
	}
	s, text, _ := newSource(name, after)
	root, problem := s.parse(text + "\n")
	if problem != nil {
		return fmt.Errorf("%w: %w", ErrByHand, Problems{*problem})
	}
	if got := plain(root, anchorsOf(root)); !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%w: the value is used elsewhere, or cannot be written here", ErrByHand)
	}
	kept = append(kept, r.dropped...)
	slices.Sort(kept)
	if !slices.Equal(old, kept) {
		return fmt.Errorf("%w: a comment would be lost", ErrByHand)
	}
	return nil
}

// split divides a change of a whole mapping or list into changes of what differs; nil if it
// cannot be divided.
func split(root ast.Node, before any, c Change) []Change {
	n, old := lookup(root, before, c.Path)
	if c.Remove || c.insert || !block(n) {
		return nil
	}
	at := func(step any) []any { return append(slices.Clone(c.Path), step) }
	var parts []Change
	switch to := c.Value.(type) {
	case Mapping:
		had, ok := old.(map[string]any)
		if !ok || len(to) == 0 {
			return nil
		}
		for _, m := range to {
			if value, is := had[m.Key]; !is || !reflect.DeepEqual(value, plainValue(m.Value)) {
				parts = append(parts, Change{Path: at(m.Key), Value: m.Value})
			}
		}
		for _, key := range slices.Sorted(maps.Keys(had)) {
			if !slices.ContainsFunc(to, func(m Member) bool { return m.Key == key }) {
				parts = append(parts, Change{Path: at(key), Remove: true})
			}
		}
	case []any:
		had, ok := old.([]any)
		if !ok || len(to) == 0 {
			return nil
		}
		same := func(i, j int) bool { return reflect.DeepEqual(had[i], plainValue(to[j])) }
		from, end := 0, 0 // how many items are equal at both ends
		for from < min(len(had), len(to)) && same(from, from) {
			from++
		}
		for end < min(len(had), len(to))-from && same(len(had)-1-end, len(to)-1-end) {
			end++
		}
		both := min(len(had), len(to)) - end
		for i := from; i < both; i++ {
			if !same(i, i) {
				parts = append(parts, Change{Path: at(i), Value: to[i]})
			}
		}
		for i := both; i < len(to)-end; i++ {
			parts = append(parts, Change{Path: at(i), Value: to[i], insert: true})
		}
		for i := len(had) - end - 1; i >= both; i-- {
			parts = append(parts, Change{Path: at(i), Remove: true})
		}
	}
	return parts
}

// lookup returns the node and the value that a path leads to; nil for a path that leads to
// nothing, or through an alias.
func lookup(n ast.Node, value any, path []any) (ast.Node, any) {
	for _, step := range path {
		n = anchored(n)
		var next ast.Node
		switch n := n.(type) {
		case *ast.MappingNode, *ast.MappingValueNode:
			for _, pair := range pairsOf(n) {
				if name, _ := keyText(pair.Key); name == step {
					next = pair.Value
				}
			}
		case *ast.SequenceNode:
			if i, ok := step.(int); ok && i < len(n.Values) {
				next = n.Values[i]
			}
		}
		if n = next; n == nil {
			return nil, nil
		}
		switch v := value.(type) {
		case map[string]any:
			value = v[step.(string)]
		case []any:
			value = v[step.(int)]
		}
	}
	return anchored(n), value
}

// anchored is a node without its anchor.
func anchored(n ast.Node) ast.Node {
	if a, ok := n.(*ast.AnchorNode); ok {
		return a.Value
	}
	return n
}
