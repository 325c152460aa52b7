package analysis_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/analysis/enginetest"
)

// report is what is known a day after [enginetest.Start], if so many exposures were
// numbered and have all arrived.
func report(x *analysis.Experiment, s *analysis.Summary, exposures int64) *analysis.Report {
	c := &analysis.Completeness{Emitted: exposures, Stored: exposures}
	return analysis.NewReport(x, s, c, enginetest.Start.Add(24*time.Hour))
}

// nothing is read of [enginetest.Checkout] before the first exposure.
func nothing() *analysis.Summary {
	none := func() []analysis.Sums { return make([]analysis.Sums, 3) }
	return &analysis.Summary{Sums: [][]analysis.Sums{none(), none()}}
}

// mustBeFinite checks that the report can be shown in both forms without a NaN.
func mustBeFinite(t testing.TB, r *analysis.Report) {
	t.Helper()
	var text strings.Builder
	if err := analysis.WriteJSON(&text, r); err != nil {
		t.Fatalf("JSON: %v", err)
	}
	if err := analysis.WriteText(&text, r); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"NaN", "Inf", "%!"} {
		if strings.Contains(text.String(), bad) {
			t.Errorf("%q in\n%s", bad, text.String())
		}
	}
}

func TestNoData(t *testing.T) {
	r := report(enginetest.Checkout(), nothing(), 0)
	if r.Recommendation.Rule != analysis.RuleNoData || r.Recommendation.Action != analysis.Refuse {
		t.Errorf("recommendation: %+v", r.Recommendation)
	}
	if len(r.Warnings) != 1 || r.Warnings[0].Code != analysis.WarnNoData || !strings.Contains(r.Warnings[0].Text, "No user has been exposed in phase 1 yet") {
		t.Errorf("warnings: %+v", r.Warnings)
	}
	mustBeFinite(t, r)
}

// A unit alone, or a variant without units, leaves quantities undetermined: null in
// JSON, a dash in the table.
func TestUndeterminedIsNull(t *testing.T) {
	x := nothing()
	for i := range x.Sums[0] {
		x.Sums[0][i] = analysis.Sums{Exposures: 1, Units: 1}
	}
	r := report(enginetest.Checkout(), x, 11)
	mustBeFinite(t, r)
	var b strings.Builder
	if err := analysis.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Results []struct {
			Metrics []struct {
				Variants    []map[string]any
				Comparisons []map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(b.String()), &doc); err != nil {
		t.Fatal(err)
	}
	m := doc.Results[0].Metrics[0]
	if m.Variants[0]["value"] != 0.0 || m.Variants[1]["value"] != nil || m.Comparisons[0]["p"] != nil {
		t.Errorf("%+v", m)
	}
}

// Each row is a doubt about the numbers, and the warning that tells of it.
func TestDoubts(t *testing.T) {
	for _, c := range []struct {
		code   analysis.WarningCode
		text   string
		change func(s *analysis.Summary)
	}{
		{analysis.WarnUndeclaredUnits, "1 user saw a variant", func(s *analysis.Summary) { s.UndeclaredUnits = 1 }},
		{analysis.WarnConflictingUnits, "1 user saw two variants", func(s *analysis.Summary) { s.ConflictingUnits = 1 }},
		{analysis.WarnUnreadable, "3 outcomes of purchase", func(s *analysis.Summary) { s.Sums[1][1].UnreadableOutcomes = 2 }},
	} {
		s := enginetest.StorySummary()
		c.change(s)
		x, _ := enginetest.Story()
		if err := wantWarning(report(x, s, 10_000), c.code, c.text); err != nil {
			t.Error(err)
		}
	}
	x, _ := enginetest.Story()
	missing := &analysis.Completeness{Emitted: 10, Stored: 2, Missing: 8}
	r := analysis.NewReport(x, enginetest.StorySummary(), missing, enginetest.Start)
	if err := wantWarning(r, analysis.WarnIncomplete, "8 of the 10 exposures"); err != nil {
		t.Error(err)
	}
}

func wantWarning(r *analysis.Report, code analysis.WarningCode, text string) error {
	for _, w := range r.Warnings {
		if w.Code == code && strings.Contains(w.Text, text) {
			return nil
		}
	}
	return fmt.Errorf("no warning %s with %q among %+v", code, text, r.Warnings)
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(x *analysis.Experiment)
		message string
	}{
		{"no key", func(x *analysis.Experiment) { x.Key = "" }, "needs a key"},
		{"phase zero", func(x *analysis.Experiment) { x.Phase = 0 }, "phases count from 1"},
		{"one variant", func(x *analysis.Experiment) { x.Variants = x.Variants[:1] }, "two or more"},
		{"a variant twice", func(x *analysis.Experiment) { x.Variants[1].Key = "control" }, "declared twice"},
		{"slots", func(x *analysis.Experiment) { x.Variants[1].Weight = 10001 }, "not 0 to 10000"},
		{"two controls", func(x *analysis.Experiment) { x.Variants[1].Control = true }, "2 controls"},
		{"no primary metric", func(x *analysis.Experiment) { x.Primary = analysis.Metric{} }, "no primary metric"},
		{"a metric twice", func(x *analysis.Experiment) { x.Guardrails[0].Key = "purchase_rate" }, "listed twice"},
		{"kind", func(x *analysis.Experiment) { x.Primary.Kind = "ratio" }, `kind "ratio"`},
		{"mean of nothing", func(x *analysis.Experiment) { x.Guardrails[0].Value = "" }, "name of the property"},
		{"goal", func(x *analysis.Experiment) { x.Primary.Goal = "" }, `goal ""`},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := enginetest.Checkout()
			c.change(x)
			err := x.Validate()
			if err == nil || !strings.Contains(err.Error(), c.message) {
				t.Errorf("got %v, want %q", err, c.message)
			}
		})
	}
}

// Welch's test of the report equals the test computed here from the units' values.
func TestMeanMetric(t *testing.T) {
	values := map[string][]float64{
		"control":  {0, 0, 12.5, 30, 0, 7},
		"one_page": {20, 0, 45, 13, 9.25},
	}
	moments := func(x []float64) (mean, variance float64) {
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			variance += (v - mean) * (v - mean) / float64(len(x)-1)
		}
		return mean, variance
	}
	x := nothing()
	for i, variant := range []string{"control", "one_page"} {
		mean, variance := moments(values[variant])
		for j := range x.Sums[i] {
			x.Sums[i][j].Units = int64(len(values[variant]))
		}
		x.Sums[i][1].Mean, x.Sums[i][1].Variance = mean, variance
	}
	r := report(enginetest.Checkout(), x, 11)
	mc, sc := moments(values["control"])
	mt, st := moments(values["one_page"])
	sc, st = sc/float64(len(values["control"])), st/float64(len(values["one_page"]))
	c := r.Metrics[1].Comparisons[0]
	if d := *c.Absolute.Estimate - (mt - mc); math.Abs(d) > 1e-9 {
		t.Errorf("difference is off by %g", d)
	}
	// The tables give t(97.5 %) = 2.4469 and 2.3646 with 6 and 7 degrees of freedom.
	half := (c.Absolute.Interval.High - c.Absolute.Interval.Low) / 2
	df := (st + sc) * (st + sc) / (st*st/4 + sc*sc/5)
	if q := half / math.Sqrt(st+sc); df < 6 || df > 7 || q < 2.3646 || q > 2.4469 {
		t.Errorf("quantile %g with %g degrees of freedom", q, df)
	}
}
