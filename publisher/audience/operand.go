package audience

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/closest"
)

// operand is one side of a test: an attribute or a literal.
type operand struct {
	at    ast.Expr
	attr  int // index, or model.None for a literal
	typ   model.Type
	text  string      // as written, for people
	str   string      // literal of type String
	yes   bool        // literal of type Bool
	value model.Value // literal of type Number, Version or Time
}

func (o operand) literal() bool { return o.attr == model.None }

// String returns the operand and its type, as mistakes show it.
func (o operand) String() string { return o.text + " is " + article(o.typ) }

func article(t model.Type) string {
	if t == model.StringList {
		return "a list of strings"
	}
	return "a " + t.String()
}

// maxExactInteger is the largest integer up to which every integer can be represented as a
// double.
const maxExactInteger = 1 << 53

// operand reads one side of a test. It reports false after a mistake.
func (t *translator) operand(e ast.Expr) (operand, bool) {
	switch e.Kind() {
	case ast.IdentKind:
		return t.named(e)
	case ast.LiteralKind:
		return t.literal(e)
	case ast.SelectKind:
		t.fail(e, "attributes have no fields", "declare it as a separate attribute, for example "+suggestedName(e))
	case ast.ListKind:
		t.fail(e, "a list is not allowed here", `write a list on the right side of "in"`)
	case ast.CallKind:
		switch name := e.AsCall().FunctionName(); name {
		case "version", "timestamp":
			if !e.AsCall().IsMemberFunction() {
				return t.conversion(e, name)
			}
		}
		t.unsupported(e)
	default:
		t.fail(e, "this cannot be compared", "")
	}
	return operand{}, false
}

func (t *translator) named(e ast.Expr) (operand, bool) {
	name := e.AsIdent()
	i := t.scope.attribute(name)
	if i < 0 {
		t.fail(e, fmt.Sprintf("unknown attribute %q", name), closest.Hint(name, "attributes", t.scope.names))
		return operand{}, false
	}
	if t.scope.attributes[i].Type == 0 {
		return operand{}, false
	}
	return operand{at: e, attr: i, typ: t.scope.attributes[i].Type, text: name}, true
}

func (t *translator) literal(e ast.Expr) (operand, bool) {
	o := operand{at: e, attr: model.None, text: t.x.literalText(e)}
	ok := true
	switch v := e.AsLiteral().(type) {
	case types.String:
		o.typ, o.str = model.String, string(v)
	case types.Bool:
		o.typ, o.yes = model.Bool, bool(v)
	case types.Double:
		o.typ = model.Number
		o.value, ok = numberValue(float64(v))
	case types.Int:
		o.typ = model.Number
		o.value, _ = numberValue(float64(v))
		ok = v <= maxExactInteger && v >= -maxExactInteger
	case types.Uint:
		o.typ = model.Number
		o.value, _ = numberValue(float64(v))
		ok = v <= maxExactInteger
	default:
		t.fail(e, o.text+" cannot be compared with an attribute", "")
		return operand{}, false
	}
	if !ok {
		t.fail(e, o.text+" cannot be represented exactly", "numbers are IEEE 754 doubles: integers are exact up to 9007199254740992")
	}
	return o, ok
}

// conversion reads version("1.2"), timestamp("2026-…"), or one of these functions around an
// attribute that already has the type.
func (t *translator) conversion(e ast.Expr, function string) (operand, bool) {
	typ, read, form := model.Version, versionValue, `a version looks like "1.23.12" or "2.0.0-beta.1"`
	if function == "timestamp" {
		typ, read, form = model.Time, timeValue, `a time looks like "2026-01-31T12:00:00Z"`
	}
	args := e.AsCall().Args()
	if len(args) != 1 || args[0].Kind() != ast.IdentKind && args[0].Kind() != ast.LiteralKind {
		t.fail(e, function+"() takes one string or attribute", "")
		return operand{}, false
	}
	o, ok := t.operand(args[0])
	if !ok {
		return operand{}, false
	}
	o.at = e
	switch {
	case !o.literal() && o.typ == typ:
		return o, true
	case !o.literal():
		t.fail(args[0], fmt.Sprintf("%s() needs %s, but %s", function, article(typ), o),
			fmt.Sprintf("declare it as %s: %s", o.text, typ))
	case o.typ != model.String:
		t.fail(args[0], function+"() takes a string", form)
	default:
		if o.value, ok = read(o.str); ok {
			o.typ = typ
			o.text = function + "(" + o.text + ")"
			return o, true
		}
		t.fail(args[0], fmt.Sprintf("%s is not a %s", o.text, typ), form)
	}
	return operand{}, false
}

// stringLiteral reads an argument that must be a string literal.
func (t *translator) stringLiteral(e ast.Expr, function string) (string, bool) {
	if e.Kind() == ast.LiteralKind {
		if s, ok := e.AsLiteral().(types.String); ok {
			return string(s), true
		}
	}
	t.fail(e, function+"() takes a string in quotes", "")
	return "", false
}

// suggestedName returns a_b_c for the expression a.b.c.
func suggestedName(e ast.Expr) string {
	var parts []string
	for e.Kind() == ast.SelectKind {
		parts = append([]string{e.AsSelect().FieldName()}, parts...)
		e = e.AsSelect().Operand()
	}
	if e.Kind() == ast.IdentKind {
		parts = append([]string{strings.TrimPrefix(e.AsIdent(), ".")}, parts...)
	}
	return strings.Join(parts, "_")
}
