package audience

import (
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
	"github.com/sortition-dev/sortition/wasm/assign"
)

// request holds a value for each of testAttributes.
type request struct {
	age        float64
	appVersion string
	country    string
	loggedIn   bool
	signedUp   time.Time
	tags       []string
	segments   [2]bool // of beta and staff
}

func drawRequest(t *rapid.T) request {
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return request{
		age:        rapid.SampledFrom([]float64{-19, -18, -17.5, 0, 1, 2.5, 17.999, 18, 18.5, 19, 1e300}).Draw(t, "age"),
		appVersion: rapid.SampledFrom([]string{"0.9", "1", "1.23.12", "1.23.12-rc.1", "1.23.13", "2-beta", "2.0.0", "10"}).Draw(t, "version"),
		country:    rapid.SampledFrom([]string{"", "GB", "US", "USA", "u", `it's "x"`}).Draw(t, "country"),
		loggedIn:   rapid.Bool().Draw(t, "logged in"),
		signedUp:   base.Add(rapid.SampledFrom([]time.Duration{-2 * time.Hour, -time.Hour, -time.Millisecond, 0, time.Second}).Draw(t, "signed up")),
		tags:       rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "beta", "x"}), 0, 3).Draw(t, "tags"),
		segments:   [2]bool{rapid.Bool().Draw(t, "beta"), rapid.Bool().Draw(t, "staff")},
	}
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
	if testAttributes[e.Attr].Type == model.Version {
		key, _ := assign.VersionKey(r.appVersion)
		return ordersAs(e.Op, strings.Compare(key, e.Value.Version))
	}
	key := assign.TimeKey(r.signedUp.UnixMilli())
	if testAttributes[e.Attr].Type == model.Number {
		key, _ = assign.NumberKey(r.age)
	}
	switch {
	case key < e.Value.Ordered:
		return ordersAs(e.Op, -1)
	case key > e.Value.Ordered:
		return ordersAs(e.Op, 1)
	}
	return ordersAs(e.Op, 0)
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
		cel.Variable("logged_in", cel.BoolType),
		cel.Variable("signed_up", cel.TimestampType),
		cel.Variable("tags", cel.ListType(cel.StringType)),
		cel.CrossTypeNumericComparisons(true),
		cel.Function("version",
			cel.Overload("version_string", []*cel.Type{cel.StringType}, cel.BytesType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				key, _ := assign.VersionKey(string(v.(types.String)))
				return types.Bytes(key)
			})),
			cel.Overload("version_version", []*cel.Type{cel.BytesType}, cel.BytesType, cel.UnaryBinding(func(v ref.Val) ref.Val { return v }))),
		cel.Function("present", cel.Overload("present_any", []*cel.Type{cel.DynType}, cel.BoolType,
			cel.UnaryBinding(func(ref.Val) ref.Val { return types.True }))),
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
			out, _, err := program.Eval(map[string]any{
				"age": r.age, "app_version": []byte(version), "country": r.country,
				"logged_in": r.loggedIn, "signed_up": r.signedUp, "tags": r.tags,
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
