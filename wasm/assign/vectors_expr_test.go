package assign_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// Attributes of audienceSuite, two of each type that tests compare.
const (
	attrString = iota
	attrString2
	attrNumber
	attrNumber2
	attrBool
	attrBool2
	attrBool3
	attrVersion
	attrVersion2
	attrTime
	attrTime2
	attrList
)

// audienceSuite is for audiences: each is that of an experiment which has the audience's
// text for its key, and which gives "on" to everybody who matches.
func audienceSuite(name, why string) *suite {
	s := newSuite(name, why)
	s.program.Attributes = []model.Attribute{
		attrString: {Name: "s", Type: model.String}, attrString2: {Name: "s2", Type: model.String},
		attrNumber: {Name: "n", Type: model.Number}, attrNumber2: {Name: "n2", Type: model.Number},
		attrBool: {Name: "b", Type: model.Bool}, attrBool2: {Name: "b2", Type: model.Bool}, attrBool3: {Name: "b3", Type: model.Bool},
		attrVersion: {Name: "v", Type: model.Version}, attrVersion2: {Name: "v2", Type: model.Version},
		attrTime: {Name: "t", Type: model.Time}, attrTime2: {Name: "t2", Type: model.Time},
		attrList: {Name: "l", Type: model.StringList},
	}
	return s
}

// probe is a request and whether an audience matches it.
type probe struct {
	name    string
	request explain.Request
	matches bool
	why     string
}

// yes and no are probes with attributes given as names and values. A nil value is a
// missing attribute.
func yes(why string, attributes ...any) probe { return newProbe(true, why, attributes) }
func no(why string, attributes ...any) probe  { return newProbe(false, why, attributes) }

func newProbe(matches bool, why string, attributes []any) probe {
	var parts []string
	for pair := range slices.Chunk(attributes, 2) {
		parts = append(parts, fmt.Sprintf("%s = %s", pair[0], valueName(pair[1])))
	}
	return probe{strings.Join(parts, ", "), with(asUser("user-1"), attributes...), matches, why}
}

// valueName tells values of every type apart.
func valueName(value any) string {
	switch v := value.(type) {
	case nil:
		return "missing"
	case float64:
		return "double " + strconv.FormatFloat(v, 'g', -1, 64)
	case int64:
		return fmt.Sprintf("int %d", v)
	case string:
		if len(v) > 60 {
			return fmt.Sprintf("%q… of %d bytes", v[:10], len(v))
		}
	}
	return fmt.Sprintf("%q", value)
}

// on replaces the request of a probe.
func (p probe) on(name string, r explain.Request) probe {
	p.name, p.request = name, r
	return p
}

// audience adds an experiment for the expression and a case for each probe.
func (s *suite) audience(e *model.Expr, probes ...probe) {
	key := explain.Format(s.program, e)
	if !slices.ContainsFunc(s.program.Experiments, func(x model.Experiment) bool { return x.Key == key }) {
		s.experiment(key, audience(e))
	}
	for _, p := range probes {
		want := because(abi.ReasonAudience)
		if p.matches {
			want = given("on")
		}
		s.check(key, key+" with "+p.name, p.request, want, p.why)
	}
}

// Expressions.

func and(args ...*model.Expr) *model.Expr { return &model.Expr{Op: model.OpAnd, Args: args} }
func or(args ...*model.Expr) *model.Expr  { return &model.Expr{Op: model.OpOr, Args: args} }
func not(arg *model.Expr) *model.Expr     { return &model.Expr{Op: model.OpNot, Args: []*model.Expr{arg}} }

func present(attr int) *model.Expr { return &model.Expr{Op: model.OpPresent, Attr: attr} }
func isTrue(attr int) *model.Expr  { return &model.Expr{Op: model.OpTrue, Attr: attr} }

func texts(op model.Op, attr int, list ...string) *model.Expr {
	slices.Sort(list)
	return &model.Expr{Op: op, Attr: attr, Strings: list}
}

func in(list ...string) *model.Expr { return texts(model.OpIn, attrString, list...) }

func matchesPattern(pattern string) *model.Expr {
	return texts(model.OpMatches, attrString, pattern)
}

func number(op model.Op, literal float64) *model.Expr {
	key, _ := assign.NumberKey(literal)
	return &model.Expr{Op: op, Attr: attrNumber, Value: model.Value{
		Ordered: key, Text: strconv.FormatFloat(literal, 'g', -1, 64),
	}}
}

func version(op model.Op, literal string) *model.Expr {
	key, ok := assign.VersionKey(literal)
	if !ok {
		panic("not a version: " + literal)
	}
	return &model.Expr{Op: op, Attr: attrVersion, Value: model.Value{Version: key, Text: literal}}
}

func moment(op model.Op, literal string) *model.Expr {
	ms, ok := assign.ParseTime(literal)
	if !ok {
		panic("not a time: " + literal)
	}
	return &model.Expr{Op: op, Attr: attrTime, Value: model.Value{Ordered: assign.TimeKey(ms), Text: literal}}
}

func versus(op model.Op, attr, other int) *model.Expr {
	return &model.Expr{Op: op, Attr: attr, Other: other}
}

func elapsed(millis int64) *model.Expr {
	return &model.Expr{Op: model.OpElapsed, Attr: attrTime, Elapsed: millis}
}

// Numbers beside a number.

func above(f float64) float64 { return math.Nextafter(f, math.Inf(1)) }
func below(f float64) float64 { return math.Nextafter(f, math.Inf(-1)) }
