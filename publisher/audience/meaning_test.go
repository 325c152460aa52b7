package audience

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/automaton"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// request holds a value for each of testAttributes.
type request struct {
	now        time.Time
	age        float64
	appVersion string
	country    string
	home       string
	lastSeen   time.Time
	limit      float64
	loggedIn   bool
	minVersion string
	signedUp   time.Time
	staff      bool
	tags       []string
	wishes     []string
	segments   [2]bool // of beta and staff
}

func drawRequest(t *rapid.T) request {
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	number := rapid.SampledFrom([]float64{-19, -18, -17.5, 0, 1, 2.5, 17.999, 18, 18.5, 19, 1e300})
	version := rapid.SampledFrom([]string{"0.9", "1", "1.23.12", "1.23.12-rc.1", "1.23.13", "2-beta", "2.0.0", "10"})
	text := rapid.SampledFrom([]string{"", "GB", "US", "USA", "u", "us", `it's "x"`, "\U0001f600"})
	moment := rapid.Map(rapid.SampledFrom([]time.Duration{-2 * time.Hour, -time.Hour, -time.Millisecond, 0, time.Second}), base.Add)
	days := rapid.SampledFrom([]int{-2, -1, 0, 1, 2, 30, 31})
	tags := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "beta", "x"}), 0, 3)
	r := request{
		age:        number.Draw(t, "age"),
		appVersion: version.Draw(t, "app version"),
		country:    text.Draw(t, "country"),
		home:       text.Draw(t, "home"),
		lastSeen:   moment.Draw(t, "last seen"),
		limit:      number.Draw(t, "limit"),
		loggedIn:   rapid.Bool().Draw(t, "logged in"),
		minVersion: version.Draw(t, "minimal version"),
		signedUp:   moment.Draw(t, "signed up"),
		staff:      rapid.Bool().Draw(t, "staff"),
		tags:       tags.Draw(t, "tags"),
		wishes:     tags.Draw(t, "wishes"),
		segments:   [2]bool{rapid.Bool().Draw(t, "beta"), rapid.Bool().Draw(t, "staff segment")},
	}
	edge := rapid.SampledFrom([]time.Duration{-time.Millisecond, 0, time.Millisecond, 12 * time.Hour}).Draw(t, "edge")
	r.now = r.signedUp.Add(time.Duration(days.Draw(t, "days"))*day + edge)
	return r
}

// value gives an attribute's value in the core's order: a string or an integer.
func (r request) value(attr int) any {
	number := func(f float64) any {
		key, _ := assign.NumberKey(f)
		return key
	}
	version := func(v string) any {
		key, _ := assign.VersionKey(v)
		return key
	}
	switch testAttributes[attr].Name {
	case "age":
		return number(r.age)
	case "limit":
		return number(r.limit)
	case "app_version":
		return version(r.appVersion)
	case "min_version":
		return version(r.minVersion)
	case "signed_up":
		return assign.TimeKey(r.signedUp.UnixMilli())
	case "last_seen":
		return assign.TimeKey(r.lastSeen.UnixMilli())
	case "country":
		return r.country
	}
	return r.home
}

// order compares two values of one type.
func order(a, b any) int {
	if text, ok := a.(string); ok {
		return strings.Compare(text, b.(string))
	}
	return cmp.Compare(a.(uint64), b.(uint64))
}

// matches evaluates a compiled expression on a request that has every attribute.
func matches(e *model.Expr, r request) bool {
	switch e.Op {
	case model.OpAnd:
		return !slices.ContainsFunc(e.Args, func(a *model.Expr) bool { return !matches(a, r) })
	case model.OpOr:
		return slices.ContainsFunc(e.Args, func(a *model.Expr) bool { return matches(a, r) })
	case model.OpNot:
		return !matches(e.Args[0], r)
	case model.OpPresent:
		return true
	case model.OpTrue:
		return r.loggedIn
	case model.OpSame:
		return order(r.value(e.Attr), r.value(e.Other)) == 0
	case model.OpBefore:
		return order(r.value(e.Attr), r.value(e.Other)) < 0
	case model.OpBeforeEq:
		return order(r.value(e.Attr), r.value(e.Other)) <= 0
	case model.OpElapsed:
		return r.now.UnixMilli()-r.signedUp.UnixMilli() >= e.Elapsed
	case model.OpMatches:
		a, err := automaton.Compile(e.Strings[0])
		return err == nil && a.MatchString(r.country)
	case model.OpIn:
		return slices.Contains(e.Strings, r.country)
	case model.OpHas:
		return slices.ContainsFunc(r.tags, func(tag string) bool { return slices.Contains(e.Strings, tag) })
	case model.OpPrefix:
		return strings.HasPrefix(r.country, e.Strings[0])
	case model.OpSuffix:
		return strings.HasSuffix(r.country, e.Strings[0])
	case model.OpContains:
		return strings.Contains(r.country, e.Strings[0])
	case model.OpSegment:
		return r.segments[e.Segment]
	}
	var literal any = e.Value.Ordered
	if testAttributes[e.Attr].Type == model.Version {
		literal = e.Value.Version
	}
	return ordersAs(e.Op, order(r.value(e.Attr), literal))
}

