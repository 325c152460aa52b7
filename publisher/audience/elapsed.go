package audience

import (
	"fmt"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/sortition-dev/sortition/bundle/model"
)

// MaxDays is the largest number of days that daysSince() can be compared with, positive or
// negative.
const MaxDays = 1_000_000

const (
	day      = 24 * time.Hour
	daysForm = "write, for example, daysSince(signed_up) >= 30"
)

func isDaysSince(e ast.Expr) bool {
	return e.Kind() == ast.CallKind && !e.AsCall().IsMemberFunction() && e.AsCall().FunctionName() == fnDaysSince
}

// elapsed translates a comparison of daysSince(time) with a whole number.
func (t *translator) elapsed(e ast.Expr) *model.Expr {
	op := e.AsCall().FunctionName()
	left, right := e.AsCall().Args()[0], e.AsCall().Args()[1]
	if !isDaysSince(left) {
		left, right, op = right, left, mirrored[op]
	}
	since, ok := t.timeOf(left)
	days, ok2 := t.days(right)
	if !ok || !ok2 {
		return nil
	}
	// Days are rounded down to a whole number: at least n days are at least n times 24 hours,
	// and more than n days are at least n+1.
	atLeast := func(n int64) *model.Expr {
		return &model.Expr{Op: model.OpElapsed, Attr: since.attr, Elapsed: n * day.Milliseconds()}
	}
	switch op {
	case operators.GreaterEquals:
		return atLeast(days)
	case operators.Greater:
		return atLeast(days + 1)
	case operators.Less:
		return not(atLeast(days))
	case operators.LessEquals:
		return not(atLeast(days + 1))
	case operators.Equals:
		return combine(model.OpAnd, atLeast(days), not(atLeast(days+1)))
	default:
		return combine(model.OpOr, not(atLeast(days)), atLeast(days+1))
	}
}

// timeOf reads the argument of daysSince().
func (t *translator) timeOf(e ast.Expr) (operand, bool) {
	args := e.AsCall().Args()
	if len(args) != 1 {
		t.fail(e, "daysSince() takes one time attribute", daysForm)
		return operand{}, false
	}
	o, ok := t.operand(args[0])
	switch {
	case !ok:
		return operand{}, false
	case o.literal():
		t.fail(args[0], "daysSince() takes a time attribute, not a literal", "compare an attribute with it, or use start and end")
	case o.typ != model.Time:
		t.fail(args[0], "daysSince() needs a time, but "+o.String(), fmt.Sprintf("declare it as %s: %s", o.text, model.Time))
	default:
		return o, true
	}
	return operand{}, false
}

// days reads the whole number that daysSince() is compared with.
func (t *translator) days(e ast.Expr) (int64, bool) {
	if e.Kind() != ast.LiteralKind {
		t.fail(e, "daysSince() must be compared with a whole number", daysForm)
		return 0, false
	}
	n, ok := e.AsLiteral().(types.Int)
	switch {
	case !ok:
		t.fail(e, t.x.literalText(e)+" is not a whole number of days", daysForm)
		return 0, false
	case n > MaxDays || n < -MaxDays:
		t.fail(e, fmt.Sprintf("%s is not between %d and %d days", t.x.literalText(e), -MaxDays, MaxDays), "")
		return 0, false
	}
	return int64(n), true
}
