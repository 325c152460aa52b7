package audience

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/automaton"
	"github.com/sortition-dev/sortition/publisher/closest"
)

// test translates an expression that is true or false.
func (t *translator) test(e ast.Expr) *model.Expr {
	if !t.grow(e, 1) {
		return nil
	}
	switch e.Kind() {
	case ast.CallKind:
		return t.call(e)
	case ast.IdentKind:
		o, ok := t.named(e)
		switch {
		case !ok:
			return nil
		case o.typ == model.Bool:
			return &model.Expr{Op: model.OpTrue, Attr: o.attr}
		}
		t.fail(e, o.String()+", but an audience must be true or false", comparisonExample(o))
	case ast.LiteralKind:
		if v, ok := e.AsLiteral().(types.Bool); ok {
			t.fail(e, fmt.Sprintf("%v does not depend on the request", v), "remove it; to match nobody, set traffic to 0%")
			return nil
		}
		t.fail(e, t.x.literalText(e)+" is not true or false", "compare an attribute with it")
	default:
		_, _ = t.operand(e) // fails, and adds the mistake
	}
	return nil
}

func comparisonExample(o operand) string {
	switch o.typ {
	case model.Number:
		return "compare it: " + o.text + " >= 1"
	case model.Version:
		return "compare it: " + o.text + ` >= version("1.2.3")`
	case model.Time:
		return "compare it: " + o.text + ` < timestamp("2026-01-31T12:00:00Z")`
	case model.StringList:
		return `test what it contains: "x" in ` + o.text
	}
	return "compare it: " + o.text + ` == "x", or present(` + o.text + ")"
}

// The functions of audiences, except version and timestamp, which return operands.
const (
	fnPresent    = "present"
	fnSegment    = "segment"
	fnAudience   = "audience"
	fnOverlaps   = "overlaps"
	fnStartsWith = "startsWith"
	fnEndsWith   = "endsWith"
	fnContains   = "contains"
	fnMatches    = "matches"
	fnExists     = "exists"
	fnDaysSince  = "daysSince"
)

var functionNames = []string{
	fnAudience, fnContains, fnDaysSince, fnEndsWith, fnExists, fnMatches, fnOverlaps, fnPresent, fnSegment, fnStartsWith,
	"timestamp", "version",
}

func (t *translator) call(e ast.Expr) *model.Expr {
	c := e.AsCall()
	if c.IsMemberFunction() {
		switch c.FunctionName() {
		case fnStartsWith:
			return t.part(e, model.OpPrefix)
		case fnEndsWith:
			return t.part(e, model.OpSuffix)
		case fnContains:
			return t.part(e, model.OpContains)
		case fnMatches:
			return t.matches(e)
		case fnExists:
			return t.exists(e)
		}
		return t.unsupported(e)
	}
	switch c.FunctionName() {
	case operators.LogicalAnd:
		return combine(model.OpAnd, t.test(c.Args()[0]), t.test(c.Args()[1]))
	case operators.LogicalOr:
		return combine(model.OpOr, t.test(c.Args()[0]), t.test(c.Args()[1]))
	case operators.LogicalNot:
		return not(t.test(c.Args()[0]))
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return t.compare(e)
	case operators.In:
		return t.in(e)
	case fnPresent:
		return t.present(e)
	case fnSegment:
		return t.segment(e)
	case fnAudience:
		return t.audience(e)
	case fnOverlaps:
		return t.overlaps(e)
	}
	return t.unsupported(e)
}

// present translates present(attribute).
func (t *translator) present(e ast.Expr) *model.Expr {
	args := e.AsCall().Args()
	if len(args) != 1 || args[0].Kind() != ast.IdentKind {
		t.fail(e, "present() takes one attribute", "")
		return nil
	}
	if o, ok := t.named(args[0]); ok {
		return &model.Expr{Op: model.OpPresent, Attr: o.attr}
	}
	return nil
}

