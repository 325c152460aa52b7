package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/sortition-dev/sortition/publisher/closest"
)

// decoder fills a document from the nodes of a YAML file and reports every mistake. A value
// with a mistake is left unset, as if the file did not give it.
type decoder struct {
	*source
	problems *Problems
	anchors  map[string]ast.Node
	nodes    int  // seen so far
	depth    int  // of the current node
	spent    bool // a limit was exceeded and reported
}

// decodable is a part of a document that decodes itself. At is the place of its key.
type decodable interface {
	decode(d *decoder, at Pos, n ast.Node)
}

// decodeDocument fills the document that to points to, and returns all problems. It reports
// false if the document could not be read at all.
func decodeDocument(s *source, text string, to any) (Problems, bool) {
	root, problem := s.parse(text)
	if problem != nil {
		return Problems{*problem}, false
	}
	var problems Problems
	d := &decoder{source: s, problems: &problems, anchors: map[string]ast.Node{}}
	if root == nil {
		d.fail(s.pos(1, 1), "the file is empty", "")
		return problems, false
	}
	ast.Walk(anchorCollector{d}, root)
	d.value(s.pos(1, 1), root, to)
	return problems, !d.spent
}

func (d *decoder) fail(at Pos, message, hint string) {
	*d.problems = append(*d.problems, Problem{at, message, hint})
}

// anchorCollector collects the anchors of a document before it is decoded.
type anchorCollector struct{ d *decoder }

func (c anchorCollector) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok {
		name := a.Name.GetToken().Value
		if _, twice := c.d.anchors[name]; twice {
			c.d.fail(c.d.nodePos(a), fmt.Sprintf("the anchor %q is defined twice", name), "give each anchor its own name")
		}
		c.d.anchors[name] = a.Value
	}
	return c
}

// enter resolves anchors and aliases, and counts nodes. It returns nil after a mistake.
func (d *decoder) enter(n ast.Node) ast.Node {
	for hops := 0; ; hops++ {
		switch node := n.(type) {
		case *ast.AnchorNode:
			n = node.Value
		case *ast.AliasNode:
			name := node.Value.GetToken().Value
			target, ok := d.anchors[name]
			if !ok || hops > MaxDepth {
				d.fail(d.nodePos(node), fmt.Sprintf("the alias *%s has no anchor", name), fmt.Sprintf("define the anchor &%s, or put the value in quotes", name))
				return nil
			}
			n = target
		case nil:
			return nil
		default:
			return d.count(n)
		}
	}
}

func (d *decoder) count(n ast.Node) ast.Node {
	d.nodes++
	if d.spent {
		return nil
	}
	switch {
	case d.nodes > MaxNodes:
		d.fail(d.nodePos(n), fmt.Sprintf("the file has more than %d values with aliases expanded", MaxNodes), "use fewer aliases")
	case d.depth > MaxDepth:
		d.fail(d.nodePos(n), fmt.Sprintf("the file is nested more than %d levels deep with aliases expanded", MaxDepth),
			"an alias must not refer to a value that contains it")
	default:
		return n
	}
	d.spent = true
	return nil
}

// value decodes n into what to points to.
func (d *decoder) value(at Pos, n ast.Node, to any) {
	d.depth++
	defer func() { d.depth-- }()
	if n = d.enter(n); n == nil {
		return
	}
	if v, ok := to.(decodable); ok {
		v.decode(d, at, n)
		return
	}
	target := reflect.ValueOf(to).Elem()
	if target.Kind() == reflect.Pointer {
		target.Set(reflect.New(target.Type().Elem()))
		target = target.Elem()
	}
	d.document(at, n, target)
}

// entry is a key of a mapping and its value.
type entry struct {
	key   At[string]
	value ast.Node
}

// entries returns the entries of a mapping. It reports a key that appears twice and keeps its
// first entry. Null is an empty mapping.
func (d *decoder) entries(n ast.Node) ([]entry, bool) {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	case *ast.NullNode:
	default:
		d.fail(d.nodePos(n), "expected a mapping, found "+describe(n), "")
		return nil, false
	}
	out := make([]entry, 0, len(pairs))
	first := make(map[string]Pos, len(pairs))
	for _, pair := range pairs {
		at := d.nodePos(pair.Key)
		key, ok := keyText(pair.Key)
		if pair.Key.IsMergeKey() {
			d.fail(at, "merge keys are not supported", "write the keys here")
			continue
		}
		if !ok {
			d.fail(at, "a key must be a string, not "+describe(pair.Key), "put the key in quotes")
			continue
		}
		if before, twice := first[key]; twice {
			d.fail(at, fmt.Sprintf("the key %q appears twice", key), fmt.Sprintf("the first is on line %d", before.Line))
			continue
		}
		first[key] = at
		out = append(out, entry{At[string]{key, at}, pair.Value})
	}
	return out, true
}

