package analysis

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// arm is what a variant's units did: how many purchased and how many complained.
type arm struct{ units, purchases, complaints int64 }

// trial is an experiment of equal weights with a guardrail on complaints.
func trial(variants int) *Experiment {
	x := &Experiment{
		Key: "trial", Unit: "user", Phase: 1,
		Primary:    Metric{Key: "purchase", Event: "purchase", Kind: Conversion, Goal: Increase},
		Guardrails: []Metric{{Key: "complaints", Event: "complaint", Kind: Conversion, Goal: Decrease}},
	}
	for i := range variants {
		x.Variants = append(x.Variants, Variant{Key: []string{"control", "a", "b", "c"}[i], Weight: 10_000 / variants, Control: i == 0})
	}
	return x
}

// summaryOf is what an engine reads of trial.
func summaryOf(x *Experiment, arms []arm) *Summary {
	s := &Summary{}
	for _, a := range arms {
		sums := []Sums{{Exposures: a.units, Units: a.units, Conversions: a.purchases}}
		for range x.Guardrails {
			sums = append(sums, Sums{Exposures: a.units, Units: a.units, Conversions: a.complaints})
		}
		s.Sums = append(s.Sums, sums)
	}
	return s
}

func TestRecommendation(t *testing.T) {
	now := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		arms    []arm
		change  func(*Summary)
		setup   func(*Experiment)
		action  Action
		rule    Rule
		variant string
		text    string      // must be in the recommendation
		warning WarningCode // must be there; none if empty
	}{
		{name: "nobody", arms: []arm{{}, {}},
			action: Refuse, rule: RuleNoData, warning: WarnNoData},
		{name: "split is off", arms: []arm{{10_000, 1000, 50}, {9_000, 1200, 50}},
			action: Refuse, rule: RuleSRM, text: "not split as planned", warning: WarnSampleRatio},
		{name: "weights unknown", arms: []arm{{10_000, 1000, 50}, {9_900, 1200, 50}},
			setup: func(x *Experiment) {
				for i := range x.Variants {
					x.Variants[i].Weight = 0
				}
			},
			action: Refuse, rule: RuleSRM, text: "planned weights", warning: WarnRatioUnchecked},
		{name: "units where no weight is", arms: []arm{{10_000, 1000, 50}, {10_000, 1000, 50}, {5, 0, 0}},
			setup:  func(x *Experiment) { x.Variants[0].Weight, x.Variants[1].Weight, x.Variants[2].Weight = 5000, 5000, 0 },
			action: Refuse, rule: RuleSRM, warning: WarnSampleRatio},
		{name: "conflicts over the limit", arms: []arm{{10_000, 1000, 50}, {10_000, 1200, 50}},
			change: func(s *Summary) { s.ConflictingUnits = 250 },
			action: Refuse, rule: RuleConflictingUnits, text: "1.23 %", warning: WarnConflictingUnits},
		{name: "conflicts below the limit", arms: []arm{{10_000, 1000, 50}, {10_000, 1200, 50}},
			change: func(s *Summary) { s.ConflictingUnits = 1 },
			action: Ship, rule: RuleShip, variant: "a", warning: WarnConflictingUnits},
		{name: "few units", arms: []arm{{99, 50, 40}, {101, 20, 40}},
			action: Wait, rule: RuleTooFewUnits, text: "control has 99 users"},
		{name: "few conversions", arms: []arm{{5_000, 0, 50}, {5_000, 9, 50}},
			action: Wait, rule: RuleTooFewUnits, text: "too few conversions", warning: WarnFewConversions},
		{name: "few without a conversion", arms: []arm{{5_000, 4_998, 50}, {5_000, 4_999, 50}},
			action: Wait, rule: RuleTooFewUnits, text: "too few units without a conversion", warning: WarnFewConversions},
		{name: "better", arms: []arm{{10_000, 1000, 50}, {10_000, 1200, 50}},
			action: Ship, rule: RuleShip, variant: "a",
			text: "Ship a: purchase is higher by 2.00 pt (+1.13 pt to +2.87 pt), p < 0.0001, and no guardrail is harmed."},
		{name: "better is lower", arms: []arm{{10_000, 1000, 50}, {10_000, 800, 50}},
			setup:  func(x *Experiment) { x.Primary.Goal = Decrease },
			action: Ship, rule: RuleShip, variant: "a", text: "lower by 2.00 pt"},
		{name: "better without guardrails", arms: []arm{{10_000, 1000, 0}, {10_000, 1200, 0}},
			setup:  func(x *Experiment) { x.Guardrails = nil },
			action: Ship, rule: RuleShip, variant: "a", text: "the experiment has no guardrails"},
		{name: "better, read before the end", arms: []arm{{10_000, 1000, 50}, {10_000, 1200, 50}},
			setup:  func(x *Experiment) { x.End = now.Add(time.Hour) },
			action: Ship, rule: RuleShip, variant: "a", warning: WarnEarly},
		{name: "better but a guardrail is harmed", arms: []arm{{10_000, 1000, 50}, {10_000, 1200, 90}},
			action: KeepControl, rule: RuleGuardrail, variant: "control", text: "a improves purchase but harms complaints"},
		{name: "a guardrail is harmed for nothing", arms: []arm{{10_000, 1000, 50}, {10_000, 1010, 90}},
			action: KeepControl, rule: RuleGuardrail, variant: "control", text: "Keep control: a harms complaints."},
		{name: "a guardrail is improved", arms: []arm{{10_000, 1000, 90}, {10_000, 1200, 50}},
			action: Ship, rule: RuleShip, variant: "a"},
		{name: "worse", arms: []arm{{10_000, 1200, 50}, {10_000, 1000, 50}},
			action: KeepControl, rule: RuleKeepControl, variant: "control", text: "purchase is lower by 2.00 pt"},
		{name: "no difference", arms: []arm{{10_000, 1000, 50}, {10_000, 1010, 50}},
			action: Wait, rule: RuleNoDifferenceYet},
		{name: "no difference, read before the end", arms: []arm{{10_000, 1000, 50}, {10_000, 1010, 50}},
			setup:  func(x *Experiment) { x.End = now.Add(time.Hour) },
			action: Wait, rule: RuleNoDifferenceYet},

		{name: "the best of two ships", arms: []arm{{10_000, 1000, 50}, {10_000, 1200, 50}, {10_000, 1300, 50}},
			action: Ship, rule: RuleShip, variant: "b"},
		{name: "the best without harm ships", arms: []arm{{10_000, 1000, 50}, {10_000, 1200, 50}, {10_000, 1300, 99}},
			action: Ship, rule: RuleShip, variant: "a"},
		{name: "one significant by itself is not among three", // p = 0.0405 of each pair
			arms:   []arm{{10_000, 1000, 50}, {10_000, 1088, 50}, {10_000, 1000, 50}, {10_000, 1000, 50}},
			action: Wait, rule: RuleNoDifferenceYet},
		{name: "and is alone",
			arms:   []arm{{10_000, 1000, 50}, {10_000, 1088, 50}},
			action: Ship, rule: RuleShip, variant: "a"},
		{name: "one worse, one open", arms: []arm{{10_000, 1200, 50}, {10_000, 1000, 50}, {10_000, 1210, 50}},
			action: Wait, rule: RuleNoDifferenceYet, text: "Stop a: worse than control."},
		{name: "all worse", arms: []arm{{10_000, 1200, 50}, {10_000, 1000, 50}, {10_000, 900, 50}},
			action: KeepControl, rule: RuleKeepControl, variant: "control", text: "a and b are all worse"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := trial(len(c.arms))
			if c.setup != nil {
				c.setup(x)
			}
			s := summaryOf(x, c.arms)
			if c.change != nil {
				c.change(s)
			}
			r := NewReport(x, s, nil, now)
			got := r.Recommendation
			if got.Action != c.action || got.Rule != c.rule || got.Variant != c.variant || !strings.Contains(got.Text, c.text) {
				t.Errorf("got %+v\nwant %s by %s, variant %q, text with %q", got, c.action, c.rule, c.variant, c.text)
			}
			var codes []WarningCode
			for _, w := range r.Warnings {
				codes = append(codes, w.Code)
				if w.Blocks && got.Action != Refuse {
					t.Errorf("%s although %q stands", got.Action, w.Text)
				}
			}
			if c.warning == "" && len(codes) > 0 || c.warning != "" && !slices.Contains(codes, c.warning) {
				t.Errorf("warnings %v, want %q", codes, c.warning)
			}
		})
	}
}
