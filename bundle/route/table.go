package route

import (
	"slices"
	"strings"
)

// Table finds the entries with a pattern that matches a path. The zero value is an empty table.
// [Table.Match] is safe for concurrent use, [Table.Add] is not.
type Table struct{ root node }

// node is a node of the tree of all patterns, one level for each segment.
type node struct {
	texts map[string]*node
	name  *node  // the next node for a segment that is a name
	named string // that name, from the first pattern added
	ends  []int  // entries with a pattern that ends here
	rest  []int  // entries with a pattern whose next segment is an asterisk
}

// Add adds a pattern for an entry. If the pattern is not valid, Add returns an [ErrPattern] and
// does not change the table.
func (t *Table) Add(pattern string, entry int) error {
	if err := Check(pattern); err != nil {
		return err
	}
	n := &t.root
	for segment := range strings.SplitSeq(pattern[1:], "/") {
		if segment == "*" {
			n.rest = append(n.rest, entry)
			return nil
		}
		n = n.child(segment)
	}
	n.ends = append(n.ends, entry)
	return nil
}

func (n *node) child(segment string) *node {
	if strings.HasPrefix(segment, ":") {
		if n.name == nil {
			n.name, n.named = new(node), segment
		}
		return n.name
	}
	next := n.texts[segment]
	if next == nil {
		if n.texts == nil {
			n.texts = map[string]*node{}
		}
		next = new(node)
		n.texts[segment] = next
	}
	return next
}

// Match appends to dst the entries with a pattern that matches a path, each once and in
// ascending order. It does not allocate if dst has room.
func (t *Table) Match(path string, dst []int) []int {
	tail, absolute := strings.CutPrefix(path, "/")
	if !absolute {
		return dst
	}
	from := len(dst)
	dst = t.root.match(tail, true, dst)
	slices.Sort(dst[from:])
	return dst[:from+len(slices.Compact(dst[from:]))]
}

// match appends the entries that match the rest of a path. If more is false, the path has
// ended; otherwise its next segment, which may be empty, is the start of tail.
func (n *node) match(tail string, more bool, dst []int) []int {
	if !more {
		return append(dst, n.ends...)
	}
	dst = append(dst, n.rest...)
	segment, tail, more := strings.Cut(tail, "/")
	if next := n.texts[segment]; next != nil {
		dst = next.match(tail, more, dst)
	}
	if n.name != nil && segment != "" {
		dst = n.name.match(tail, more, dst)
	}
	return dst
}
