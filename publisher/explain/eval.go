package explain

import (
	"cmp"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Result is what a test or an audience evaluates to: a value of three-valued logic. The
// order makes conjunction the minimum and disjunction the maximum.
type Result uint8

// The results. Unknown is the result of a test of something missing.
const (
	False Result = iota
	Unknown
	True
)

// String returns "false", "unknown" or "true".
func (t Result) String() string { return [...]string{"false", "unknown", "true"}[t] }

func (t Result) not() Result { return True - t }

func resultOf(b bool) Result {
	if b {
		return True
	}
	return False
}

// evaluate returns the result of an audience. It evaluates every test, also where the
// result is already certain, so that an explanation shows all of them.
func (w *walk) evaluate(e *model.Expr) Result {
	switch e.Op {
	case model.OpAnd:
		t := True
		for _, arg := range e.Args {
			t = min(t, w.evaluate(arg))
		}
		return t
	case model.OpOr:
		t := False
		for _, arg := range e.Args {
			t = max(t, w.evaluate(arg))
		}
		return t
	case model.OpNot:
		switch arg := e.Args[0]; arg.Op {
		case model.OpAnd, model.OpOr, model.OpNot:
			return w.evaluate(arg).not()
		default:
			return w.observe(e, arg, w.test(arg).not())
		}
	}
	return w.observe(e, e, w.test(e))
}

// observe records the result of a test, as it was written: possibly the negation of what
// was tested.
func (w *walk) observe(written, tested *model.Expr, t Result) Result {
	if w.recording {
		w.tests = append(w.tests, Test{
			Expression: Format(w.program, written), Value: w.valueText(tested), Result: t,
		})
	}
	return t
}

// test returns the result of one test.
func (w *walk) test(e *model.Expr) Result {
	if e.Op == model.OpSegment {
		return w.inSegment(&w.program.Segments[e.Segment])
	}
	attr := w.program.Attributes[e.Attr]
	value := w.request.Attributes[attr.Name]
	equal := func(c int) bool { return c == 0 }
	less := func(c int) bool { return c < 0 }
	lessOrEqual := func(c int) bool { return c <= 0 }
	switch e.Op {
	case model.OpPresent:
		return resultOf(present(attr.Type, value))
	case model.OpEqual:
		return compareLiteral(attr.Type, value, e.Value.Text, equal)
	case model.OpLess:
		return compareLiteral(attr.Type, value, e.Value.Text, less)
	case model.OpLessEq:
		return compareLiteral(attr.Type, value, e.Value.Text, lessOrEqual)
	case model.OpSame:
		return compare(attr.Type, value, w.other(e), equal)
	case model.OpBefore:
		return compare(attr.Type, value, w.other(e), less)
	case model.OpBeforeEq:
		return compare(attr.Type, value, w.other(e), lessOrEqual)
	case model.OpElapsed:
		return elapsed(value, w.request.Now.UnixMilli(), e.Elapsed)
	}
	switch v := value.(type) {
	case bool:
		if e.Op == model.OpTrue {
			return resultOf(v)
		}
	case []string:
		if e.Op == model.OpHas {
			return resultOf(slices.ContainsFunc(v, func(s string) bool {
				return slices.Contains(e.Strings, s)
			}))
		}
	case string:
		switch e.Op {
		case model.OpIn:
			return resultOf(slices.Contains(e.Strings, v))
		case model.OpPrefix:
			return resultOf(strings.HasPrefix(v, e.Strings[0]))
		case model.OpSuffix:
			return resultOf(strings.HasSuffix(v, e.Strings[0]))
		case model.OpContains:
			return resultOf(strings.Contains(v, e.Strings[0]))
		case model.OpMatches:
			return resultOf(regexp.MustCompile(e.Strings[0]).MatchString(v))
		}
	}
	return Unknown
}

// other is the request's value of the attribute that the test compares with.
func (w *walk) other(e *model.Expr) any {
	return w.request.Attributes[w.program.Attributes[e.Other].Name]
}

func (w *walk) inSegment(s *model.Segment) Result {
	id := w.request.Units[w.program.Units[s.Unit]]
	if id == "" {
		return Unknown
	}
	return resultOf(slices.Contains(s.Hashes, hashID(id)))
}

// present reports whether the value is one of the declared type.
func present(t model.Type, value any) bool {
	ok := false
	switch t {
	case model.String:
		_, ok = value.(string)
	case model.Number:
		_, ok = number(value)
	case model.Bool:
		_, ok = value.(bool)
	case model.Version:
		if s, isString := value.(string); isString {
			_, ok = parseVersion(s)
		}
	case model.Time:
		_, ok = instant(value)
	case model.StringList:
		_, ok = value.([]string)
	}
	return ok
}

// compareLiteral compares a request's value with a literal of an audience.
func compareLiteral(t model.Type, value any, literal string, want func(int) bool) Result {
	if t != model.Number {
		return compare(t, value, literal, want)
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return Unknown
	}
	return compare(t, value, f, want)
}

// compare compares two values. It is unknown when either is not of type t.
func compare(t model.Type, a, b any, want func(int) bool) Result {
	if !present(t, a) || !present(t, b) {
		return Unknown
	}
	c := 0
	switch t {
	case model.String:
		c = cmp.Compare(a.(string), b.(string))
	case model.Number:
		m, _ := number(a)
		n, _ := number(b)
		c = cmp.Compare(m, n)
	case model.Version:
		v, _ := parseVersion(a.(string))
		o, _ := parseVersion(b.(string))
		c = v.compare(o)
	case model.Time:
		s, _ := instant(a)
		o, _ := instant(b)
		c = cmp.Compare(s, o)
	default:
		return Unknown
	}
	return resultOf(want(c))
}

// elapsed reports whether at least the given milliseconds lie between the value, a time,
// and now.
func elapsed(value any, now, least int64) Result {
	since, ok := instant(value)
	if !ok {
		return Unknown
	}
	// A request may have any int64, so the difference may overflow.
	passed := new(big.Int).Sub(big.NewInt(now), big.NewInt(since))
	return resultOf(passed.Cmp(big.NewInt(least)) >= 0)
}

// valueText describes what the request has for a test.
func (w *walk) valueText(e *model.Expr) string {
	if e.Op == model.OpSegment {
		unit := w.program.Units[w.program.Segments[e.Segment].Unit]
		if id := w.request.Units[unit]; id != "" {
			return fmt.Sprintf("%s %q", unit, id)
		}
		return fmt.Sprintf("no %s", unit)
	}
	text := w.attributeText(e.Attr)
	switch e.Op {
	case model.OpSame, model.OpBefore, model.OpBeforeEq:
		return text + "; " + w.attributeText(e.Other)
	case model.OpElapsed:
		return text + "; now " + moment(w.request.Now.UnixMilli()).String()
	}
	return text
}

// attributeText describes what the request has for an attribute.
func (w *walk) attributeText(attribute int) string {
	attr := w.program.Attributes[attribute]
	value, ok := w.request.Attributes[attr.Name]
	switch {
	case !ok:
		return "missing"
	case !present(attr.Type, value):
		return fmt.Sprintf("%s, not a %s: counts as missing", literalText(value), attr.Type)
	}
	return literalText(value)
}

// literalText writes a request's value the way an expression would.
func literalText(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case []string:
		return quoteList(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}
