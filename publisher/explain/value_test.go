package explain

import (
	"cmp"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/assign"
)

func TestVersionOrder(t *testing.T) {
	ascending := []string{
		"0", "0.0.0.1", "1.2.3-0", "1.2.3-1", "1.2.3-2", "1.2.3-10", "1.2.3-999999999999999999",
		"1.2.3--", "1.2.3-Alpha", "1.2.3-alpha", "1.2.3-alpha.1", "1.2.3-alpha.beta", "1.2.3-beta",
		"1.2.3-rc", "1.2.3-rc.0", "1.2.3-rc.0.0", "1.2.3-rc.1", "1.2.3-rc1", "1.2.3", "1.2.3.1",
		"1.10", "2", "999999999999999999",
	}
	for i, a := range ascending {
		for j, b := range ascending {
			va, okA := parseVersion(a)
			vb, okB := parseVersion(b)
			if !okA || !okB || va.compare(vb) != cmp.Compare(i, j) {
				t.Errorf("%s and %s compare as %d, want %d", a, b, va.compare(vb), cmp.Compare(i, j))
			}
		}
	}
}

func TestEqualVersions(t *testing.T) {
	for _, pair := range [][2]string{
		{"1", "1.0.0.0"}, {"v1.2", "1.2.0"}, {"1.2+a", "1.2+b"}, {"01.002", "1.2"}, {"1-rc.01", "1-rc.1"},
		{"1.2+", "1.2"},
	} {
		a, okA := parseVersion(pair[0])
		b, okB := parseVersion(pair[1])
		if !okA || !okB || a.compare(b) != 0 {
			t.Errorf("%s and %s are not equal", pair[0], pair[1])
		}
	}
}

func TestInvalidVersions(t *testing.T) {
	for _, s := range []string{
		"", "v", "V1", "1.", ".1", "1..2", "1.2.3.4.5", "1.x", "-1", "1-", "1-a..b", "1-é", " 1",
		"1000000000000000000", "1-1000000000000000000", "1." + strings.Repeat("0", 127),
	} {
		if _, ok := parseVersion(s); ok {
			t.Errorf("%q is taken for a version", s)
		}
	}
}

