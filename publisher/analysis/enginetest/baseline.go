package enginetest

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis"
)

func testBaseline(t *testing.T, open func(*testing.T, *Log) analysis.Engine) {
	const day = 24 * time.Hour
	var l Log
	for i := range 10 { // of which two buy, for 6 and 4; and one before it is exposed
		l.Expose("checkout_test", []string{"control", "one_page"}[i%2], fmt.Sprint("u", i), day)
	}
	l.Expose("other", "control", "elsewhere", day)
	l.Expose("checkout_test", "control", "earlier", 0)
	l.Expose("checkout_test", "control", "tester", day).Override = true
	l.Outcome("purchase", "u0", day+time.Hour, `{"value": 6}`)
	l.Outcome("purchase", "u1", day+time.Hour, `{"value": 4}`)
	l.Outcome("purchase", "u2", 0, `{"value": 100}`)
	l.Outcome("purchase", "u3", day+time.Hour, `{"value": "much"}`)
	again := *l.Outcome("visit", "u4", day+time.Hour, "")
	l.Outcomes = append(l.Outcomes, again)
	e := open(t, &l)

	rate := analysis.Metric{Key: "buys", Event: "purchase", Kind: analysis.Conversion}
	revenue := analysis.Metric{Key: "revenue", Event: "purchase", Kind: analysis.Mean, Value: "value"}
	for _, c := range []struct {
		name                    string
		query                   analysis.BaselineQuery
		units                   int64
		perDay, mean, deviation float64
	}{
		{"any experiment", analysis.BaselineQuery{Metric: rate}, 11, 5.5, 3.0 / 11, math.Sqrt(3.0 / 11 * 8 / 11 * 11 / 10)},
		{"one experiment", analysis.BaselineQuery{Metric: rate, Experiment: "checkout_test"}, 10, 5, 0.3, math.Sqrt(0.3 * 0.7 * 10 / 9)},
		{"its control", analysis.BaselineQuery{Metric: rate, Experiment: "checkout_test", Control: "control"}, 10, 5, 0.2, math.Sqrt(0.2 * 0.8 * 5 / 4)},
		{"a mean", analysis.BaselineQuery{Metric: revenue, Experiment: "checkout_test"}, 10, 5, 1, math.Sqrt((25 + 9 + 8) / 9.0)},
		{"nobody", analysis.BaselineQuery{Metric: rate, Experiment: "none"}, 0, 0, 0, 0},
		{"no event", analysis.BaselineQuery{Metric: analysis.Metric{Key: "x", Event: "x", Kind: analysis.Conversion}}, 11, 5.5, 0, 0},
	} {
		q := c.query
		q.Unit, q.Since = "user", Start.Add(day/2)
		got, err := e.Baseline(t.Context(), q, Start.Add(3*day))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got.Units != c.units || math.Abs(got.PerDay-c.perDay) > 1e-9 || math.Abs(got.Mean-c.mean) > 1e-9 || math.Abs(got.Deviation-c.deviation) > 1e-9 {
			t.Errorf("%s: %+v, want %+v", c.name, got, c)
		}
	}
}
