package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// number is a number as it is written.
type number string

// asWritten is a value between brackets that stays as it is in the file.
type asWritten string

// normal returns a value as nil, a bool, a number, a string, a []any, a Mapping or an
// asWritten.
func normal(value any) (any, error) {
	switch v := value.(type) {
	case nil, bool, number, asWritten:
		return v, nil
	case string:
		return v, checkText(v)
	case json.Number:
		return number(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%v is not a number that a file can have", v)
		}
		return number(strconv.FormatFloat(v, 'f', -1, 64)), nil
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		if err != nil {
			return nil, err
		}
		return normal(string(text))
	case fmt.Stringer:
		return normal(v.String())
	case []any:
		items := make([]any, len(v))
		for i := range v {
			var err error
			if items[i], err = normal(v[i]); err != nil {
				return nil, err
			}
		}
		return items, nil
	case map[string]any:
		m := Mapping{}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			m = append(m, Member{key, v[key]})
		}
		return normal(m)
	case Mapping:
		m := Mapping{}
		for _, member := range v {
			to, err := normal(member.Value)
			if err != nil {
				return nil, err
			}
			m = append(m, Member{member.Key, to})
			if err := checkText(member.Key); err != nil {
				return nil, err
			}
		}
		return m, nil
	}
	switch v := reflect.ValueOf(value); {
	case v.CanInt():
		return number(strconv.FormatInt(v.Int(), 10)), nil
	case v.CanUint():
		return number(strconv.FormatUint(v.Uint(), 10)), nil
	}
	return nil, fmt.Errorf("a file cannot have a value of type %T", value)
}

// checkText refuses what people cannot see in a file.
func checkText(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%q is not valid UTF-8", text)
	}
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\ufeff' || r == '\u2028' || r == '\u2029' {
			return fmt.Errorf("%q has a control character", text)
		}
	}
	return nil
}

// plainValue is a normal value without the order of its keys, as plain returns it for what is
// written.
func plainValue(value any) any {
	switch v := value.(type) {
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = plainValue(v[i])
		}
		return items
	case Mapping:
		m := map[string]any{}
		for _, member := range v {
			m[member.Key] = plainValue(member.Value)
		}
		return m
	}
	return value
}

// plain is the value of a node: nil, a bool, a number, a string, a []any or a map[string]any.
// Anchors are the nodes that aliases stand for.
func plain(n ast.Node, anchors map[string]ast.Node) any {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.BoolNode:
		return n.Value
	case *ast.MappingNode, *ast.MappingValueNode:
		m := map[string]any{}
		for _, pair := range pairsOf(n) {
			key, ok := keyText(pair.Key)
			if !ok {
				key = written(pair.Key)
			}
			m[key] = plain(pair.Value, anchors)
		}
		return m
	case *ast.SequenceNode:
		items := make([]any, len(n.Values))
		for i, value := range n.Values {
			items[i] = plain(value, anchors)
		}
		return items
	case *ast.AnchorNode:
		return plain(n.Value, anchors)
	case *ast.AliasNode:
		return plain(anchors[written(n.Value)], nil) // one level: aliases of aliases are not followed
	}
	if text, ok := stringOf(n); ok {
		return text
	}
	return number(written(n))
}

// anchorsOf returns the nodes that have anchors, by name.
func anchorsOf(root ast.Node) map[string]ast.Node {
	anchors := map[string]ast.Node{}
	var visit func(ast.Node)
	visit = func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AnchorNode:
			anchors[written(n.Name)] = n.Value
			visit(n.Value)
		case *ast.MappingNode, *ast.MappingValueNode:
			for _, pair := range pairsOf(n) {
				visit(pair.Value)
			}
		case *ast.SequenceNode:
			for _, value := range n.Values {
				visit(value)
			}
		}
	}
	visit(root)
	return anchors
}

// applied returns a plain value with a change, and leaves the value as it is.
func applied(value any, path []any, c Change) (any, error) {
	if len(path) == 0 {
		return plainValue(c.Value), nil
	}
	last := len(path) == 1
	switch v := value.(type) {
	case map[string]any:
		key, ok := path[0].(string)
		old, has := v[key]
		if !ok || !has && (!last || c.Remove) {
			return nil, ErrNoValue
		}
		to := maps.Clone(v)
		if last && c.Remove {
			delete(to, key)
			return to, nil
		}
		var err error
		to[key], err = applied(old, path[1:], c)
		return to, err
	case []any:
		i, ok := path[0].(int)
		adds := last && !c.Remove && (c.insert || i == len(v))
		if !ok || i < 0 || i > len(v) || i == len(v) && !adds {
			return nil, ErrNoValue
		}
		to := slices.Clone(v)
		switch {
		case adds:
			return slices.Insert(to, i, plainValue(c.Value)), nil
		case last && c.Remove:
			return slices.Delete(to, i, i+1), nil
		}
		var err error
		to[i], err = applied(v[i], path[1:], c)
		return to, err
	}
	return nil, ErrNoValue
}

// tree is a value between brackets: a Mapping, a []any or an asWritten.
type tree struct{ value any }

// tree takes the brackets of a value apart.
func (r *rewriter) tree(n ast.Node) tree {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		m := Mapping{}
		for _, pair := range pairsOf(n) {
			key, ok := keyText(pair.Key)
			if !ok {
				key = written(pair.Key)
			}
			m = append(m, Member{key, r.tree(pair.Value).value})
		}
		return tree{m}
	case *ast.SequenceNode:
		items := make([]any, len(n.Values))
		for i, value := range n.Values {
			items[i] = r.tree(value).value
		}
		return tree{items}
	}
	return tree{asWritten(inline(n, nil, true))}
}

// with returns the value with a change.
func (t tree) with(path []any, c Change) (any, error) {
	if len(path) == 0 {
		return c.Value, nil
	}
	last := len(path) == 1
	switch v := t.value.(type) {
	case Mapping:
		i := slices.IndexFunc(v, func(m Member) bool { return m.Key == path[0] })
		switch {
		case i < 0:
			return append(v, Member{path[0].(string), c.Value}), nil
		case last && c.Remove:
			return slices.Delete(v, i, i+1), nil
		}
		to, err := tree{v[i].Value}.with(path[1:], c)
		v[i].Value = to
		return v, err
	case []any:
		i := path[0].(int)
		switch {
		case last && (c.insert || i == len(v)):
			return slices.Insert(v, i, c.Value), nil
		case last && c.Remove:
			return slices.Delete(v, i, i+1), nil
		}
		to, err := tree{v[i]}.with(path[1:], c)
		v[i] = to
		return v, err
	}
	return nil, fmt.Errorf("%w: an alias or an anchor is on the way", ErrByHand)
}