// TestVersionKeys holds the comparison against the keys that programs carry.
func TestVersionKeys(t *testing.T) {
	versions := rapid.StringMatching(`v?[0-9]{1,2}(\.[0-9]{1,3}){0,4}(-([0-9]{1,2}|[ab0-]{1,2})(\.([0-9]|[a-c]{1,2})){0,2})?(\+[a.]?)?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := versions.Draw(t, "a"), versions.Draw(t, "b")
		va, okA := parseVersion(a)
		vb, okB := parseVersion(b)
		ka, keyOKA := assign.VersionKey(a)
		kb, keyOKB := assign.VersionKey(b)
		if okA != keyOKA || okB != keyOKB {
			t.Fatalf("validity of %q is %t and %t, of %q %t and %t", a, okA, keyOKA, b, okB, keyOKB)
		}
		if okA && okB && va.compare(vb) != cmp.Compare(ka, kb) {
			t.Fatalf("%q and %q compare as %d, their keys as %d", a, b, va.compare(vb), cmp.Compare(ka, kb))
		}
	})
}

func TestNumberKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := math.Float64frombits(rapid.Uint64().Draw(t, "a"))
		b := math.Float64frombits(rapid.Uint64().Draw(t, "b"))
		if rapid.Bool().Draw(t, "neighbours") {
			b = math.Nextafter(a, b)
		}
		ka, okA := assign.NumberKey(a)
		kb, okB := assign.NumberKey(b)
		if _, ok := number(a); ok != okA {
			t.Fatalf("%g is a number: %t, has a key: %t", a, ok, okA)
		}
		if okA && okB && cmp.Compare(a, b) != cmp.Compare(ka, kb) {
			t.Fatalf("%g and %g compare unlike their keys", a, b)
		}
	})
}

func TestTimes(t *testing.T) {
	noonMillis := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli()
	for _, tt := range []struct {
		value any
		want  int64
	}{
		{"2026-03-01T12:00:00Z", noonMillis},
		{"2026-03-01T13:30:00+01:30", noonMillis},
		{"2026-03-01T12:00:00.0019Z", noonMillis + 1},
		{time.UnixMilli(noonMillis), noonMillis},
		{noonMillis, noonMillis},
		{"1969-12-31T23:59:59.9999Z", -1},
	} {
		if got, ok := instant(tt.value); !ok || got != tt.want {
			t.Errorf("%v is %d (%t), want %d", tt.value, got, ok, tt.want)
		}
	}
	for _, v := range []any{
		nil, float64(noonMillis), "", "2026-03-01", "2026-03-01T12:00:00", "2026-03-01t12:00:00z",
		"2026-03-01T12:00:00,5Z", "2026-03-01T12:00:00+24:00", "2026-03-01T12:00:60Z", "2026-02-29T12:00:00Z",
		"2026-03-01T12:00:00+01:60", "1772366400000",
	} {
		if got, ok := instant(v); ok {
			t.Errorf("%v is taken for the time %d", v, got)
		}
	}
}

func TestThreeValues(t *testing.T) {
	p := &model.Program{
		Units:      []string{"user"},
		Attributes: []model.Attribute{{Name: "yes", Type: model.Bool}, {Name: "no", Type: model.Bool}, {Name: "absent", Type: model.Bool}},
	}
	yes, no, absent := &model.Expr{Op: model.OpTrue, Attr: 0}, &model.Expr{Op: model.OpTrue, Attr: 1}, &model.Expr{Op: model.OpTrue, Attr: 2}
	and := func(args ...*model.Expr) *model.Expr { return &model.Expr{Op: model.OpAnd, Args: args} }
	or := func(args ...*model.Expr) *model.Expr { return &model.Expr{Op: model.OpOr, Args: args} }
	not := func(arg *model.Expr) *model.Expr { return &model.Expr{Op: model.OpNot, Args: []*model.Expr{arg}} }
	for _, tt := range []struct {
		expr *model.Expr
		want Result
	}{
		{yes, True}, {no, False}, {absent, Unknown},
		{not(yes), False}, {not(no), True}, {not(absent), Unknown},
		{and(yes, yes), True}, {and(yes, no), False}, {and(yes, absent), Unknown}, {and(no, absent), False}, {and(absent, absent), Unknown},
		{or(no, no), False}, {or(yes, no), True}, {or(yes, absent), True}, {or(no, absent), Unknown}, {or(absent, absent), Unknown},
		{not(and(yes, absent)), Unknown}, {not(or(yes, absent)), False},
		{not(&model.Expr{Op: model.OpPresent, Attr: 2}), True},
		{&model.Expr{Op: model.OpPresent, Attr: 1}, True},
	} {
		w := walk{program: p, request: Request{Attributes: map[string]any{"yes": true, "no": false}}}
		if got := w.evaluate(tt.expr); got != tt.want {
			t.Errorf("%s is %s, want %s", Format(p, tt.expr), got, tt.want)
		}
	}
}

func TestTests(t *testing.T) {
	p := &model.Program{
		Units: []string{"user"},
		Attributes: []model.Attribute{
			{Name: "s", Type: model.String}, {Name: "n", Type: model.Number}, {Name: "b", Type: model.Bool},
			{Name: "v", Type: model.Version}, {Name: "t", Type: model.Time}, {Name: "l", Type: model.StringList},
		},
		Segments: []model.Segment{{Key: "beta", Hashes: []uint64{hashID("user-4")}}},
	}
	test := func(attr int, op model.Op, literal string) *model.Expr {
		e := &model.Expr{Op: op, Attr: attr, Strings: []string{literal}}
		e.Value.Text = literal
		return e
	}
	const s, n, b, v, at, l = 0, 1, 2, 3, 4, 5
	matches := func(pattern string) *model.Expr { return test(s, model.OpMatches, pattern) }
	for _, tt := range []struct {
		expr  *model.Expr
		value any
		want  Result
	}{
		{test(s, model.OpIn, "US"), "US", True},
		{test(s, model.OpIn, "US"), "us", False},
		{test(s, model.OpIn, ""), "", True},
		{test(s, model.OpIn, "1"), int64(1), Unknown},
		{test(s, model.OpPrefix, "/shop"), "/shop/1", True},
		{test(s, model.OpPrefix, "/shop"), "/sho", False},
		{test(s, model.OpSuffix, ".html"), "a.html", True},
		{test(s, model.OpContains, "b"), "abc", True},
		{test(s, model.OpContains, "b"), []string{"b"}, Unknown},
		{matches("b+$"), "abb", True},
		{matches("^b"), "abb", False},
		{matches(""), "", True},
		{matches("(?i)K"), "\u212a", True},
		{matches("^.$"), "\xff", True},
		{matches(`^\x{fffd}{2}$`), "\xff\xfe", True},
		{matches("a"), int64(1), Unknown},
		{matches("a"), []string{"a"}, Unknown},
		{test(s, model.OpPresent, ""), "", True},
		{test(n, model.OpEqual, "0"), math.Copysign(0, -1), True},
		{test(n, model.OpEqual, "-0"), int64(0), True},
		{test(n, model.OpLess, "18"), int64(17), True},
		{test(n, model.OpLess, "18"), 18.0, False},
		{test(n, model.OpLessEq, "18"), 18.0, True},
		{test(n, model.OpEqual, "9007199254740992"), int64(9007199254740993), True},
		{test(n, model.OpLess, "18"), math.NaN(), Unknown},
		{test(n, model.OpLess, "18"), math.Inf(-1), True},
		{test(n, model.OpLess, "18"), "17", Unknown},
		{test(n, model.OpPresent, ""), math.NaN(), False},
		{test(b, model.OpTrue, ""), true, True},
		{test(b, model.OpTrue, ""), "true", Unknown},
		{test(v, model.OpLessEq, "1.23.12"), "1.23.12-rc.1", True},
		{test(v, model.OpLessEq, "1.23.12"), "1.24", False},
		{test(v, model.OpLessEq, "1.23.12"), "new", Unknown},
		{test(v, model.OpPresent, ""), "new", False},
		{test(at, model.OpLess, "2026-03-01T12:00:00Z"), "2026-03-01T11:59:59.999Z", True},
		{test(at, model.OpLess, "2026-03-01T12:00:00Z"), int64(1772366400000), False},
		{test(at, model.OpLess, "2026-03-01T12:00:00Z"), "yesterday", Unknown},
		{test(l, model.OpHas, "a"), []string{"b", "a"}, True},
		{test(l, model.OpHas, "a"), []string{}, False},
		{test(l, model.OpHas, "a"), "a", Unknown},
		{test(l, model.OpPresent, ""), []string{}, True},
	} {
		attr := p.Attributes[tt.expr.Attr].Name
		w := walk{program: p, request: Request{Attributes: map[string]any{attr: tt.value}}}
		if got := w.evaluate(tt.expr); got != tt.want {
			t.Errorf("with %s = %v, %s is %s, want %s", attr, tt.value, Format(p, tt.expr), got, tt.want)
		}
	}
	for id, want := range map[string]Result{"user-4": True, "user-2": False, "": Unknown} {
		w := walk{program: p, request: Request{Units: map[string]string{"user": id}}}
		if got := w.evaluate(&model.Expr{Op: model.OpSegment}); got != want {
			t.Errorf("%q is in the segment: %s, want %s", id, got, want)
		}
	}
}

func TestAttributeAgainstAttribute(t *testing.T) {
	p := &model.Program{Units: []string{"user"}}
	for typ := model.String; typ <= model.Time; typ++ {
		p.Attributes = append(p.Attributes,
			model.Attribute{Name: typ.String(), Type: typ}, model.Attribute{Name: typ.String() + "_2", Type: typ})
	}
	missing := any(nil)
	for _, tt := range []struct {
		typ                    model.Type
		a, b                   any
		same, before, beforeEq Result
	}{
		{model.Number, 1.0, 2.0, False, True, True},
		{model.Number, int64(2), 2.0, True, False, True},
		{model.Number, 3.0, int64(2), False, False, False},
		{model.Number, math.Copysign(0, -1), int64(0), True, False, True},
		{model.Number, int64(1<<53 + 1), float64(1 << 53), True, False, True},
		{model.Number, math.NaN(), math.NaN(), Unknown, Unknown, Unknown},
		{model.Number, 1.0, "1", Unknown, Unknown, Unknown},
		{model.Number, missing, 1.0, Unknown, Unknown, Unknown},
		{model.Version, "1.2", "v1.2.0+b", True, False, True},
		{model.Version, "1.2-rc", "1.2", False, True, True},
		{model.Version, "1.10", "1.9", False, False, False},
		{model.Version, "new", "new", Unknown, Unknown, Unknown},
		{model.Time, "2026-03-01T12:00:00Z", "2026-03-01T13:00:00.0009+01:00", True, False, True},
		{model.Time, int64(0), "1970-01-01T00:00:00.001Z", False, True, True},
		{model.Time, int64(1), time.UnixMilli(0), False, False, False},
		{model.Time, "yesterday", "yesterday", Unknown, Unknown, Unknown},
		{model.Bool, true, true, Unknown, Unknown, Unknown},
	} {
		name := tt.typ.String()
		w := walk{program: p, request: Request{Attributes: map[string]any{name: tt.a, name + "_2": tt.b}}}
		first := 2 * int(tt.typ-model.String)
		for op, want := range map[model.Op]Result{
			model.OpSame: tt.same, model.OpBefore: tt.before, model.OpBeforeEq: tt.beforeEq,
		} {
			e := &model.Expr{Op: op, Attr: first, Other: first + 1}
			if got := w.evaluate(e); got != want {
				t.Errorf("with %v and %v, %s is %s, want %s", tt.a, tt.b, Format(p, e), got, want)
			}
		}
	}
	for _, tt := range []struct {
		a, b any
		want Result
	}{
		{"x", "x", True}, {"", "", True}, {"x", "X", False}, {"\xff", "\xfe", False}, {"é", "e\u0301", False},
		{"x", nil, Unknown}, {nil, nil, Unknown}, {"1", int64(1), Unknown},
	} {
		w := walk{program: p, request: Request{Attributes: map[string]any{"string": tt.a, "string_2": tt.b}}}
		if got := w.evaluate(&model.Expr{Op: model.OpSame, Attr: 0, Other: 1}); got != tt.want {
			t.Errorf("%v is the same as %v: %s, want %s", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestElapsed(t *testing.T) {
	p := &model.Program{Attributes: []model.Attribute{{Name: "t", Type: model.Time}}}
	for _, tt := range []struct {
		now   int64
		value any
		least int64
		want  Result
	}{
		{1_000, int64(900), 100, True},
		{1_000, int64(901), 100, False},
		{1_000, int64(1_100), -100, True},
		{1_000, int64(1_101), -100, False},
		{0, "1970-01-01T00:00:00Z", 0, True},
		{0, "1970-01-01T00:00:00.001Z", 0, False},
		{1, time.UnixMilli(0), 1, True},
		{math.MaxInt64, int64(math.MinInt64), math.MaxInt64, True},
		{math.MinInt64, int64(math.MaxInt64), math.MinInt64, False},
		{1_000, 900.0, 0, Unknown},
		{1_000, "yesterday", 0, Unknown},
		{1_000, nil, 0, Unknown},
	} {
		w := walk{program: p, request: Request{Now: time.UnixMilli(tt.now), Attributes: map[string]any{"t": tt.value}}}
		if got := w.evaluate(&model.Expr{Op: model.OpElapsed, Elapsed: tt.least}); got != tt.want {
			t.Errorf("at %d, %d ms since %v: %s, want %s", tt.now, tt.least, tt.value, got, tt.want)
		}
	}
}

// TestValues checks what an explanation shows beside a test.
func TestValues(t *testing.T) {
	p := &model.Program{Attributes: []model.Attribute{{Name: "a", Type: model.Time}, {Name: "b", Type: model.Time}}}
	r := Request{Now: time.UnixMilli(0), Attributes: map[string]any{"a": "1970-01-01T00:00:00Z", "b": true}}
	for _, tt := range []struct {
		expr *model.Expr
		want Test
	}{
		{&model.Expr{Op: model.OpBefore, Attr: 0, Other: 1},
			Test{"a < b", `"1970-01-01T00:00:00Z"; true, not a time: counts as missing`, Unknown}},
		{&model.Expr{Op: model.OpElapsed, Attr: 0},
			Test{"daysSince(a) >= 0", `"1970-01-01T00:00:00Z"; now 1970-01-01T00:00:00Z`, True}},
	} {
		w := walk{program: p, recording: true, request: r}
		w.evaluate(tt.expr)
		if len(w.tests) != 1 || w.tests[0] != tt.want {
			t.Errorf("got %+v, want %+v", w.tests, tt.want)
		}
	}
}

func TestNegatedTestsReadAsWritten(t *testing.T) {
	p := &model.Program{Attributes: []model.Attribute{{Name: "n", Type: model.Number}}}
	least := &model.Expr{Op: model.OpLessEq, Value: model.Value{Text: "18"}}
	w := walk{program: p, recording: true, request: Request{Attributes: map[string]any{"n": int64(19)}}}
	w.evaluate(&model.Expr{Op: model.OpNot, Args: []*model.Expr{least}})
	if want := (Test{Expression: "n > 18", Value: "19", Result: True}); len(w.tests) != 1 || w.tests[0] != want {
		t.Errorf("got %+v, want %+v", w.tests, want)
	}
}
