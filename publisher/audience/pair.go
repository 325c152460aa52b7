package audience

import (
	"fmt"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/sortition-dev/sortition/bundle/model"
)

// compareAttributes translates the comparison of two attributes.
func (t *translator) compareAttributes(e ast.Expr, op string, left, right operand) *model.Expr {
	equality := op == operators.Equals || op == operators.NotEquals
	switch {
	case left.attr == right.attr:
		t.fail(e, "this compares "+left.text+" with itself", fmt.Sprintf("to test whether a request has it, write present(%s)", left.text))
		return nil
	case left.typ != right.typ:
		t.fail(right.at, fmt.Sprintf("%s, but %s", left, right), "declare both with the same type")
		return nil
	case left.typ == model.StringList:
		t.fail(e, left.String()+", and lists cannot be compared with each other", "send the answer as a bool attribute")
		return nil
	case left.typ == model.Bool:
		t.fail(e, left.String()+", and bools cannot be compared with each other",
			fmt.Sprintf("to test whether both are equal, write %[1]s && %[2]s || !%[1]s && !%[2]s", left.text, right.text))
		return nil
	case left.typ == model.String && !equality:
		t.fail(e, left.String()+", and "+symbol(op)+" does not apply to it", "if both are versions or times, declare them as such")
		return nil
	}
	pair := func(op model.Op, a, b operand) *model.Expr { return &model.Expr{Op: op, Attr: a.attr, Other: b.attr} }
	switch op {
	case operators.Equals:
		return pair(model.OpSame, left, right)
	case operators.NotEquals:
		return not(pair(model.OpSame, left, right))
	case operators.Less:
		return pair(model.OpBefore, left, right)
	case operators.LessEquals:
		return pair(model.OpBeforeEq, left, right)
	case operators.Greater:
		return pair(model.OpBefore, right, left)
	default:
		return pair(model.OpBeforeEq, right, left)
	}
}
