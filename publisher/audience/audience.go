// Package audience compiles audience expressions to tests of the core.
//
// An expression is written in CEL (cel.dev). Audiences support this subset:
//
//	a && b   a || b   !a   (a)
//	country == "US"   country != "US"   country in ["US", "GB"]
//	age >= 18   age in [18, 21]
//	logged_in   logged_in == false
//	version(app_version) > version("1.23.12")
//	signed_up < timestamp("2026-01-01T00:00:00Z")
//	"beta" in tags   overlaps(tags, ["a", "b"])   tags.exists(t, t in ["a", "b"])
//	path.startsWith("/shop")   path.endsWith(".html")   path.contains("checkout")
//	path.matches("^/p/[0-9]+$")
//	cart_value >= free_delivery_from   city != billing_city
//	daysSince(signed_up) >= 30
//	present(country)   segment("beta_testers")   audience("us_mobile")
//
// A test compares one attribute with literals, or two attributes with each other. Names are
// those of declared attributes, and both sides of a test have the same type. A test of an
// attribute that a request does not have is unknown, as [model.Op] describes. An audience that
// is unknown does not match.
//
// matches takes a regular expression in RE2 syntax, which may match anywhere in the text; package
// automaton describes the supported syntax. daysSince is the number of whole days, of 24 hours
// each, from a time to now, rounded down. It is -1 for a time up to a day in the future.
//
// This package is internal to Sortition and may change without notice.
package audience

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"
)

// Limits of an expression. They bound the time to parse it and the size of the program.
const (
	MaxLength = 32 << 10 // characters of one expression
	MaxDepth  = 32       // levels of and, or and not, including named audiences
	MaxList   = 1_000    // values in one list
	MaxSize   = 10_000   // tests and values, including named audiences

	// The parser counts a few levels for each pair of parentheses.
	maxParserDepth = 8 * MaxDepth
)

// Mistake is a mistake in an expression.
type Mistake struct {
	Offset  int    // in characters from the start of the expression
	Message string // what is wrong
	Hint    string // what to do about it; may be empty
}

// Expression is an expression with correct syntax.
type Expression struct {
	text   []rune
	root   ast.Expr
	source *ast.SourceInfo
}

// Reference is the use of a named audience in an expression.
type Reference struct {
	Key    string
	Offset int // in characters
}

var celParser = newParser()

func newParser() *parser.Parser {
	p, err := parser.NewParser(
		parser.Macros(), // none: exists is translated from the call
		parser.MaxRecursionDepth(maxParserDepth),
		parser.ErrorReportingLimit(1), // errors after the first are often noise
		parser.ErrorRecoveryLimit(1),
		parser.ExpressionSizeCodePointLimit(MaxLength),
	)
	if err != nil {
		panic("audience: parser options: " + err.Error())
	}
	return p
}

// Parse parses an expression. It returns the expression, or the first syntax mistake.
func Parse(text string) (*Expression, *Mistake) {
	if strings.TrimSpace(text) == "" {
		return nil, &Mistake{Message: "the expression is empty", Hint: "remove it to match every request"}
	}
	if n := utf8.RuneCountInString(text); n > MaxLength {
		return nil, &Mistake{
			Message: fmt.Sprintf("the expression has %d characters; the limit is %d", n, MaxLength),
			Hint:    "name parts of it under audiences, or use a segment",
		}
	}
	tree, errs := celParser.Parse(common.NewTextSource(text))
	if found := errs.GetErrors(); len(found) > 0 {
		return nil, syntaxMistake([]rune(text), found[0])
	}
	return &Expression{text: []rune(text), root: tree.Expr(), source: tree.SourceInfo()}, nil
}

// References returns the named audiences that the expression uses, in the order of the text.
func (x *Expression) References() []Reference {
	var refs []Reference
	ast.PreOrderVisit(x.root, ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().IsMemberFunction() || e.AsCall().FunctionName() != "audience" {
			return
		}
		if args := e.AsCall().Args(); len(args) == 1 && args[0].Kind() == ast.LiteralKind {
			if key, ok := args[0].AsLiteral().(types.String); ok {
				refs = append(refs, Reference{Key: string(key), Offset: x.offset(args[0])})
			}
		}
	}))
	return refs
}

// offset returns the offset of e: of the function's name for a call, and of the operator for an
// operator with two sides.
func (x *Expression) offset(e ast.Expr) int {
	r, ok := x.source.GetOffsetRange(e.ID())
	if !ok {
		return 0
	}
	at := min(int(r.Start), len(x.text))
	if e.Kind() == ast.CallKind && at < len(x.text) && x.text[at] == '(' {
		for at > 0 && isWordRune(x.text[at-1]) {
			at--
		}
	}
	return at
}

// literalText returns a literal as it is written.
func (x *Expression) literalText(e ast.Expr) string {
	r, ok := x.source.GetOffsetRange(e.ID())
	if !ok || r.Start < 0 || int(r.Stop) > len(x.text) || r.Start > r.Stop {
		return ""
	}
	return string(x.text[r.Start:r.Stop])
}

func isWordRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
