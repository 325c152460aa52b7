package explain_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain"
)

func TestWriteText(t *testing.T) {
	var out strings.Builder
	r := user("user-4", map[string]any{"country": "US", "bot": "yes"})
	if err := explain.WriteText(&out, explain.All(checkout(), r)); err != nil {
		t.Fatal(err)
	}
	const want = `button (experiment) → green, reason split
  ✓ unit          user "user-4"
  ✓ kill_switch   not paused
  ✓ override      xxhash64("user-4") = 0x3227a16a6007f168 is not on the override list
  ✓ opt_out       no opt-out list of user ids
  ✓ bot           bot: unknown
                  unknown  bot  "yes", not a bool: counts as missing
  ✓ internal      staff: unknown
                  unknown  staff  missing
  ✓ holdout       holdout global has no slots: not held out
                  intHash64(xxhash64("user-4") ^ xxhash64("holdout/global")) = 0xa2384f7a8653ccfa, high half → slot 6336
                  SELECT intDiv(bitShiftRight(intHash64(bitXor(xxHash64('user-4'), xxHash64('holdout/global'))), 32) * 10000, 4294967296)
  ✓ schedule      no schedule
  ✓ prerequisite  no prerequisites
  ✓ layer         button owns 8000–9999, 3000–5999 (position 2748, traffic 5000)
                  intHash64(xxhash64("user-4") ^ xxhash64("layer/checkout")) = 0x5ff81a9c6be65c8a, high half → slot 3748
                  SELECT intDiv(bitShiftRight(intHash64(bitXor(xxHash64('user-4'), xxHash64('layer/checkout'))), 32) * 10000, 4294967296)
  ✓ audience      country in ["GB", "US"]: true
                  true     country in ["GB", "US"]  "US"
  ✓ traffic       position 2748 is below traffic 5000
  ✓ split         control 0–4999, green 5000–9999: slot 6422 gives green
                  intHash64(xxhash64("user-4") ^ xxhash64("button")) = 0x9afac5cda4698621, low half → slot 6422
                  SELECT intDiv(bitAnd(intHash64(bitXor(xxHash64('user-4'), xxHash64('button'))), 4294967295) * 10000, 4294967296)

search (flag) → off, reason default
  ✓ unit          user "user-4"
  ✓ kill_switch   not paused
  ✓ override      no override list
  ✓ schedule      no schedule
  ✓ prerequisite  no prerequisites
  rule 1
  ✓ layer         the rule owns 0–9999 (position 8702, traffic 10000)
                  intHash64(xxhash64("user-4") ^ xxhash64("search")) = 0xdecb59bdfb6b8df8, high half → slot 8702
                  SELECT intDiv(bitShiftRight(intHash64(bitXor(xxHash64('user-4'), xxHash64('search'))), 32) * 10000, 4294967296)
  ✗ audience      country == "DE": false
                  false    country == "DE"  "US"
  rule 2
  ✓ layer         the rule owns 0–9999 (position 8702, traffic 0)
                  intHash64(xxhash64("user-4") ^ xxhash64("search")) = 0xdecb59bdfb6b8df8, high half → slot 8702
                  SELECT intDiv(bitShiftRight(intHash64(bitXor(xxHash64('user-4'), xxHash64('search'))), 32) * 10000, 4294967296)
  ✓ audience      no audience: every request
  ✗ traffic       position 8702 is not below traffic 0
  ✓ default       the flag gives its default, off
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestWriteTextOfChains(t *testing.T) {
	var out strings.Builder
	if err := explain.WriteText(&out, explain.All(chained(), user("user-4", map[string]any{"country": "US"}))); err != nil {
		t.Fatal(err)
	}
	const want = `button (experiment) → no variant, reason traffic
  ✓ unit          user "user-4"
  ✓ kill_switch   not paused
  ✓ override      xxhash64("user-4") = 0x3227a16a6007f168 is not on the override list
  ✓ opt_out       xxhash64("user-4") = 0x3227a16a6007f168 is not on an opt-out list (left, gone)
  ✓ bot           bot: unknown
                  unknown  bot  missing
  ✓ internal      staff: unknown
                  unknown  staff  missing
  ✓ holdout       holdout global has no slots: not held out
                  intHash64(xxhash64("user-4") ^ xxhash64("holdout/global")) = 0xa2384f7a8653ccfa, high half → slot 6336
                  SELECT intDiv(bitShiftRight(intHash64(bitXor(xxHash64('user-4'), xxHash64('holdout/global'))), 32) * 10000, 4294967296)
  ✓ holdout       holdout layer/checkout has 0–99: not held out
                  intHash64(xxhash64("user-4") ^ xxhash64("holdout/layer/checkout")) = 0xd0ca57bfc2486630, high half → slot 8155
                  SELECT intDiv(bitShiftRight(intHash64(bitXor(xxHash64('user-4'), xxHash64('holdout/layer/checkout'))), 32) * 10000, 4294967296)
  ✓ schedule      no schedule
  ✓ prerequisite  search gives off, reason default; required: off or on
  ✓ layer         button owns 8000–9999, 3000–5999 (position 2748, traffic 500)
                  intHash64(xxhash64("user-4") ^ xxhash64("layer/checkout")) = 0x5ff81a9c6be65c8a, high half → slot 3748
                  SELECT intDiv(bitShiftRight(intHash64(bitXor(xxHash64('user-4'), xxHash64('layer/checkout'))), 32) * 10000, 4294967296)
  ✓ audience      country in ["GB", "US"]: true
                  true     country in ["GB", "US"]  "US"
  ✗ traffic       position 2748 is not below traffic 500 (now 2026-03-01T12:00:00Z, ramp step since 2026-03-01T12:00:00Z, 5000 from 2026-03-02T12:00:00Z)

search (flag) → off, reason default
  ✓ unit          user "user-4"
  ✓ kill_switch   not paused
  ✓ override      no override list
  ✓ schedule      no schedule
  ✓ prerequisite  no prerequisites
  rule 1
  ✓ layer         the rule owns 0–9999 (position 8702, traffic 0)
                  intHash64(xxhash64("user-4") ^ xxhash64("search")) = 0xdecb59bdfb6b8df8, high half → slot 8702
                  SELECT intDiv(bitShiftRight(intHash64(bitXor(xxHash64('user-4'), xxHash64('search'))), 32) * 10000, 4294967296)
  ✓ audience      no audience: every request
  ✗ traffic       position 8702 is not below traffic 0 (now 2026-03-01T12:00:00Z, 5000 from 2026-03-02T12:00:00Z)
  ✓ default       the flag gives its default, off

welcome (experiment) → no variant, reason prerequisite
  ✓ unit          user "user-4"
  ✓ kill_switch   not paused
  ✓ override      no override list
  ✓ opt_out       xxhash64("user-4") = 0x3227a16a6007f168 is not on an opt-out list (left, gone)
  ✓ bot           bot: unknown
                  unknown  bot  missing
  ✓ internal      staff: unknown
                  unknown  staff  missing
  ✓ holdout       no holdout applies
  ✓ schedule      no schedule
  ✗ prerequisite  button gives no variant, reason traffic; required: green
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// chained is checkout with an opt-out list, a holdout of the layer, ramps, and a third
// experiment that requires the first, which requires the flag.
func chained() *model.Program {
	p := checkout()
	p.Segments = []model.Segment{{Key: "left"}, {Key: "gone"}}
	p.OptOut = []int{0, 1}
	p.Holdouts = append(p.Holdouts, model.Holdout{Key: "layer/checkout", Slots: 100})
	tomorrow := model.MillisOf(noon.AddDate(0, 0, 1))

	button, search := &p.Experiments[0], &p.Experiments[1]
	button.Holdouts = []int{0, 1}
	button.Prerequisites = []model.Prerequisite{{Experiment: 1, Variants: []int{0, 1}}}
	button.Rules[0].Traffic = 0
	button.Rules[0].Ramp = []model.Step{
		{At: model.MillisOf(noon) - 1, Traffic: 100}, {At: model.MillisOf(noon), Traffic: 500}, {At: tomorrow, Traffic: 5_000},
	}
	search.Rules = search.Rules[1:]
	search.Rules[0].Ramp = []model.Step{{At: tomorrow, Traffic: 5_000}}

	welcome := *button
	welcome.Key, welcome.Salt, welcome.Layer = "welcome", "welcome", model.None
	welcome.Holdouts, welcome.Overrides = nil, nil
	welcome.Prerequisites = []model.Prerequisite{{Experiment: 0, Variants: []int{1}}}
	p.Experiments = append(p.Experiments, welcome)
	return p
}

func TestWriteJSONOfChains(t *testing.T) {
	type prerequisite struct {
		Experiment string
		Required   []string
		Variant    *string
		Reason     string
	}
	type step struct {
		Name, Detail string
		Ramp         []struct {
			At      string
			Traffic int
		}
		RampStep     *int `json:"ramp_step"`
		Prerequisite *prerequisite
	}
	var out bytes.Buffer
	if err := explain.WriteJSON(&out, explain.All(chained(), user("user-4", map[string]any{"country": "US"}))); err != nil {
		t.Fatal(err)
	}
	var got []struct{ Steps []step }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	last := func(experiment int, name string) step {
		steps := got[experiment].Steps
		i := slices.IndexFunc(steps, func(s step) bool { return s.Name == name })
		return steps[i]
	}
	off := "off"
	for i, want := range []*prerequisite{
		{"search", []string{"off", "on"}, &off, "default"}, nil, {"button", []string{"green"}, nil, "traffic"},
	} {
		if q := last(i, "prerequisite").Prerequisite; !reflect.DeepEqual(q, want) {
			t.Errorf("experiment %d: prerequisite %+v, want %+v", i, q, want)
		}
	}
	traffic := last(0, "traffic")
	if len(traffic.Ramp) != 3 || traffic.Ramp[2].At != "2026-03-02T12:00:00Z" || traffic.Ramp[2].Traffic != 5_000 ||
		traffic.RampStep == nil || *traffic.RampStep != 1 {
		t.Errorf("button's ramp: %+v", traffic)
	}
	if traffic := last(1, "traffic"); len(traffic.Ramp) != 1 || traffic.RampStep != nil {
		t.Errorf("search's ramp: %+v", traffic)
	}
}

func TestWriteJSON(t *testing.T) {
	var out bytes.Buffer
	p := checkout()
	p.Experiments = p.Experiments[:1]
	r := user("user-4", map[string]any{"country": "US"})
	if err := explain.WriteJSON(&out, explain.All(p, r)); err != nil {
		t.Fatal(err)
	}
	var got []struct {
		Experiment, Kind, Unit, Reason string
		UnitID                         string `json:"unit_id"`
		Variant                        *string
		Rule                           *int
		Steps                          []struct {
			Name     string
			Passed   bool
			Position *int
			Traffic  *int
			Slots    []struct{ From, To int }
			Split    []struct {
				Variant  string
				From, To int
			}
			Draw *struct {
				Salt, Hash, Half, SQL string
				UnitID                string `json:"unit_id"`
				Slot                  int
			}
			Audience string
			Tests    []struct{ Expression, Value, Result string }
		}
	}
	decoder := json.NewDecoder(&out)
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	x := got[0]
	if x.Experiment != "button" || x.Kind != "experiment" || x.Unit != "user" || x.UnitID != "user-4" ||
		x.Reason != "split" || x.Variant == nil || *x.Variant != "green" || x.Rule == nil || *x.Rule != 0 {
		t.Errorf("heading %+v", x)
	}
	steps := map[string]int{}
	for i, s := range x.Steps {
		steps[s.Name] = i
	}
	layer := x.Steps[steps["layer"]]
	if layer.Position == nil || *layer.Position != 2748 || *layer.Traffic != 5000 ||
		len(layer.Slots) != 2 || layer.Slots[0].From != 8000 || layer.Slots[0].To != 10000 {
		t.Errorf("layer %+v", layer)
	}
	if d := layer.Draw; d.Salt != "layer/checkout" || d.UnitID != "user-4" || d.Hash != "0x5ff81a9c6be65c8a" ||
		d.Half != "high" || d.Slot != 3748 || !strings.HasPrefix(d.SQL, "SELECT ") {
		t.Errorf("draw %+v", d)
	}
	if a := x.Steps[steps["audience"]]; a.Audience != `country in ["GB", "US"]` || len(a.Tests) != 1 || a.Tests[0].Result != "true" {
		t.Errorf("audience %+v", a)
	}
	if s := x.Steps[steps["split"]].Split; len(s) != 2 || s[1].Variant != "green" || s[1].From != 5000 || s[1].To != 10000 {
		t.Errorf("split %+v", s)
	}
}

const day = 24 * 60 * 60 * 1000 // milliseconds

func TestFormat(t *testing.T) {
	p := &model.Program{
		Attributes: []model.Attribute{
			{Name: "s", Type: model.String}, {Name: "n", Type: model.Number}, {Name: "b", Type: model.Bool},
			{Name: "v", Type: model.Version}, {Name: "t", Type: model.Time}, {Name: "l", Type: model.StringList},
			{Name: "s2", Type: model.String}, {Name: "n2", Type: model.Number}, {Name: "v2", Type: model.Version}, {Name: "t2", Type: model.Time},
		},
		Segments: []model.Segment{{Key: "beta"}},
	}
	a := &model.Expr{Op: model.OpIn, Attr: 0, Strings: []string{"x"}}
	b := &model.Expr{Op: model.OpTrue, Attr: 2}
	c := &model.Expr{Op: model.OpLessEq, Attr: 1, Value: model.Value{Text: "18"}}
	and := func(args ...*model.Expr) *model.Expr { return &model.Expr{Op: model.OpAnd, Args: args} }
	or := func(args ...*model.Expr) *model.Expr { return &model.Expr{Op: model.OpOr, Args: args} }
	not := func(arg *model.Expr) *model.Expr { return &model.Expr{Op: model.OpNot, Args: []*model.Expr{arg}} }
	for _, tt := range []struct {
		expr *model.Expr
		want string
	}{
		{nil, `true`},
		{a, `s == "x"`},
		{not(a), `s != "x"`},
		{&model.Expr{Op: model.OpIn, Attr: 0, Strings: []string{"x", `y"`}}, `s in ["x", "y\""]`},
		{not(&model.Expr{Op: model.OpIn, Attr: 0, Strings: []string{"x", "y"}}), `!(s in ["x", "y"])`},
		{&model.Expr{Op: model.OpPrefix, Attr: 0, Strings: []string{"x"}}, `s.startsWith("x")`},
		{&model.Expr{Op: model.OpSuffix, Attr: 0, Strings: []string{"x"}}, `s.endsWith("x")`},
		{not(&model.Expr{Op: model.OpContains, Attr: 0, Strings: []string{"x"}}), `!s.contains("x")`},
		{b, `b`},
		{not(b), `!b`},
		{not(not(b)), `!!b`},
		{c, `n <= 18`},
		{not(c), `n > 18`},
		{not(&model.Expr{Op: model.OpLess, Attr: 3, Value: model.Value{Text: "1.2"}}), `version(v) >= version("1.2")`},
		{not(&model.Expr{Op: model.OpEqual, Attr: 3, Value: model.Value{Text: "1.2"}}), `version(v) != version("1.2")`},
		{&model.Expr{Op: model.OpLess, Attr: 4, Value: model.Value{Text: "2026-01-01T00:00:00Z"}}, `t < timestamp("2026-01-01T00:00:00Z")`},
		{&model.Expr{Op: model.OpHas, Attr: 5, Strings: []string{"x"}}, `"x" in l`},
		{&model.Expr{Op: model.OpHas, Attr: 5, Strings: []string{"x", "y"}}, `overlaps(l, ["x", "y"])`},
		{&model.Expr{Op: model.OpPresent, Attr: 5}, `present(l)`},
		{&model.Expr{Op: model.OpSegment}, `segment("beta")`},
		{&model.Expr{Op: model.OpMatches, Attr: 0, Strings: []string{`^/a\.b$`}}, `s.matches("^/a\\.b$")`},
		{not(&model.Expr{Op: model.OpMatches, Attr: 0, Strings: []string{"x"}}), `!s.matches("x")`},
		{&model.Expr{Op: model.OpSame, Attr: 0, Other: 6}, `s == s2`},
		{not(&model.Expr{Op: model.OpSame, Attr: 0, Other: 6}), `s != s2`},
		{&model.Expr{Op: model.OpSame, Attr: 8, Other: 3}, `version(v2) == version(v)`},
		{&model.Expr{Op: model.OpBefore, Attr: 1, Other: 7}, `n < n2`},
		{not(&model.Expr{Op: model.OpBefore, Attr: 1, Other: 7}), `n >= n2`},
		{&model.Expr{Op: model.OpBefore, Attr: 3, Other: 8}, `version(v) < version(v2)`},
		{&model.Expr{Op: model.OpBeforeEq, Attr: 4, Other: 9}, `t <= t2`},
		{not(&model.Expr{Op: model.OpBeforeEq, Attr: 4, Other: 9}), `t > t2`},
		{&model.Expr{Op: model.OpElapsed, Attr: 4, Elapsed: 30 * day}, `daysSince(t) >= 30`},
		{not(&model.Expr{Op: model.OpElapsed, Attr: 4, Elapsed: 30 * day}), `daysSince(t) < 30`},
		{&model.Expr{Op: model.OpElapsed, Attr: 4, Elapsed: -7 * day}, `daysSince(t) >= -7`},
		{&model.Expr{Op: model.OpElapsed, Attr: 4}, `daysSince(t) >= 0`},
		{&model.Expr{Op: model.OpElapsed, Attr: 4, Elapsed: day - 1}, `now - t >= duration("86399999ms")`},
		{not(&model.Expr{Op: model.OpElapsed, Attr: 4, Elapsed: -1}), `now - t < duration("-1ms")`},
		{and(a, or(b, c)), `s == "x" && (b || n <= 18)`},
		{or(and(a, b), c), `s == "x" && b || n <= 18`},
		{not(and(a, b)), `!(s == "x" && b)`},
		{and(a, and(b, c)), `s == "x" && (b && n <= 18)`},
	} {
		if got := explain.Format(p, tt.expr); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
