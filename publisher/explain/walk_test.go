package explain_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// The lots of user-1 that the tables below rely on; TestLots pins them.
const (
	slotOfLayerCheckout = 4044
	vslotOfButton       = 5358
	slotOfHoldout       = 8826
)

// checkout is a program of one experiment in a layer and one flag.
func checkout() *model.Program {
	return &model.Program{
		Environment: "test",
		Units:       []string{"user", "device"},
		Attributes: []model.Attribute{
			{Name: "bot", Type: model.Bool},
			{Name: "country", Type: model.String},
			{Name: "staff", Type: model.Bool},
		},
		Layers:   []model.Layer{{Key: "checkout"}},
		Holdouts: []model.Holdout{{Key: "global", Slots: 0}},
		Exclusions: []model.Exclusion{
			{Kind: model.ExcludeBot, Audience: &model.Expr{Op: model.OpTrue, Attr: 0}},
			{Kind: model.ExcludeInternal, Audience: &model.Expr{Op: model.OpTrue, Attr: 2}},
		},
		Experiments: []model.Experiment{
			{
				Key: "button", Salt: "button", Kind: model.KindExperiment, Layer: 0, Epoch: 1,
				Holdout: 0, Default: model.None,
				Variants:  []model.Variant{{Key: "control"}, {Key: "green"}},
				Overrides: []model.Override{{Hash: xxhash.Sum64String("tester"), Variant: 1}},
				Rules: []model.Rule{{
					Audience: &model.Expr{Op: model.OpIn, Attr: 1, Strings: []string{"GB", "US"}},
					Slots:    []model.Range{{From: 8_000, To: 10_000}, {From: 3_000, To: 6_000}},
					Traffic:  5_000,
					Split:    []model.Share{{To: 5_000, Variant: 0}, {To: 10_000, Variant: 1}},
				}},
			},
			{
				Key: "search", Salt: "search", Kind: model.KindFlag, Layer: model.None, Epoch: 1,
				Holdout: model.None, Default: 0,
				Variants: []model.Variant{{Key: "off"}, {Key: "on"}},
				Rules: []model.Rule{
					{
						Audience: &model.Expr{Op: model.OpIn, Attr: 1, Strings: []string{"DE"}},
						Slots:    []model.Range{{From: 0, To: 10_000}}, Traffic: 10_000,
						Split: []model.Share{{To: 10_000, Variant: 1}},
					},
					{
						Slots: []model.Range{{From: 0, To: 10_000}}, Traffic: 0,
						Split: []model.Share{{To: 10_000, Variant: 1}},
					},
				},
			},
		},
	}
}

func user(id string, attributes map[string]any) explain.Request {
	return explain.Request{Units: map[string]string{"user": id}, Attributes: attributes, Now: noon}
}

