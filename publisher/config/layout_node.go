package config

import (
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// partsOf returns the parts of a block of a type. There is at least one.
func partsOf(n ast.Node, t reflect.Type) []part {
	if list, ok := n.(*ast.SequenceNode); ok {
		parts := make([]part, len(list.Values))
		for i, value := range list.Values {
			at := list.Entries[i].Start.Position
			parts[i] = part{value: value, kind: itemType(t), line: at.Line - 1, column: at.Column - 1}
		}
		return parts
	}
	pairs := pairsOf(n)
	parts := make([]part, len(pairs))
	for i, pair := range pairs {
		at := pair.Key.GetToken().Position
		rank, kind := keyOf(t, pair.Key)
		parts[i] = part{key: written(pair.Key), value: pair.Value, kind: kind, rank: rank, line: at.Line - 1, column: at.Column - 1}
	}
	return parts
}

func pairsOf(n ast.Node) []*ast.MappingValueNode {
	if pair, ok := n.(*ast.MappingValueNode); ok {
		return []*ast.MappingValueNode{pair}
	}
	return n.(*ast.MappingNode).Values
}

// firstLine returns the line, from 0, where a block begins.
func firstLine(n ast.Node) int {
	if list, ok := n.(*ast.SequenceNode); ok {
		return list.Entries[0].Start.Position.Line - 1
	}
	return pairsOf(n)[0].Key.GetToken().Position.Line - 1
}

// inline formats a value on one line.
func inline(n ast.Node, t reflect.Type, fixed bool) string {
	switch n := n.(type) {
	case nil:
		return ""
	case *ast.AnchorNode:
		return "&" + written(n.Name) + " " + inline(n.Value, t, fixed)
	case *ast.AliasNode:
		return "*" + written(n.Value)
	case *ast.SequenceNode:
		items := make([]string, len(n.Values))
		for i, value := range n.Values {
			items[i] = inline(value, itemType(t), fixed)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case *ast.MappingNode:
		return "{" + inlinePairs(n.Values, t, fixed) + "}"
	case *ast.MappingValueNode: // without brackets: an item of a list
		return inlinePairs([]*ast.MappingValueNode{n}, t, fixed)
	}
	return written(n)
}

func inlinePairs(pairs []*ast.MappingValueNode, t reflect.Type, fixed bool) string {
	type ranked struct {
		rank int
		text string
	}
	all := make([]ranked, len(pairs))
	for i, pair := range pairs {
		rank, kind := keyOf(t, pair.Key)
		all[i] = ranked{rank, join(written(pair.Key)+":", inline(pair.Value, kind, fixed))}
	}
	if !fixed {
		slices.SortStableFunc(all, func(a, b ranked) int { return a.rank - b.rank })
	}
	texts := make([]string, len(all))
	for i, r := range all {
		texts[i] = r.text
	}
	return strings.Join(texts, ", ")
}

// written returns a scalar as it is in the file, with quotes.
func written(n ast.Node) string {
	return strings.TrimSpace(n.GetToken().Origin)
}

// keyOf returns the rank of a key in its document, and the type of its value. Keys that the
// author chooses all have the same rank. So do keys inside free-form values, whose type is nil.
func keyOf(t reflect.Type, key ast.MapKeyNode) (int, reflect.Type) {
	if t == nil {
		return 0, nil
	}
	if entries, ok := t.FieldByName("Entries"); ok { // a Map
		value, _ := entries.Type.Elem().FieldByName("Value")
		return 0, documentOrPart(value.Type)
	}
	if !isDocument(t) {
		return 0, nil
	}
	fields := fieldsOf(t)
	name, _ := keyText(key)
	i := slices.IndexFunc(fields, func(f field) bool { return f.key == name })
	if i < 0 {
		return len(fields), nil
	}
	return i, documentOrPart(t.Field(fields[i].index).Type)
}

// itemType returns the type of the items of a List, or nil for anything else.
func itemType(t reflect.Type) reflect.Type {
	if t == nil {
		return nil
	}
	items, ok := t.FieldByName("Items")
	if !ok {
		return nil
	}
	return documentOrPart(items.Type.Elem())
}

func documentOrPart(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// isDocument reports whether a struct describes the keys of a mapping.
func isDocument(t reflect.Type) bool {
	pos, ok := t.FieldByName("Pos")
	return ok && pos.Tag.Get("yaml") == "-"
}
