package audience

import (
	"fmt"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/sortition-dev/sortition/bundle/model"
)

// mirrored maps each operator to the one that is equivalent with exchanged sides.
var mirrored = map[string]string{
	operators.Equals: operators.Equals, operators.NotEquals: operators.NotEquals,
	operators.Less: operators.Greater, operators.LessEquals: operators.GreaterEquals,
	operators.Greater: operators.Less, operators.GreaterEquals: operators.LessEquals,
}

// compare translates comparisons such as a == b and a < b.
func (t *translator) compare(e ast.Expr) *model.Expr {
	op := e.AsCall().FunctionName()
	if args := e.AsCall().Args(); isDaysSince(args[0]) || isDaysSince(args[1]) {
		return t.elapsed(e)
	}
	left, ok := t.operand(e.AsCall().Args()[0])
	right, ok2 := t.operand(e.AsCall().Args()[1])
	if !ok || !ok2 {
		return nil
	}
	if left.literal() && !right.literal() {
		left, right, op = right, left, mirrored[op]
	}
	switch {
	case left.literal():
		t.fail(left.at, "this compares two literals", "one side must be an attribute")
		return nil
	case !right.literal():
		return t.compareAttributes(e, op, left, right)
	case left.typ == model.StringList:
		t.fail(e, left.String()+", and "+symbol(op)+" does not apply to it", `test what it contains: "x" in `+left.text)
		return nil
	case left.typ != right.typ:
		t.fail(right.at, fmt.Sprintf("%s, but %s", left, right), mismatchHint(left, right))
		return nil
	case left.typ == model.String || left.typ == model.Bool:
		return t.equality(e, op, left, right)
	}
	return ordered(op, left.attr, right.value)
}

// equality translates comparisons of values that have no order.
func (t *translator) equality(e ast.Expr, op string, left, right operand) *model.Expr {
	if op != operators.Equals && op != operators.NotEquals {
		hint := ""
		if left.typ == model.String {
			hint = "if it is a version or a time, declare it as one"
		}
		t.fail(e, left.String()+", and "+symbol(op)+" does not apply to it", hint)
		return nil
	}
	negate := op == operators.NotEquals
	if left.typ == model.Bool {
		return negateIf(negate == right.yes, &model.Expr{Op: model.OpTrue, Attr: left.attr})
	}
	return negateIf(negate, anyOf(model.OpIn, left.attr, []string{right.str}))
}

func ordered(op string, attr int, value model.Value) *model.Expr {
	test := func(o model.Op) *model.Expr { return &model.Expr{Op: o, Attr: attr, Value: value} }
	switch op {
	case operators.Equals:
		return test(model.OpEqual)
	case operators.NotEquals:
		return not(test(model.OpEqual))
	case operators.Less:
		return test(model.OpLess)
	case operators.LessEquals:
		return test(model.OpLessEq)
	case operators.Greater:
		return not(test(model.OpLessEq))
	default:
		return not(test(model.OpLess))
	}
}

func mismatchHint(left, right operand) string {
	switch {
	case right.typ == model.String && left.typ == model.Version:
		return fmt.Sprintf("write version(%s)", right.text)
	case right.typ == model.String && left.typ == model.Time:
		return fmt.Sprintf("write timestamp(%s)", right.text)
	case right.typ == model.String && left.typ == model.Number:
		return "write the number without quotes"
	case left.typ == model.String && right.typ != model.Version && right.typ != model.Time:
		return fmt.Sprintf("write it in quotes: %q", right.text)
	}
	return fmt.Sprintf("declare it as %s: %s", left.text, right.typ)
}

// in translates a in [b, c] and "b" in a.
func (t *translator) in(e ast.Expr) *model.Expr {
	args := e.AsCall().Args()
	left, ok := t.operand(args[0])
	if args[1].Kind() == ast.ListKind {
		values := t.list(args[1])
		if !ok || values == nil {
			return nil
		}
		return t.inList(left, args[1], values)
	}
	right, ok2 := t.operand(args[1])
	switch {
	case !ok || !ok2:
		return nil
	case right.literal() || right.typ != model.StringList:
		t.fail(right.at, right.String()+", but \"in\" needs a list", fmt.Sprintf("write %s in [%s], or use ==", left.text, right.text))
		return nil
	case !left.literal():
		t.fail(e, `"in" needs a literal before a list attribute`, "send the answer as a bool attribute")
		return nil
	case left.typ != model.String:
		t.fail(left.at, fmt.Sprintf("%s, but %s is a list of strings", left, right.text), fmt.Sprintf("write it in quotes: %q", left.text))
		return nil
	}
	return anyOf(model.OpHas, right.attr, []string{left.str})
}

// inList translates a test of an attribute against the values of a list.
func (t *translator) inList(left operand, at ast.Expr, values []operand) *model.Expr {
	switch {
	case left.literal():
		t.fail(left.at, "this compares two literals", "one side must be an attribute")
		return nil
	case left.typ == model.StringList:
		t.fail(left.at, left.String()+`, and "in" does not apply to it`, fmt.Sprintf("write overlaps(%s, [...])", left.text))
		return nil
	case left.typ == model.Bool:
		t.fail(left.at, left.String()+`, and "in" does not apply to it`, fmt.Sprintf("write %s or !%s", left.text, left.text))
		return nil
	}
	if !t.sameType(left, values) || !t.grow(at, len(values)) {
		return nil
	}
	if left.typ == model.String {
		return anyOf(model.OpIn, left.attr, texts(values))
	}
	ordered := make([]model.Value, len(values))
	for i, v := range values {
		ordered[i] = v.value
	}
	return equalAny(left.attr, ordered)
}

// list reads a list of literals. It returns nil after a mistake.
func (t *translator) list(e ast.Expr) []operand {
	elements := e.AsList().Elements()
	switch {
	case len(elements) == 0:
		t.fail(e, "the list is empty, so this is never true", "")
		return nil
	case len(elements) > MaxList:
		t.fail(e, fmt.Sprintf("the list has %d values; the limit is %d", len(elements), MaxList), "use a segment, or send the answer as an attribute")
		return nil
	}
	values := make([]operand, 0, len(elements))
	for _, element := range elements {
		o, ok := t.operand(element)
		if ok && !o.literal() {
			t.fail(element, "a list can contain only literals", "")
		}
		if ok && o.literal() {
			values = append(values, o)
		}
	}
	if len(values) < len(elements) {
		return nil
	}
	return values
}

// sameType reports whether all values have the type of the attribute, and adds a mistake for
// each that has not.
func (t *translator) sameType(attr operand, values []operand) bool {
	same := true
	for _, v := range values {
		if v.typ != attr.typ {
			t.fail(v.at, fmt.Sprintf("%s, but %s", attr, v), mismatchHint(attr, v))
			same = false
		}
	}
	return same
}

func texts(values []operand) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.str
	}
	return out
}

// symbol returns an operator as it is written.
func symbol(op string) string {
	if s, ok := operators.FindReverse(op); ok {
		return s
	}
	return op
}