func keyText(n ast.MapKeyNode) (string, bool) {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value, true
	}
	return "", false
}

// document decodes a mapping into a struct by the struct's tags.
func (d *decoder) document(at Pos, n ast.Node, target reflect.Value) {
	entries, ok := d.entries(n)
	if !ok {
		return
	}
	fields := fieldsOf(target.Type())
	target.FieldByName("Pos").Set(reflect.ValueOf(at))
	given := make(map[string]Pos, len(entries))
	for _, e := range entries {
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == e.key.Value })
		if i < 0 {
			d.fail(e.key.Pos, fmt.Sprintf("unknown key %q", e.key.Value), unknownKeyHint(e.key.Value, fields))
			continue
		}
		given[e.key.Value] = e.key.Pos
		part := target.Field(fields[i].index).Addr().Interface()
		d.value(e.key.Pos, e.value, part)
		d.checkEnum(fields[i], part)
	}
	for _, f := range fields {
		_, one := given[f.key]
		other, both := given[f.or]
		switch {
		case one && both:
			d.fail(other, fmt.Sprintf("%q replaces %q, so only one of them is allowed", f.or, f.key), "keep one of them")
		case f.required && !one && !both:
			d.fail(at, fmt.Sprintf("the key %q is missing", f.key), f.description)
		}
	}
}

func unknownKeyHint(key string, fields []field) string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	if name, ok := closest.Match(key, keys); ok {
		return fmt.Sprintf("did you mean %q?", name)
	}
	return "known keys: " + strings.Join(keys, ", ")
}

func (d *decoder) checkEnum(f field, part any) {
	text, ok := part.(*At[string])
	if !ok || len(f.enum) == 0 || !text.Given() || slices.Contains(f.enum, text.Value) {
		return
	}
	hint := "write one of " + strings.Join(f.enum, ", ")
	if name, ok := closest.Match(text.Value, f.enum); ok {
		hint = fmt.Sprintf("did you mean %q?", name)
	}
	d.fail(text.Pos, fmt.Sprintf("unknown %s %q", f.key, text.Value), hint)
	*text = At[string]{}
}

// field describes a field of a document, as its tags declare it.
type field struct {
	index       int
	key         string
	or          string // the key that may replace it; empty if there is none
	required    bool
	enum        []string
	description string
}

func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		key := tag.Get("yaml")
		if key == "-" {
			continue
		}
		f := field{index: i, key: key, or: tag.Get("or"), description: tag.Get("jsonschema_description")}
		for part := range strings.SplitSeq(tag.Get("jsonschema"), ",") {
			if value, ok := strings.CutPrefix(part, "enum="); ok {
				f.enum = append(f.enum, value)
			}
			f.required = f.required || part == "required"
		}
		fields = append(fields, f)
	}
	return fields
}

func (m *Map[T]) decode(d *decoder, at Pos, n ast.Node) {
	entries, ok := d.entries(n)
	if !ok {
		return
	}
	m.Pos = at
	m.Entries = make([]Entry[T], len(entries))
	for i, e := range entries {
		m.Entries[i].Key = e.key
		d.value(e.key.Pos, e.value, &m.Entries[i].Value)
	}
}

func (l *List[T]) decode(d *decoder, at Pos, n ast.Node) {
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.SequenceNode:
		l.Pos = at
		l.Items = make([]T, len(n.Values))
		for i, item := range n.Values {
			d.value(d.nodePos(item), item, &l.Items[i])
		}
	default:
		d.fail(d.nodePos(n), "expected a list, found "+describe(n), "write [a, b], or one item per line after a dash")
	}
}

// decode takes the type alone, or a mapping.
func (a *AttributeEntry) decode(d *decoder, at Pos, n ast.Node) {
	target := reflect.ValueOf(a).Elem()
	if _, ok := n.(ast.ScalarNode); !ok || n.Type() == ast.NullType {
		d.document(at, n, target)
		return
	}
	a.Pos = at
	a.Type.decode(d, at, n)
	d.checkEnum(fieldsOf(target.Type())[0], &a.Type)
}
