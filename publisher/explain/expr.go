package explain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Binding strengths, weakest first, as in CEL.
const (
	bindsOr = iota
	bindsAnd
	bindsRelation
	bindsUnary
)

// Format writes an audience as the expression that a configuration file would have.
// A nil audience is "true".
func Format(p *model.Program, e *model.Expr) string {
	if e == nil {
		return "true"
	}
	text, _ := format(p, e)
	return text
}

// format returns the text of e and how strongly its outermost operator binds.
func format(p *model.Program, e *model.Expr) (string, int) {
	switch e.Op {
	case model.OpAnd:
		return join(p, e.Args, " && ", bindsAnd), bindsAnd
	case model.OpOr:
		return join(p, e.Args, " || ", bindsOr), bindsOr
	case model.OpNot:
		return formatNot(p, e.Args[0])
	case model.OpSegment:
		return "segment(" + strconv.Quote(p.Segments[e.Segment].Key) + ")", bindsUnary
	}
	attr := p.Attributes[e.Attr]
	switch e.Op {
	case model.OpPresent:
		return "present(" + attr.Name + ")", bindsUnary
	case model.OpTrue:
		return attr.Name, bindsUnary
	case model.OpIn:
		if len(e.Strings) == 1 {
			return attr.Name + " == " + strconv.Quote(e.Strings[0]), bindsRelation
		}
		return attr.Name + " in " + quoteList(e.Strings), bindsRelation
	case model.OpHas:
		if len(e.Strings) == 1 {
			return strconv.Quote(e.Strings[0]) + " in " + attr.Name, bindsRelation
		}
		return "overlaps(" + attr.Name + ", " + quoteList(e.Strings) + ")", bindsUnary
	case model.OpPrefix:
		return attr.Name + ".startsWith(" + strconv.Quote(e.Strings[0]) + ")", bindsUnary
	case model.OpSuffix:
		return attr.Name + ".endsWith(" + strconv.Quote(e.Strings[0]) + ")", bindsUnary
	case model.OpContains:
		return attr.Name + ".contains(" + strconv.Quote(e.Strings[0]) + ")", bindsUnary
	case model.OpMatches:
		return attr.Name + ".matches(" + strconv.Quote(e.Strings[0]) + ")", bindsUnary
	}
	if operators, ok := relations[e.Op]; ok {
		return relation(p, e, operators.plain), bindsRelation
	}
	return "invalid", bindsUnary
}

// relations are the operators that compare, and their opposites.
var relations = map[model.Op]struct{ plain, negated string }{
	model.OpEqual:    {"==", "!="},
	model.OpLess:     {"<", ">="},
	model.OpLessEq:   {"<=", ">"},
	model.OpSame:     {"==", "!="},
	model.OpBefore:   {"<", ">="},
	model.OpBeforeEq: {"<=", ">"},
	model.OpElapsed:  {">=", "<"},
}

// formatNot writes the negation of a relation as the opposite relation.
func formatNot(p *model.Program, e *model.Expr) (string, int) {
	if operators, ok := relations[e.Op]; ok {
		return relation(p, e, operators.negated), bindsRelation
	}
	if e.Op == model.OpIn && len(e.Strings) == 1 {
		return p.Attributes[e.Attr].Name + " != " + strconv.Quote(e.Strings[0]), bindsRelation
	}
	return "!" + operand(p, e, bindsUnary), bindsUnary
}

func join(p *model.Program, args []*model.Expr, operator string, binds int) string {
	texts := make([]string, len(args))
	for i, arg := range args {
		texts[i] = operand(p, arg, binds+1)
	}
	return strings.Join(texts, operator)
}

// operand writes e, in parentheses if it binds more weakly than its place asks for.
func operand(p *model.Program, e *model.Expr, least int) string {
	text, binds := format(p, e)
	if binds < least {
		return "(" + text + ")"
	}
	return text
}

// relation writes a comparison with the given operator.
func relation(p *model.Program, e *model.Expr, operator string) string {
	attr := p.Attributes[e.Attr]
	left, right := attr.Name, e.Value.Text
	switch {
	case e.Op == model.OpElapsed:
		left, right = sinceText(attr.Name, e.Elapsed)
	case e.Op == model.OpSame, e.Op == model.OpBefore, e.Op == model.OpBeforeEq:
		right = p.Attributes[e.Other].Name
		if attr.Type == model.Version {
			left, right = "version("+left+")", "version("+right+")"
		}
	case attr.Type == model.Version:
		left, right = "version("+left+")", "version("+strconv.Quote(right)+")"
	case attr.Type == model.Time:
		right = "timestamp(" + strconv.Quote(right) + ")"
	}
	return left + " " + operator + " " + right
}

// millisPerDay is the unit in which configuration files count.
const millisPerDay = 24 * 60 * 60 * 1000

// sinceText writes the sides of a comparison of the time since an attribute. Spans that
// are no whole days cannot come from a configuration file; they are written as CEL would.
func sinceText(attribute string, millis int64) (left, right string) {
	if millis%millisPerDay == 0 {
		return "daysSince(" + attribute + ")", strconv.FormatInt(millis/millisPerDay, 10)
	}
	return "now - " + attribute, fmt.Sprintf(`duration("%dms")`, millis)
}

func quoteList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