func TestSteps(t *testing.T) {
	us := map[string]any{"country": "US"}
	nobody := explain.Decision{Variant: model.None, Rule: model.None}
	because := func(r model.Reason) explain.Decision {
		d := nobody
		d.Reason = r
		return d
	}
	flagGives := func(r model.Reason) explain.Decision {
		return explain.Decision{Variant: 0, Reason: r, Rule: model.None}
	}
	button := func(change func(*model.Experiment)) func(*model.Program) {
		return func(p *model.Program) { change(&p.Experiments[0]) }
	}
	search := func(change func(*model.Experiment)) func(*model.Program) {
		return func(p *model.Program) { change(&p.Experiments[1]) }
	}
	asIs := func(*model.Program) {}

	tests := []struct {
		name       string
		experiment int
		change     func(*model.Program)
		request    explain.Request
		want       explain.Decision
		last       string // the step that ends the walk
	}{
		{"assigned", 0, asIs, user("user-1", us),
			explain.Decision{Variant: 1, Reason: model.ReasonSplit, Rule: 0}, "split"},
		{"no unit", 0, asIs, explain.Request{Units: map[string]string{"device": "d"}},
			because(model.ReasonNoUnit), "unit"},
		{"empty unit", 0, asIs, user("", us), because(model.ReasonNoUnit), "unit"},
		{"killed", 0, button(func(e *model.Experiment) { e.Killed = true }), user("tester", us),
			because(model.ReasonKillSwitch), "kill_switch"},
		{"override", 0, asIs, user("tester", map[string]any{"bot": true}),
			explain.Decision{Variant: 1, Reason: model.ReasonOverride, Rule: model.None}, "override"},
		{"bot before internal", 0, asIs, user("user-1", map[string]any{"bot": true, "staff": true}),
			because(model.ReasonBot), "bot"},
		{"internal", 0, asIs, user("user-1", map[string]any{"bot": false, "staff": true}),
			because(model.ReasonInternal), "internal"},
		{"holdout", 0, func(p *model.Program) { p.Holdouts[0].Slots = slotOfHoldout + 1 }, user("user-1", us),
			because(model.ReasonHoldout), "holdout"},
		{"just not held out", 0, func(p *model.Program) { p.Holdouts[0].Slots = slotOfHoldout }, user("user-1", us),
			explain.Decision{Variant: 1, Reason: model.ReasonSplit, Rule: 0}, "split"},
		{"before start", 0, button(func(e *model.Experiment) { e.Start = noon.UnixMilli() + 1 }), user("user-1", us),
			because(model.ReasonNotStarted), "schedule"},
		{"at start", 0, button(func(e *model.Experiment) { e.Start = noon.UnixMilli() }), user("user-1", us),
			explain.Decision{Variant: 1, Reason: model.ReasonSplit, Rule: 0}, "split"},
		{"at end", 0, button(func(e *model.Experiment) { e.End = noon.UnixMilli() }), user("user-1", us),
			because(model.ReasonEnded), "schedule"},
		{"before end", 0, button(func(e *model.Experiment) { e.End = noon.UnixMilli() + 1 }), user("user-1", us),
			explain.Decision{Variant: 1, Reason: model.ReasonSplit, Rule: 0}, "split"},
		{"not this layer slot", 0, button(func(e *model.Experiment) {
			e.Rules[0].Slots[1].To = slotOfLayerCheckout
		}), user("user-1", us), because(model.ReasonLayer), "layer"},
		{"audience", 0, asIs, user("user-1", map[string]any{"country": "DE"}), because(model.ReasonAudience), "audience"},
		{"audience unknown", 0, asIs, user("user-1", nil), because(model.ReasonAudience), "audience"},
		{"audience of another type", 0, asIs, user("user-1", map[string]any{"country": true}),
			because(model.ReasonAudience), "audience"},
		{"audience before traffic", 0, button(func(e *model.Experiment) { e.Rules[0].Traffic = 0 }), user("user-1", nil),
			because(model.ReasonAudience), "audience"},
		{"last enrolled position", 0, button(func(e *model.Experiment) {
			e.Rules[0].Traffic = 2_000 + slotOfLayerCheckout - 3_000 + 1
		}), user("user-1", us), explain.Decision{Variant: 1, Reason: model.ReasonSplit, Rule: 0}, "split"},
		{"first position beyond traffic", 0, button(func(e *model.Experiment) {
			e.Rules[0].Traffic = 2_000 + slotOfLayerCheckout - 3_000
		}), user("user-1", us), because(model.ReasonTraffic), "traffic"},
		{"split to the other side", 0, button(func(e *model.Experiment) {
			e.Rules[0].Split[0].To = vslotOfButton + 1
		}), user("user-1", us), explain.Decision{Variant: 0, Reason: model.ReasonSplit, Rule: 0}, "split"},

		{"first rule", 1, asIs, user("user-1", map[string]any{"country": "DE"}),
			explain.Decision{Variant: 1, Reason: model.ReasonSplit, Rule: 0}, "split"},
		{"second rule", 1, search(func(e *model.Experiment) { e.Rules[1].Traffic = 10_000 }), user("user-1", us),
			explain.Decision{Variant: 1, Reason: model.ReasonSplit, Rule: 1}, "split"},
		{"no rule", 1, asIs, user("user-1", us), flagGives(model.ReasonDefault), "default"},
		{"flag for bots", 1, asIs, user("user-1", map[string]any{"bot": true}), flagGives(model.ReasonDefault), "default"},
		{"flag without unit", 1, asIs, explain.Request{}, flagGives(model.ReasonNoUnit), "default"},
		{"flag paused", 1, search(func(e *model.Experiment) { e.Killed = true }), user("user-1", us),
			flagGives(model.ReasonKillSwitch), "default"},
		{"flag not started", 1, search(func(e *model.Experiment) { e.Start = noon.UnixMilli() + 1 }), user("user-1", us),
			flagGives(model.ReasonNotStarted), "default"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := checkout()
			tt.change(p)
			x := explain.Experiment(p, tt.experiment, tt.request)
			if x.Decision != tt.want {
				t.Errorf("decision %+v (%s), want %+v (%s)", x.Decision, x.Reason, tt.want, tt.want.Reason)
			}
			if last := x.Steps[len(x.Steps)-1].Name; last != tt.last {
				t.Errorf("the last step is %s, want %s", last, tt.last)
			}
		})
	}
}

func TestLots(t *testing.T) {
	x := explain.Experiment(checkout(), 0, user("user-1", map[string]any{"country": "US"}))
	for _, want := range []struct {
		step string
		half explain.Half
		slot int
	}{
		{"holdout", explain.High, slotOfHoldout},
		{"layer", explain.High, slotOfLayerCheckout},
		{"split", explain.Low, vslotOfButton},
	} {
		i := slices.IndexFunc(x.Steps, func(s explain.Step) bool { return s.Name == want.step })
		lot := x.Steps[i].Lot
		if lot.Half != want.half || lot.Slot != want.slot {
			t.Errorf("%s: %s, want slot %d of the %s half", want.step, lot, want.slot, want.half)
		}
	}
}

// TestExplainedAndPlain compares the walk that records with the one that does not.
func TestExplainedAndPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	for range 60 {
		p := progtest.Program(rng)
		for range 10 {
			r := progtest.Request(rng, p)
			for i, x := range explain.All(p, r) {
				if d := explain.Decide(p, i, r); d != x.Decision {
					t.Fatalf("%s: Decide gives %+v, Experiment %+v", x.Experiment, d, x.Decision)
				}
			}
		}
	}
}
