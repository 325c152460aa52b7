package config

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/sortition-dev/sortition/bundle/model"
)

func (a *At[T]) decode(d *decoder, _ Pos, n ast.Node) {
	var ok bool
	switch v := any(&a.Value).(type) {
	case *string:
		*v, ok = d.text(n)
	case *ID:
		*v, ok = d.id(n)
	case *bool:
		*v, ok = d.boolean(n)
	case *Percent:
		*v, ok = d.percent(n)
	case *Period:
		*v, ok = d.period(n)
	case *Size:
		*v, ok = d.size(n)
	case *int:
		*v, ok = d.whole(n)
	case *float64:
		*v, ok = d.number(n)
	case *time.Time:
		*v, ok = d.time(n)
	case *JSON:
		*v, ok = d.json(n)
	}
	if ok {
		a.Pos = d.nodePos(n)
	}
}

// wrong reports a value of the wrong type.
func (d *decoder) wrong(n ast.Node, needed, hint string) {
	message := fmt.Sprintf("expected %s, found %s", needed, describe(n))
	if n.Type() == ast.NullType {
		message = "the value is missing"
	}
	d.fail(d.nodePos(n), message, hint)
}

// describe names the type of a node.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "null"
	case *ast.BoolNode:
		return "the boolean " + n.GetToken().Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + n.GetToken().Value
	case *ast.StringNode, *ast.LiteralNode:
		return "a string"
	case *ast.MergeKeyNode:
		return "a merge key"
	case *ast.MappingKeyNode:
		return "a complex key"
	}
	return "something else"
}

func stringOf(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	}
	return "", false
}

func (d *decoder) text(n ast.Node) (string, bool) {
	s, ok := stringOf(n)
	if !ok {
		hint := ""
		if _, scalar := n.(ast.ScalarNode); scalar && n.Type() != ast.NullType {
			hint = fmt.Sprintf("put it in quotes: %q", n.GetToken().Value)
		}
		d.wrong(n, "a string", hint)
	}
	return s, ok
}

// id also accepts digits without quotes, and keeps them as they are written.
func (d *decoder) id(n ast.Node) (ID, bool) {
	if i, ok := n.(*ast.IntegerNode); ok && isDigits(i.Token.Value) && i.Token.Type == token.IntegerType {
		return ID(i.Token.Value), true
	}
	s, ok := d.text(n)
	return ID(s), ok
}

func (d *decoder) boolean(n ast.Node) (bool, bool) {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		d.wrong(n, "true or false", "")
		return false, false
	}
	return b.Value, true
}

func (d *decoder) percent(n ast.Node) (Percent, bool) {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		value := n.GetToken().Value
		hint := fmt.Sprintf("write %s%%", value)
		if f, err := strconv.ParseFloat(value, 64); err == nil && f > 0 && f <= 1 {
			hint += fmt.Sprintf(", or %s if it is a fraction", Percent(math.Round(f*model.Slots)))
		}
		d.fail(d.nodePos(n), value+" is not a percentage", hint)
		return 0, false
	}
	s, ok := stringOf(n)
	if !ok {
		d.wrong(n, "a percentage", "write, for example, 12.5%")
		return 0, false
	}
	p, err := ParsePercent(s)
	if err != nil {
		d.fail(d.nodePos(n), fmt.Sprintf("%q: %v", s, err), "write, for example, 50% or 12.5%")
		return 0, false
	}
	return p, true
}

// period also accepts 0 without a unit.
func (d *decoder) period(n ast.Node) (Period, bool) {
	const form = "write, for example, 14d, 36h or 0"
	s, ok := stringOf(n)
	if i, whole := n.(*ast.IntegerNode); whole {
		s, ok = i.Token.Value, true
	}
	if !ok {
		d.wrong(n, "a period", form)
		return 0, false
	}
	p, err := ParsePeriod(s)
	if err != nil {
		d.fail(d.nodePos(n), fmt.Sprintf("%q: %v", s, err), form)
		return 0, false
	}
	return p, true
}

func (d *decoder) size(n ast.Node) (Size, bool) {
	const form = "write, for example, 512 KiB or 32 MiB"
	s, ok := stringOf(n)
	if !ok {
		d.wrong(n, "a size", form)
		return 0, false
	}
	size, err := ParseSize(s)
	if err != nil {
		d.fail(d.nodePos(n), fmt.Sprintf("%q: %v", s, err), form)
		return 0, false
	}
	return size, true
}

// whole accepts a whole number greater than zero.
func (d *decoder) whole(n ast.Node) (int, bool) {
	if i, ok := n.(*ast.IntegerNode); ok && isDigits(i.Token.Value) {
		if v, err := strconv.Atoi(i.Token.Value); err == nil && v > 0 {
			return v, true
		}
	}
	d.wrong(n, "a whole number greater than 0", "")
	return 0, false
}

func (d *decoder) number(n ast.Node) (float64, bool) {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		if f, err := strconv.ParseFloat(n.GetToken().Value, 64); err == nil && !math.IsInf(f, 0) {
			return f, true
		}
	}
	d.wrong(n, "a number", "")
	return 0, false
}

// The earliest and latest time that a schedule may name. In milliseconds they are positive, and
// JavaScript numbers hold them exactly.
var (
	earliest = time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2999, 12, 31, 0, 0, 0, 0, time.UTC)
)

func (d *decoder) time(n ast.Node) (time.Time, bool) {
	const form = "write the date and the time with its zone: 2026-01-31T12:00:00Z"
	s, ok := stringOf(n)
	if !ok {
		d.wrong(n, "a time", form)
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339, s)
	switch {
	case err != nil:
		d.fail(d.nodePos(n), fmt.Sprintf("%q is not a time", s), form)
		return time.Time{}, false
	case at.Before(earliest) || at.After(latest):
		d.fail(d.nodePos(n), s+" is not between the years 1971 and 2999", "")
		return time.Time{}, false
	}
	return at, true
}
