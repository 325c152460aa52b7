package analysis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis"
)

func analyze(t testing.TB, x *analysis.Experiment, l *log) *analysis.Report {
	t.Helper()
	e, files := openEngine(t), l.write(t)
	c, err := e.Completeness(context.Background(), files)
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Analyze(context.Background(), files, x, c, start.Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Each row is a history of few events and what must be counted of it.
func TestCounting(t *testing.T) {
	const key = "checkout_test"
	for _, c := range []struct {
		name    string
		history func(l *log)
		check   func(r *analysis.Report) error
	}{
		{"an exposure delivered twice is one", func(l *log) {
			l.expose(key, "control", "ann", 0)
			again := *l.expose(key, "control", "ann", time.Minute)
			again.Received += 5000
			l.exposures = append(l.exposures, again)
		}, func(r *analysis.Report) error {
			return want("exposures, duplicates, units", []int64{r.Variants[0].Exposures, r.Data.DuplicateExposures, r.Data.Units}, 2, 1, 1)
		}},
		{"the same number from another boot is another exposure", func(l *log) {
			l.expose(key, "control", "ann", 0)
			other := l.expose(key, "control", "ann", 0)
			other.Boot, other.Seq = "b2", 1
		}, func(r *analysis.Report) error {
			return want("exposures, duplicates", []int64{r.Variants[0].Exposures, r.Data.DuplicateExposures}, 2, 0)
		}},
		{"an outcome delivered twice is one", func(l *log) {
			l.expose(key, "control", "ann", 0)
			again := *l.outcome("purchase", "ann", time.Minute, `{"value": 5}`)
			l.outcomes = append(l.outcomes, again)
		}, func(r *analysis.Report) error {
			return want("conversions, revenue", []int64{r.Metrics[0].Variants[0].Conversions, int64(*r.Metrics[1].Variants[0].Value)}, 1, 5)
		}},
		{"a unit converts once and its amounts add up", func(l *log) {
			l.expose(key, "control", "ann", 0)
			l.outcome("purchase", "ann", time.Minute, `{"value": 5}`)
			l.outcome("purchase", "ann", time.Hour, `{"value": "2.5"}`)
			l.expose(key, "control", "bob", 0)
		}, func(r *analysis.Report) error {
			return want("conversions, revenue × 4, variance × 8", []int64{r.Metrics[0].Variants[0].Conversions,
				int64(4 * *r.Metrics[1].Variants[0].Value), int64(8 * *r.Metrics[1].Variants[0].Variance)}, 1, 15, 225)
		}},
		{"a unit that saw two variants belongs to neither", func(l *log) {
			l.expose(key, "control", "ann", 0)
			l.expose(key, "one_page", "ann", time.Minute)
			l.expose(key, "one_page", "bob", 0)
			l.outcome("purchase", "ann", time.Hour, `{}`)
		}, func(r *analysis.Report) error {
			return want("conflicts, control, one_page, conversions", []int64{r.Data.ConflictingUnits, r.Variants[0].Units, r.Variants[1].Units, r.Metrics[0].Variants[1].Conversions}, 1, 0, 1, 0)
		}},
		{"overrides are not counted and make no conflict", func(l *log) {
			l.expose(key, "control", "ann", 0)
			l.expose(key, "one_page", "ann", time.Minute).Override = true
			l.expose(key, "one_page", "tester", time.Minute).Override = true
		}, func(r *analysis.Report) error {
			return want("overrides, conflicts, units", []int64{r.Data.OverrideExposures, r.Data.ConflictingUnits, r.Data.Units}, 2, 0, 1)
		}},
		{"other epochs, units and experiments are not counted", func(l *log) {
			l.expose(key, "control", "ann", 0).Epoch = 2
			l.expose(key, "control", "bob", 0).Unit = "device"
			l.expose("other_test", "control", "cid", 0)
			l.expose(key, "control", "dee", 0)
			l.outcome("purchase", "dee", time.Minute, `{}`).Unit = "device"
		}, func(r *analysis.Report) error {
			return want("units, conversions", []int64{r.Data.Units, r.Metrics[0].Variants[0].Conversions}, 1, 0)
		}},
		{"an outcome counts from the first exposure on", func(l *log) {
			l.expose(key, "control", "later", time.Hour)
			l.expose(key, "control", "later", time.Minute)
			l.outcome("purchase", "later", 2*time.Minute, `{}`)
			l.expose(key, "control", "same", time.Minute)
			l.outcome("purchase", "same", time.Minute, `{}`)
			l.expose(key, "control", "before", time.Minute)
			l.outcome("purchase", "before", time.Minute-time.Millisecond, `{}`)
			l.outcome("purchase", "stranger", time.Hour, `{}`)
		}, func(r *analysis.Report) error {
			return want("units, conversions", []int64{r.Metrics[0].Variants[0].Units, r.Metrics[0].Variants[0].Conversions}, 3, 2)
		}},
		{"what arrives late counts by when it happened", func(l *log) {
			l.expose(key, "control", "ann", 0).Received += int64(48 * time.Hour / time.Millisecond)
			l.outcome("purchase", "ann", time.Minute, `{}`).Received += int64(72 * time.Hour / time.Millisecond)
		}, func(r *analysis.Report) error {
			return want("conversions", []int64{r.Metrics[0].Variants[0].Conversions}, 1)
		}},
		{"amounts that are no numbers are left out and counted", func(l *log) {
			l.expose(key, "control", "ann", 0)
			for i, p := range []string{`{"value": 7}`, `{"value": 1e300}`, `{"value": "NaN"}`, `{"value": true}`, `{"value": [1]}`, `{"value": null}`, `{}`, `not json`, ``} {
				l.outcome("purchase", "ann", time.Duration(i)*time.Second, p)
			}
		}, func(r *analysis.Report) error {
			return want("unreadable, revenue, conversions", []int64{r.Metrics[1].UnreadableOutcomes, int64(*r.Metrics[1].Variants[0].Value), r.Metrics[0].Variants[0].Conversions}, 8, 7, 1)
		}},
		{"a variant that is not declared is left out and counted", func(l *log) {
			l.expose(key, "control", "ann", 0)
			l.expose(key, "retired", "bob", 0)
		}, func(r *analysis.Report) error {
			return errors.Join(wantWarning(r, analysis.WarnUndeclaredUnits, "1 user saw a variant"),
				want("undeclared, units", []int64{r.Data.UndeclaredUnits, r.Data.Units}, 1, 1))
		}},
		{"missing numbers are missing exposures, of any experiment", func(l *log) {
			l.expose(key, "control", "ann", 0)
			l.expose("other_test", "control", "ann", 0).Seq = 10
		}, func(r *analysis.Report) error {
			return errors.Join(wantWarning(r, analysis.WarnIncomplete, "8 of the 10 exposures"),
				want("emitted, stored, missing", []int64{r.Data.Completeness.Emitted, r.Data.Completeness.Stored, r.Data.Completeness.Missing}, 10, 2, 8))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var l log
			c.history(&l)
			r := analyze(t, checkout(), &l)
			if err := c.check(r); err != nil {
				t.Error(err)
			}
			mustBeFinite(t, r)
		})
	}
}

func want(what string, got []int64, want ...int64) error {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		return fmt.Errorf("%s = %v, want %v", what, got, want)
	}
	return nil
}

func wantWarning(r *analysis.Report, code analysis.WarningCode, text string) error {
	for _, w := range r.Warnings {
		if w.Code == code && strings.Contains(w.Text, text) {
			return nil
		}
	}
	return fmt.Errorf("no warning %s with %q among %+v", code, text, r.Warnings)
}

// mustBeFinite checks that the report can be shown in both forms without a NaN.
func mustBeFinite(t testing.TB, r *analysis.Report) {
	t.Helper()
	var text strings.Builder
	if err := analysis.WriteJSON(&text, r); err != nil {
		t.Fatalf("JSON: %v", err)
	}
	if err := analysis.WriteTable(&text, r); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"NaN", "Inf", "%!"} {
		if strings.Contains(text.String(), bad) {
			t.Errorf("%q in\n%s", bad, text.String())
		}
	}
}