// segment translates segment("key").
func (t *translator) segment(e ast.Expr) *model.Expr {
	key, at, ok := t.key(e)
	if !ok {
		return nil
	}
	i := slices.Index(t.scope.segments, key)
	if i < 0 {
		t.fail(at, fmt.Sprintf("unknown segment %q", key), closest.Hint(key, "segments", t.scope.segments))
		return nil
	}
	return &model.Expr{Op: model.OpSegment, Segment: i}
}

// audience replaces audience("key") by the expression of the named audience.
func (t *translator) audience(e ast.Expr) *model.Expr {
	key, at, ok := t.key(e)
	if !ok {
		return nil
	}
	n, ok := t.scope.audiences[key]
	if !ok {
		known := make([]string, 0, len(t.scope.audiences))
		for k := range t.scope.audiences {
			known = append(known, k)
		}
		slices.Sort(known)
		t.fail(at, fmt.Sprintf("unknown audience %q", key), closest.Hint(key, "audiences", known))
		return nil
	}
	if !t.grow(e, n.size) {
		return nil
	}
	return n.expr
}

// key reads the one argument of segment() and audience().
func (t *translator) key(e ast.Expr) (string, ast.Expr, bool) {
	c := e.AsCall()
	if len(c.Args()) != 1 {
		t.fail(e, c.FunctionName()+"() takes one key in quotes", "")
		return "", nil, false
	}
	key, ok := t.stringLiteral(c.Args()[0], c.FunctionName())
	return key, c.Args()[0], ok
}

// overlaps translates overlaps(list, ["a", "b"]).
func (t *translator) overlaps(e ast.Expr) *model.Expr {
	args := e.AsCall().Args()
	if len(args) != 2 || args[0].Kind() != ast.IdentKind || args[1].Kind() != ast.ListKind {
		t.fail(e, "overlaps() takes a list attribute and a list of strings", `write overlaps(tags, ["a", "b"])`)
		return nil
	}
	attr, ok := t.named(args[0])
	if ok && attr.typ != model.StringList {
		t.fail(args[0], attr.String()+", but overlaps() needs a list", fmt.Sprintf("write %s in [...]", attr.text))
		ok = false
	}
	return t.has(attr, ok, args[1])
}

// has translates a test whether a list attribute contains one of the strings in the list e.
func (t *translator) has(attr operand, ok bool, e ast.Expr) *model.Expr {
	values := t.list(e)
	if !ok || values == nil {
		return nil
	}
	element := attr
	element.typ, element.text = model.String, "an element of "+attr.text
	if !t.sameType(element, values) || !t.grow(e, len(values)) {
		return nil
	}
	return anyOf(model.OpHas, attr.attr, texts(values))
}

// exists translates list.exists(x, x in ["a", "b"]) and list.exists(x, x == "a").
func (t *translator) exists(e ast.Expr) *model.Expr {
	c := e.AsCall()
	if c.Target().Kind() != ast.IdentKind || len(c.Args()) != 2 || c.Args()[0].Kind() != ast.IdentKind {
		t.fail(e, "exists() must be called on a list attribute with a name and a test", existsForm)
		return nil
	}
	attr, ok := t.named(c.Target())
	if ok && attr.typ != model.StringList {
		t.fail(c.Target(), attr.String()+", but exists() needs a list", "")
		ok = false
	}
	element, body := c.Args()[0].AsIdent(), c.Args()[1]
	if body.Kind() == ast.CallKind && len(body.AsCall().Args()) == 2 {
		left, right := body.AsCall().Args()[0], body.AsCall().Args()[1]
		if left.Kind() == ast.IdentKind && left.AsIdent() == element {
			switch {
			case body.AsCall().FunctionName() == operators.In && right.Kind() == ast.ListKind:
				return t.has(attr, ok, right)
			case body.AsCall().FunctionName() == operators.Equals && right.Kind() == ast.LiteralKind:
				value, ok2 := t.stringLiteral(right, fnExists)
				if !ok || !ok2 {
					return nil
				}
				return anyOf(model.OpHas, attr.attr, []string{value})
			}
		}
	}
	t.fail(body, "exists() supports only tests of an element against strings", existsForm)
	return nil
}