func ordersAs(op model.Op, order int) bool {
	switch op {
	case model.OpEqual:
		return order == 0
	case model.OpLess:
		return order < 0
	}
	return order <= 0
}

// celEnv declares the attributes and functions of audiences to the reference
// implementation of CEL. Versions are byte strings there, as they are in the core.
func celEnv(t *testing.T, r *request, audiences map[string]func() bool) *cel.Env {
	t.Helper()
	boolOf := func(f func(string) bool) cel.OverloadOpt {
		return cel.UnaryBinding(func(arg ref.Val) ref.Val { return types.Bool(f(string(arg.(types.String)))) })
	}
	env, err := cel.NewEnv(
		cel.Variable("age", cel.DynType), // compared with int and double literals alike
		cel.Variable("app_version", cel.BytesType),
		cel.Variable("country", cel.StringType),
		cel.Variable("home", cel.StringType),
		cel.Variable("last_seen", cel.TimestampType),
		cel.Variable("limit", cel.DynType),
		cel.Variable("logged_in", cel.BoolType),
		cel.Variable("min_version", cel.BytesType),
		cel.Variable("signed_up", cel.TimestampType),
		cel.Variable("staff", cel.BoolType),
		cel.Variable("tags", cel.ListType(cel.StringType)),
		cel.Variable("wishes", cel.ListType(cel.StringType)),
		cel.CrossTypeNumericComparisons(true),
		cel.Function("version",
			cel.Overload("version_string", []*cel.Type{cel.StringType}, cel.BytesType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				key, _ := assign.VersionKey(string(v.(types.String)))
				return types.Bytes(key)
			})),
			cel.Overload("version_version", []*cel.Type{cel.BytesType}, cel.BytesType, cel.UnaryBinding(func(v ref.Val) ref.Val { return v }))),
		cel.Function("present", cel.Overload("present_any", []*cel.Type{cel.DynType}, cel.BoolType,
			cel.UnaryBinding(func(ref.Val) ref.Val { return types.True }))),
		cel.Function("daysSince", cel.Overload("days_since_timestamp", []*cel.Type{cel.TimestampType}, cel.IntType,
			cel.UnaryBinding(func(v ref.Val) ref.Val {
				return types.Int(math.Floor(r.now.Sub(v.(types.Timestamp).Time).Hours() / 24))
			}))),
		cel.Function("segment", cel.Overload("segment_string", []*cel.Type{cel.StringType}, cel.BoolType,
			boolOf(func(key string) bool { return r.segments[slices.Index([]string{"beta", "staff"}, key)] }))),
		cel.Function("audience", cel.Overload("audience_string", []*cel.Type{cel.StringType}, cel.BoolType,
			boolOf(func(key string) bool { return audiences[key]() }))),
		cel.Function("overlaps", cel.Overload("overlaps_lists", []*cel.Type{cel.ListType(cel.StringType), cel.ListType(cel.StringType)}, cel.BoolType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val {
				for it := a.(traits.Lister).Iterator(); it.HasNext() == types.True; {
					if b.(traits.Container).Contains(it.Next()) == types.True {
						return types.True
					}
				}
				return types.False
			}))),
	)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// TestMeaningIsThatOfCEL evaluates every expression of the translation table with the
// reference implementation, which checks its types too, and compares.
func TestMeaningIsThatOfCEL(t *testing.T) {
	s := testScope(t)
	var r request
	env := celEnv(t, &r, map[string]func() bool{
		"adults": func() bool { return r.age >= 18 },
		"both":   func() bool { return r.loggedIn && r.country == "US" },
	})
	for _, c := range translations {
		compiled := mustCompile(t, s, c.text)
		tree, issues := env.Compile(c.text)
		if issues.Err() != nil {
			t.Errorf("%s is not CEL: %v", c.text, issues.Err())
			continue
		}
		program, err := env.Program(tree)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(rt *rapid.T) {
			r = drawRequest(rt)
			version, _ := assign.VersionKey(r.appVersion)
			minimum, _ := assign.VersionKey(r.minVersion)
			out, _, err := program.Eval(map[string]any{
				"age": r.age, "app_version": []byte(version), "country": r.country, "home": r.home,
				"last_seen": r.lastSeen, "limit": r.limit, "logged_in": r.loggedIn, "min_version": []byte(minimum),
				"signed_up": r.signedUp, "staff": r.staff, "tags": r.tags, "wishes": r.wishes,
			})
			if err != nil {
				rt.Fatalf("%s: %v", c.text, err)
			}
			if got := matches(compiled, r); got != out.Value() {
				rt.Fatalf("%s: %v, CEL says %v", c.text, got, out.Value())
			}
		})
	}
}
