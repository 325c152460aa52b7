package route

import (
	"slices"
	"strings"
)

// Table finds the entries of which a pattern matches a path. The zero value is empty. To
// match is safe for concurrent use, to add is not.
type Table struct{ root node }

// node is a place in the tree of all patterns' segments.
type node struct {
	texts map[string]*node
	name  *node  // after a segment that is a name
	named string // that name, of the first pattern here
	ends  []int  // entries with a pattern that ends here
	rest  []int  // entries with a pattern that has an asterisk here
}

// Add adds a pattern of an entry. An error is ErrPattern, and leaves the table as it was.
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

// Match appends to dst the entries of which a pattern matches a path, each once and
// ascending. It does not allocate if dst has room.
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

// match follows the path's tail; more says whether there is a segment, which may be empty.
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
