package explain

import (
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
	case model.OpEqual:
		return relation(attr, "==", e.Value), bindsRelation
	case model.OpLess:
		return relation(attr, "<", e.Value), bindsRelation
	case model.OpLessEq:
		return relation(attr, "<=", e.Value), bindsRelation
	}
	return "invalid", bindsUnary
}

// formatNot writes the negation of a relation as the opposite relation.
func formatNot(p *model.Program, e *model.Expr) (string, int) {
	attr := func() model.Attribute { return p.Attributes[e.Attr] }
	switch {
	case e.Op == model.OpEqual:
		return relation(attr(), "!=", e.Value), bindsRelation
	case e.Op == model.OpLess:
		return relation(attr(), ">=", e.Value), bindsRelation
	case e.Op == model.OpLessEq:
		return relation(attr(), ">", e.Value), bindsRelation
	case e.Op == model.OpIn && len(e.Strings) == 1:
		return attr().Name + " != " + strconv.Quote(e.Strings[0]), bindsRelation
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

func relation(attr model.Attribute, operator string, v model.Value) string {
	switch attr.Type {
	case model.Version:
		return "version(" + attr.Name + ") " + operator + " version(" + strconv.Quote(v.Text) + ")"
	case model.Time:
		return attr.Name + " " + operator + " timestamp(" + strconv.Quote(v.Text) + ")"
	default:
		return attr.Name + " " + operator + " " + v.Text
	}
}

func quoteList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
