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
	"github.com/sortition-dev/sortition/wasm/abi"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// The draws of user-4 that the tables below rely on; TestDraws pins them.
const (
	slotOfLayerCheckout = 3748
	vslotOfButton       = 6422
	slotOfHoldout       = 6336
	slotOfLayerHoldout  = 8155
	positionInButton    = 2_000 + slotOfLayerCheckout - 3_000
)

// checkout is a program of one experiment in a layer and one flag.
func checkout() *model.Program {
	return &model.Program{
		Units: []string{"user", "device"},
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
				Key: "button", Salt: "button", Kind: model.KindExperiment, Layer: 0, Phase: 1,
				Holdouts: []int{0}, Default: model.None,
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
				Key: "search", Salt: "search", Kind: model.KindFlag, Layer: model.None, Phase: 1,
				Default:  0,
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
	because := func(r abi.Reason) explain.Decision {
		d := nobody
		d.Reason = r
		return d
	}
	flagGives := func(r abi.Reason) explain.Decision {
		return explain.Decision{Variant: 0, Reason: r, Rule: model.None}
	}
	button := func(change func(*model.Experiment)) func(*model.Program) {
		return func(p *model.Program) { change(&p.Experiments[0]) }
	}
	search := func(change func(*model.Experiment)) func(*model.Program) {
		return func(p *model.Program) { change(&p.Experiments[1]) }
	}
	asIs := func(*model.Program) {}
	optOut := func(id string) func(*model.Program) {
		return func(p *model.Program) {
			p.Segments = []model.Segment{{Key: "left", Hashes: []uint64{xxhash.Sum64String(id)}}}
			p.OptOut = []int{0}
		}
	}
	requires := func(other int, variants ...int) func(*model.Experiment) {
		return func(e *model.Experiment) {
			e.Prerequisites = append(e.Prerequisites, model.Prerequisite{Experiment: other, Variants: variants})
		}
	}
	ramp := func(traffic int, steps ...model.Step) func(*model.Experiment) {
		return func(e *model.Experiment) { e.Rules[0].Traffic, e.Rules[0].Ramp = traffic, steps }
	}

	tests := []struct {
		name       string
		experiment int
		change     func(*model.Program)
		request    explain.Request
		want       explain.Decision
		last       string // the step that ends the walk
	}{
		{"assigned", 0, asIs, user("user-4", us),
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"no unit", 0, asIs, explain.Request{Units: map[string]string{"device": "d"}},
			because(abi.ReasonNoUnit), "unit"},
		{"empty unit", 0, asIs, user("", us), because(abi.ReasonNoUnit), "unit"},
		{"killed", 0, button(func(e *model.Experiment) { e.Killed = true }), user("tester", us),
			because(abi.ReasonKillSwitch), "kill_switch"},
		{"override", 0, asIs, user("tester", map[string]any{"bot": true}),
			explain.Decision{Variant: 1, Reason: abi.ReasonOverride, Rule: model.None}, "override"},
		{"opted out", 0, optOut("user-4"), user("user-4", us), because(abi.ReasonOptOut), "opt_out"},
		{"opted out before bot", 0, optOut("user-4"), user("user-4", map[string]any{"bot": true}),
			because(abi.ReasonOptOut), "opt_out"},
		{"override before opted out", 0, optOut("tester"), user("tester", us),
			explain.Decision{Variant: 1, Reason: abi.ReasonOverride, Rule: model.None}, "override"},
		{"another opted out", 0, optOut("user-2"), user("user-4", us),
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"opted out on the second list", 0, func(p *model.Program) {
			p.Segments = []model.Segment{{Key: "other"}, {Key: "unused", Hashes: []uint64{xxhash.Sum64String("user-2")}},
				{Key: "left", Hashes: []uint64{xxhash.Sum64String("user-4")}}}
			p.OptOut = []int{0, 2}
		}, user("user-4", us), because(abi.ReasonOptOut), "opt_out"},
		{"in a segment that opts nobody out", 0, func(p *model.Program) {
			optOut("user-4")(p)
			p.OptOut = nil
		}, user("user-4", us), explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"device opted out", 0, func(p *model.Program) {
			optOut("user-4")(p)
			p.Segments[0].Unit = 1
		}, explain.Request{Units: map[string]string{"user": "user-4", "device": "user-4"}, Attributes: us, Now: noon},
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"bot before internal", 0, asIs, user("user-4", map[string]any{"bot": true, "staff": true}),
			because(abi.ReasonBot), "bot"},
		{"internal", 0, asIs, user("user-4", map[string]any{"bot": false, "staff": true}),
			because(abi.ReasonInternal), "internal"},
		{"holdout", 0, func(p *model.Program) { p.Holdouts[0].Slots = slotOfHoldout + 1 }, user("user-4", us),
			because(abi.ReasonHoldout), "holdout"},
		{"just not held out", 0, func(p *model.Program) { p.Holdouts[0].Slots = slotOfHoldout }, user("user-4", us),
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"held out by the second", 0, func(p *model.Program) {
			p.Holdouts = append(p.Holdouts, model.Holdout{Key: "layer/checkout", Slots: slotOfLayerHoldout + 1})
			p.Experiments[0].Holdouts = []int{0, 1}
		}, user("user-4", us), because(abi.ReasonHoldout), "holdout"},
		{"just not held out by the second", 0, func(p *model.Program) {
			p.Holdouts = append(p.Holdouts, model.Holdout{Key: "layer/checkout", Slots: slotOfLayerHoldout})
			p.Experiments[0].Holdouts = []int{0, 1}
		}, user("user-4", us), explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"a holdout of others", 0, func(p *model.Program) {
			p.Holdouts[0].Slots = model.Slots
			p.Experiments[0].Holdouts = nil
		}, user("user-4", us), explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"holdout before schedule", 0, func(p *model.Program) {
			p.Holdouts[0].Slots = model.Slots
			p.Experiments[0].Start = model.MillisOf(noon) + 1
		}, user("user-4", us), because(abi.ReasonHoldout), "holdout"},
		{"before start", 0, button(func(e *model.Experiment) { e.Start = model.MillisOf(noon) + 1 }), user("user-4", us),
			because(abi.ReasonNotStarted), "schedule"},
		{"at start", 0, button(func(e *model.Experiment) { e.Start = model.MillisOf(noon) }), user("user-4", us),
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"at end", 0, button(func(e *model.Experiment) { e.End = model.MillisOf(noon) }), user("user-4", us),
			because(abi.ReasonEnded), "schedule"},
		{"before end", 0, button(func(e *model.Experiment) { e.End = model.MillisOf(noon) + 1 }), user("user-4", us),
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"prerequisite", 0, button(requires(1, 0)), user("user-4", us),
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"prerequisite gives another variant", 0, button(requires(1, 1)), user("user-4", us),
			because(abi.ReasonPrerequisite), "prerequisite"},
		{"prerequisite gives one of several", 0, button(requires(1, 0, 1)), user("user-4", map[string]any{"country": "DE"}),
			because(abi.ReasonAudience), "audience"},
		{"prerequisite paused, a flag", 0, func(p *model.Program) {
			requires(1, 0)(&p.Experiments[0])
			p.Experiments[1].Killed = true
		}, user("user-4", us), explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"second prerequisite", 0, button(func(e *model.Experiment) {
			requires(1, 0)(e)
			requires(1, 1)(e)
		}), user("user-4", us), because(abi.ReasonPrerequisite), "prerequisite"},
		{"schedule before prerequisite", 0, button(func(e *model.Experiment) {
			requires(1, 1)(e)
			e.End = model.MillisOf(noon)
		}), user("user-4", us), because(abi.ReasonEnded), "schedule"},
		{"prerequisite before layer", 0, button(func(e *model.Experiment) {
			requires(1, 1)(e)
			e.Rules[0].Slots = nil
		}), user("user-4", us), because(abi.ReasonPrerequisite), "prerequisite"},
		{"flag requires an assignment", 1, search(requires(0, 1)), user("user-4", us),
			flagGives(abi.ReasonDefault), "default"},
		{"flag requires an assignment that is not", 1, search(requires(0, 0, 1)), user("user-4", nil),
			flagGives(abi.ReasonPrerequisite), "default"},
		{"prerequisite of a prerequisite", 1, func(p *model.Program) {
			third := p.Experiments[1]
			third.Key, third.Killed = "third", true
			p.Experiments = append(p.Experiments, third)
			requires(2, 1)(&p.Experiments[0])
			requires(0, 0, 1)(&p.Experiments[1])
		}, user("user-4", us), flagGives(abi.ReasonPrerequisite), "default"},
		{"not this layer slot", 0, button(func(e *model.Experiment) {
			e.Rules[0].Slots[1].To = slotOfLayerCheckout
		}), user("user-4", us), because(abi.ReasonLayer), "layer"},
		{"audience", 0, asIs, user("user-4", map[string]any{"country": "DE"}), because(abi.ReasonAudience), "audience"},
		{"audience unknown", 0, asIs, user("user-4", nil), because(abi.ReasonAudience), "audience"},
		{"audience of another type", 0, asIs, user("user-4", map[string]any{"country": true}),
			because(abi.ReasonAudience), "audience"},
		{"audience before traffic", 0, button(func(e *model.Experiment) { e.Rules[0].Traffic = 0 }), user("user-4", nil),
			because(abi.ReasonAudience), "audience"},
		{"last enrolled position", 0, button(func(e *model.Experiment) {
			e.Rules[0].Traffic = positionInButton + 1
		}), user("user-4", us), explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"first position beyond traffic", 0, button(func(e *model.Experiment) {
			e.Rules[0].Traffic = positionInButton
		}), user("user-4", us), because(abi.ReasonTraffic), "traffic"},
		{"before the ramp", 0, button(ramp(0, model.Step{At: model.MillisOf(noon) + 1, Traffic: 5_000})), user("user-4", us),
			because(abi.ReasonTraffic), "traffic"},
		{"before the ramp, the rule's traffic", 0, button(ramp(5_000, model.Step{At: model.MillisOf(noon) + 1})), user("user-4", us),
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"at a step of the ramp", 0, button(ramp(0, model.Step{At: model.MillisOf(noon), Traffic: positionInButton + 1})), user("user-4", us),
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"at a step of the ramp that does not reach", 0, button(ramp(5_000, model.Step{At: model.MillisOf(noon), Traffic: positionInButton})),
			user("user-4", us), because(abi.ReasonTraffic), "traffic"},
		{"between steps of the ramp", 0, button(ramp(0, model.Step{At: model.MillisOf(noon) - 2, Traffic: 5_000},
			model.Step{At: model.MillisOf(noon) - 1, Traffic: 1}, model.Step{At: model.MillisOf(noon) + 1, Traffic: 5_000})),
			user("user-4", us), because(abi.ReasonTraffic), "traffic"},
		{"split to the other side", 0, button(func(e *model.Experiment) {
			e.Rules[0].Split[0].To = vslotOfButton + 1
		}), user("user-4", us), explain.Decision{Variant: 0, Reason: abi.ReasonSplit, Rule: 0}, "split"},

		{"first rule", 1, asIs, user("user-4", map[string]any{"country": "DE"}),
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 0}, "split"},
		{"second rule", 1, search(func(e *model.Experiment) { e.Rules[1].Traffic = 10_000 }), user("user-4", us),
			explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 1}, "split"},
		{"no rule", 1, asIs, user("user-4", us), flagGives(abi.ReasonDefault), "default"},
		{"flag for bots", 1, asIs, user("user-4", map[string]any{"bot": true}), flagGives(abi.ReasonDefault), "default"},
		{"flag without unit", 1, asIs, explain.Request{}, flagGives(abi.ReasonNoUnit), "default"},
		{"flag paused", 1, search(func(e *model.Experiment) { e.Killed = true }), user("user-4", us),
			flagGives(abi.ReasonKillSwitch), "default"},
		{"flag for those opted out", 1, optOut("user-4"), user("user-4", us), flagGives(abi.ReasonDefault), "default"},
		{"flag at a step of its ramp", 1, search(func(e *model.Experiment) {
			e.Rules[1].Ramp = []model.Step{{At: model.MillisOf(noon), Traffic: 10_000}}
		}), user("user-4", us), explain.Decision{Variant: 1, Reason: abi.ReasonSplit, Rule: 1}, "split"},
		{"flag not started", 1, search(func(e *model.Experiment) { e.Start = model.MillisOf(noon) + 1 }), user("user-4", us),
			flagGives(abi.ReasonNotStarted), "default"},
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

func TestDraws(t *testing.T) {
	x := explain.Experiment(checkout(), 0, user("user-4", map[string]any{"country": "US"}))
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
		draw := x.Steps[i].Draw
		if draw.Half != want.half || draw.Slot != want.slot {
			t.Errorf("%s: %s, want slot %d of the %s half", want.step, draw, want.slot, want.half)
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