const existsForm = `write tags.exists(t, t in ["a", "b"]), or overlaps(tags, ["a", "b"])`

// part translates text.startsWith("x") and similar calls.
func (t *translator) part(e ast.Expr, op model.Op) *model.Expr {
	c := e.AsCall()
	o, ok := t.operand(c.Target())
	if len(c.Args()) != 1 {
		t.fail(e, c.FunctionName()+"() takes one string in quotes", "")
		return nil
	}
	text, ok2 := t.stringLiteral(c.Args()[0], c.FunctionName())
	switch {
	case !ok || !ok2:
		return nil
	case o.literal():
		t.fail(c.Target(), c.FunctionName()+"() must be called on an attribute", "")
		return nil
	case o.typ != model.String:
		hint := ""
		if o.typ == model.StringList {
			hint = fmt.Sprintf("write %q in %s", text, o.text)
		}
		t.fail(c.Target(), o.String()+", but "+c.FunctionName()+"() needs a string", hint)
		return nil
	case text == "":
		t.fail(c.Args()[0], c.FunctionName()+`("") is true for every string`, fmt.Sprintf("write present(%s)", o.text))
		return nil
	}
	return &model.Expr{Op: op, Attr: o.attr, Strings: []string{text}}
}

// matches translates text.matches("^a+$").
func (t *translator) matches(e ast.Expr) *model.Expr {
	test := t.part(e, model.OpMatches)
	if test == nil {
		return nil
	}
	pattern, attribute := e.AsCall().Args()[0], t.x.literalText(e.AsCall().Target())
	a, err := automaton.Compile(test.Strings[0])
	if err != nil {
		t.fail(pattern, err.Error(), "")
		return nil
	}
	always := func(state uint16) bool {
		from := a.Next[automaton.Start*a.Width:][:a.Width]
		return !slices.ContainsFunc(from, func(s uint16) bool { return s != state })
	}
	switch {
	case always(automaton.Matched):
		t.fail(pattern, "every string matches the pattern", fmt.Sprintf("write present(%s)", attribute))
		return nil
	case always(automaton.Dead):
		t.fail(pattern, "no string matches the pattern", "")
		return nil
	}
	return test
}

// unsupported adds a mistake for an unsupported call, with a hint at an alternative.
func (t *translator) unsupported(e ast.Expr) *model.Expr {
	c := e.AsCall()
	name := c.FunctionName()
	switch name {
	case operators.Conditional:
		t.fail(e, "the conditional a ? b : c is not supported", "write a && b || !a && c")
	case operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo, operators.Negate:
		t.fail(e, "arithmetic is not supported", "send the result as an attribute")
	case operators.Index:
		t.fail(e, "indexing is not supported", `test what a list contains: "x" in tags`)
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.In,
		operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
		fnPresent, fnSegment, fnAudience, fnOverlaps:
		t.fail(e, "a comparison of conditions is not supported", "use &&, || and !")
	case "has":
		t.fail(e, "has() is not supported", "write present(attribute)")
	case fnStartsWith, fnEndsWith, fnContains, fnMatches, fnExists:
		t.fail(e, name+"() must be called on an attribute", fmt.Sprintf("write attribute.%s(...)", name))
	case fnDaysSince:
		t.fail(e, "daysSince() must be compared with a whole number", daysForm)
	case "version", "timestamp":
		t.fail(e, name+"() is not true or false", "compare an attribute with it")
	default:
		hint := "functions: " + strings.Join(functionNames, ", ")
		if meant, ok := closest.Match(name, functionNames); ok {
			hint = fmt.Sprintf("did you mean %q?", meant)
		}
		t.fail(e, fmt.Sprintf("unknown function %s()", name), hint)
	}
	return nil
}
