package enginetest

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/publisher/analysis"
)

// key is that of the experiment of [Checkout].
const key = "checkout_test"

// countingCases are histories of few events, and what must be counted of each.
var countingCases = []struct {
	name    string
	history func(l *Log)
	check   func(s *analysis.Summary) error
}{
	{"an exposure delivered twice is one", func(l *Log) {
		l.Expose(key, "control", "ann", 0)
		again := *l.Expose(key, "control", "ann", time.Minute)
		again.Received += 5000
		l.Exposures = append(l.Exposures, again)
	}, func(s *analysis.Summary) error {
		return equal("exposures, duplicates, units", []int64{s.Sums[0][0].Exposures, s.DuplicateExposures, units(s)}, 2, 1, 1)
	}},
	{"the same number from another boot is another exposure", func(l *Log) {
		l.Expose(key, "control", "ann", 0)
		other := l.Expose(key, "control", "ann", 0)
		other.Boot, other.Seq = "b2", 1
	}, func(s *analysis.Summary) error {
		return equal("exposures, duplicates", []int64{s.Sums[0][0].Exposures, s.DuplicateExposures}, 2, 0)
	}},
	{"an outcome delivered twice is one", func(l *Log) {
		l.Expose(key, "control", "ann", 0)
		again := *l.Outcome("purchase", "ann", time.Minute, `{"value": 5}`)
		l.Outcomes = append(l.Outcomes, again)
	}, func(s *analysis.Summary) error {
		return equal("conversions, revenue", []int64{s.Sums[0][0].Conversions, int64(s.Sums[0][1].Mean)}, 1, 5)
	}},
	{"a unit converts once and its amounts add up", func(l *Log) {
		l.Expose(key, "control", "ann", 0)
		l.Outcome("purchase", "ann", time.Minute, `{"value": 5}`)
		l.Outcome("purchase", "ann", time.Hour, `{"value": "2.5"}`)
		l.Expose(key, "control", "bob", 0)
	}, func(s *analysis.Summary) error {
		return equal("conversions, revenue × 4, variance × 8", []int64{s.Sums[0][0].Conversions,
			int64(4 * s.Sums[0][1].Mean), int64(8 * s.Sums[0][1].Variance)}, 1, 15, 225)
	}},
	{"a unit that saw two variants belongs to neither", func(l *Log) {
		l.Expose(key, "control", "ann", 0)
		l.Expose(key, "one_page", "ann", time.Minute)
		l.Expose(key, "one_page", "bob", 0)
		l.Outcome("purchase", "ann", time.Hour, `{}`)
	}, func(s *analysis.Summary) error {
		return equal("conflicts, control, one_page, conversions", []int64{s.ConflictingUnits, s.Sums[0][0].Units, s.Sums[1][0].Units, s.Sums[1][0].Conversions}, 1, 0, 1, 0)
	}},
	{"overrides are not counted and make no conflict", func(l *Log) {
		l.Expose(key, "control", "ann", 0)
		l.Expose(key, "one_page", "ann", time.Minute).Override = true
		l.Expose(key, "one_page", "tester", time.Minute).Override = true
	}, func(s *analysis.Summary) error {
		return equal("overrides, conflicts, units", []int64{s.OverrideExposures, s.ConflictingUnits, units(s)}, 2, 0, 1)
	}},
	{"other phases, units and experiments are not counted", func(l *Log) {
		l.Expose(key, "control", "ann", 0).Phase = 2
		l.Expose(key, "control", "bob", 0).Unit = "device"
		l.Expose("other_test", "control", "cid", 0)
		l.Expose(key, "control", "dee", 0)
		l.Outcome("purchase", "dee", time.Minute, `{}`).Unit = "device"
	}, func(s *analysis.Summary) error {
		return equal("units, conversions", []int64{units(s), s.Sums[0][0].Conversions}, 1, 0)
	}},
	{"an outcome counts from the first exposure on", func(l *Log) {
		l.Expose(key, "control", "later", time.Hour)
		l.Expose(key, "control", "later", time.Minute)
		l.Outcome("purchase", "later", 2*time.Minute, `{}`)
		l.Expose(key, "control", "same", time.Minute)
		l.Outcome("purchase", "same", time.Minute, `{}`)
		l.Expose(key, "control", "before", time.Minute)
		l.Outcome("purchase", "before", time.Minute-time.Millisecond, `{}`)
		l.Outcome("purchase", "stranger", time.Hour, `{}`)
	}, func(s *analysis.Summary) error {
		return equal("units, conversions", []int64{s.Sums[0][0].Units, s.Sums[0][0].Conversions}, 3, 2)
	}},
	{"what arrives late counts by when it happened", func(l *Log) {
		l.Expose(key, "control", "ann", 0).Received += event.Millis(48 * time.Hour / time.Millisecond)
		l.Outcome("purchase", "ann", time.Minute, `{}`).Received += event.Millis(72 * time.Hour / time.Millisecond)
	}, func(s *analysis.Summary) error {
		return equal("conversions", []int64{s.Sums[0][0].Conversions}, 1)
	}},
	{"amounts that are no numbers are left out and counted", func(l *Log) {
		l.Expose(key, "control", "ann", 0)
		for i, p := range []string{`{"value": 7}`, `{"value": 1e300}`, `{"value": "NaN"}`, `{"value": true}`, `{"value": [1]}`, `{"value": null}`, `{}`, `not json`, ``} {
			l.Outcome("purchase", "ann", time.Duration(i)*time.Second, p)
		}
	}, func(s *analysis.Summary) error {
		return equal("unreadable, revenue, conversions", []int64{s.Sums[0][1].UnreadableOutcomes, int64(s.Sums[0][1].Mean), s.Sums[0][0].Conversions}, 8, 7, 1)
	}},
	{"a variant that is not declared is left out and counted", func(l *Log) {
		l.Expose(key, "control", "ann", 0)
		l.Expose(key, "retired", "bob", 0)
	}, func(s *analysis.Summary) error {
		return equal("undeclared, units", []int64{s.UndeclaredUnits, units(s)}, 1, 1)
	}},
	{"the first and the last exposure, override lists aside", func(l *Log) {
		l.Expose(key, "control", "ann", time.Hour)
		l.Expose(key, "one_page", "bob", time.Minute)
		l.Expose(key, "control", "tester", 0).Override = true
		l.Expose("other_test", "control", "cid", 2*time.Hour)
	}, func(s *analysis.Summary) error {
		return equal("milliseconds", []int64{s.FirstExposure.Sub(Start).Milliseconds(), s.LastExposure.Sub(Start).Milliseconds()}, 60_000, 3_600_000)
	}},
	{"nothing", func(*Log) {}, func(s *analysis.Summary) error {
		if !s.FirstExposure.IsZero() || !s.LastExposure.IsZero() {
			return fmt.Errorf("exposures from %v to %v", s.FirstExposure, s.LastExposure)
		}
		none := []analysis.Sums{{}, {}, {}}
		if want := (&analysis.Summary{Sums: [][]analysis.Sums{none, none}}); !reflect.DeepEqual(s, want) {
			return fmt.Errorf("%+v, want %+v", s, want)
		}
		return nil
	}},
}

func equal(what string, got []int64, want ...int64) error {
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s = %v, want %v", what, got, want)
	}
	return nil
}

// units are those of all variants.
func units(s *analysis.Summary) (n int64) {
	for _, variant := range s.Sums {
		n += variant[0].Units
	}
	return n
}

func testCounting(t *testing.T, open func(*testing.T, *Log) analysis.Engine) {
	for _, c := range countingCases {
		t.Run(c.name, func(t *testing.T) {
			var l Log
			c.history(&l)
			s, err := open(t, &l).Summarize(t.Context(), Checkout())
			if err != nil {
				t.Fatal(err)
			}
			if err := c.check(s); err != nil {
				t.Error(err)
			}
		})
	}
}