func TestNoData(t *testing.T) {
	r := analyze(t, checkout(), &log{})
	if r.Recommendation.Rule != analysis.RuleNoData || r.Recommendation.Action != analysis.Refuse {
		t.Errorf("recommendation: %+v", r.Recommendation)
	}
	if len(r.Warnings) != 1 || r.Warnings[0].Code != analysis.WarnNoData || !strings.Contains(r.Warnings[0].Text, "No user has been exposed in epoch 1 yet") {
		t.Errorf("warnings: %+v", r.Warnings)
	}
	mustBeFinite(t, r)
}

// A unit alone, or a variant without units, leaves quantities undetermined: null in
// JSON, a dash in the table.
func TestUndeterminedIsNull(t *testing.T) {
	var l log
	l.expose("checkout_test", "control", "ann", 0)
	r := analyze(t, checkout(), &l)
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

func TestAnalyzeErrors(t *testing.T) {
	e := openEngine(t)
	files := (&log{}).write(t)
	for _, c := range []struct {
		name    string
		change  func(x *analysis.Experiment)
		message string
	}{
		{"no key", func(x *analysis.Experiment) { x.Key = "" }, "needs a key"},
		{"epoch zero", func(x *analysis.Experiment) { x.Epoch = 0 }, "epochs count from 1"},
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
			x := checkout()
			c.change(x)
			_, err := e.Analyze(context.Background(), files, x, nil, start)
			if err == nil || !strings.Contains(err.Error(), c.message) {
				t.Errorf("got %v, want %q", err, c.message)
			}
		})
	}
	t.Run("no files", func(t *testing.T) {
		_, err := e.Analyze(context.Background(), analysis.Files{Exposures: "/nowhere/*.parquet", Outcomes: files.Outcomes}, checkout(), nil, start)
		if err == nil || !strings.Contains(err.Error(), "/nowhere/*.parquet") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := e.Analyze(ctx, files, checkout(), nil, start); err == nil {
			t.Error("no error")
		}
	})
}

// Welch's test of the report equals the test computed here from the units' values.
func TestMeanMetric(t *testing.T) {
	values := map[string][]float64{
		"control":  {0, 0, 12.5, 30, 0, 7},
		"one_page": {20, 0, 45, 13, 9.25},
	}
	var l log
	for variant, list := range values {
		for i, v := range list {
			id := fmt.Sprint(variant, i)
			l.expose("checkout_test", variant, id, 0)
			if v != 0 { // in two parts
				l.outcome("purchase", id, time.Minute, fmt.Sprintf(`{"value": %g}`, v-1))
				l.outcome("purchase", id, time.Hour, `{"value": 1}`)
			}
		}
	}
	r := analyze(t, checkout(), &l)
	moments := func(x []float64) (mean, se2 float64) {
		for _, v := range x {
			mean += v / float64(len(x))
		}
		for _, v := range x {
			se2 += (v - mean) * (v - mean) / float64(len(x)-1) / float64(len(x))
		}
		return mean, se2
	}
	mc, sc := moments(values["control"])
	mt, st := moments(values["one_page"])
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
