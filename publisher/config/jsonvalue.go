package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/sortition-dev/sortition/bundle/model"
)

// json converts a free-form value to canonical JSON: without spaces, with keys sorted by their
// bytes, and with numbers as they are written.
func (d *decoder) json(n ast.Node) (JSON, bool) {
	var b bytes.Buffer
	if !d.appendJSON(&b, n) {
		return "", false
	}
	if b.Len() > model.MaxConfigSize {
		d.fail(d.nodePos(n), fmt.Sprintf("the value is %d bytes long as JSON; the limit is %d", b.Len(), model.MaxConfigSize),
			"store large content elsewhere, and put its address here")
		return "", false
	}
	return JSON(b.String()), true
}

var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

func (d *decoder) appendJSON(b *bytes.Buffer, n ast.Node) bool {
	if b.Len() > model.MaxConfigSize {
		return true // json reports it
	}
	switch n := n.(type) {
	case *ast.NullNode:
		b.WriteString("null")
	case *ast.BoolNode:
		fmt.Fprint(b, n.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return d.appendNumber(b, n)
	case *ast.StringNode:
		if n.Token.Type == token.StringType && jsonNumber.MatchString(n.Value) {
			b.WriteString(n.Value) // a number in exponent form
			return true
		}
		appendJSONString(b, n.Value)
	case *ast.LiteralNode:
		appendJSONString(b, n.Value.Value)
	case *ast.SequenceNode:
		return d.appendArray(b, n)
	case *ast.MappingNode, *ast.MappingValueNode:
		return d.appendObject(b, n)
	default:
		d.fail(d.nodePos(n), "JSON has no "+describe(n), "put it in quotes")
		return false
	}
	return true
}

func (d *decoder) appendNumber(b *bytes.Buffer, n ast.Node) bool {
	text := n.GetToken().Value
	if !jsonNumber.MatchString(text) {
		d.fail(d.nodePos(n), text+" is not a JSON number", "write a plain decimal number, or put the value in quotes")
		return false
	}
	b.WriteString(text)
	return true
}

func (d *decoder) appendArray(b *bytes.Buffer, n *ast.SequenceNode) bool {
	ok := true
	b.WriteByte('[')
	for i, item := range n.Values {
		if i > 0 {
			b.WriteByte(',')
		}
		ok = d.appendInner(b, item) && ok
	}
	b.WriteByte(']')
	return ok
}

func (d *decoder) appendObject(b *bytes.Buffer, n ast.Node) bool {
	before := len(*d.problems)
	entries, _ := d.entries(n)
	ok := len(*d.problems) == before
	slices.SortFunc(entries, func(x, y entry) int { return strings.Compare(x.key.Value, y.key.Value) })
	b.WriteByte('{')
	for i, e := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		appendJSONString(b, e.key.Value)
		b.WriteByte(':')
		ok = d.appendInner(b, e.value) && ok
	}
	b.WriteByte('}')
	return ok
}

func (d *decoder) appendInner(b *bytes.Buffer, n ast.Node) bool {
	d.depth++
	defer func() { d.depth-- }()
	if n = d.enter(n); n == nil {
		return false
	}
	return d.appendJSON(b, n)
}

func appendJSONString(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s)         // a string and a buffer do not fail
	b.Truncate(b.Len() - 1) // the line break
}
