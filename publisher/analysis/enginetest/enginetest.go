// Package enginetest has the cases that every [analysis.Engine] must pass.
//
// This package is internal to Sortition and may change without notice.
package enginetest

import (
	"context"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis"
)

// Run runs every case. open returns an engine over the events of a log alone, and closes
// it with the test.
func Run(t *testing.T, open func(t *testing.T, l *Log) analysis.Engine) {
	t.Run("counting", func(t *testing.T) { testCounting(t, open) })
	t.Run("completeness", func(t *testing.T) { testCompleteness(t, open) })
	t.Run("baseline", func(t *testing.T) { testBaseline(t, open) })
	t.Run("exposed", func(t *testing.T) { testExposed(t, open) })
	t.Run("story", func(t *testing.T) { testStory(t, open) })
	t.Run("hostile names", func(t *testing.T) { testHostileNames(t, open) })
	t.Run("statements", func(t *testing.T) { testStatements(t, open) })
	t.Run("errors", func(t *testing.T) { testErrors(t, open) })
}

func summarize(t *testing.T, e analysis.Engine, x *analysis.Experiment) *analysis.Summary {
	t.Helper()
	s, err := e.Summarize(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func testCompleteness(t *testing.T, open func(*testing.T, *Log) analysis.Engine) {
	var l Log
	l.Expose("checkout_test", "control", "ann", 0)
	l.Expose("other_test", "control", "ann", 0).Seq = 10
	l.Expose("other_test", "control", "ann", 0).Seq = 10 // delivered twice
	l.Expose("other_test", "control", "ann", 0).Boot = "b2"
	for want, l := range map[analysis.Completeness]*Log{
		{}:                                    {},
		{Emitted: 14, Stored: 3, Missing: 11}: &l,
	} {
		got, err := open(t, l).Completeness(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got == nil || *got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	l = Log{}
	l.Expose("checkout_test", "control", "ann", 0).Seq = 0 // hosts count from 1
	if got, err := open(t, &l).Completeness(t.Context()); got != nil || err != nil {
		t.Errorf("more stored than numbered: %+v, %v", got, err)
	}
}

func testExposed(t *testing.T, open func(*testing.T, *Log) analysis.Engine) {
	var l Log
	at := func(revision uint64, experiment, variant, id string) {
		l.Expose(experiment, variant, id, time.Minute).Revision = revision
	}
	at(5, "button", "big", "before")
	at(6, "button", "big", "a")
	at(7, "button", "big", "a") // again, by another host or revision
	at(7, "button", "big", "b")
	at(7, "button", "control", "c")
	at(7, "price", "low", "a")
	at(8, "button", "control", "after")
	l.Expose("button", "control", "long ago", -time.Hour).Revision = 6
	l.Expose("button", "control", "tester", time.Minute).Override = true
	second := l.Expose("button", "big", "a", 0)
	second.Revision, second.Phase = 7, 2
	e := open(t, &l)

	got, err := e.Exposed(t.Context(), 6, 7, Start)
	if err != nil {
		t.Fatal(err)
	}
	want := []analysis.Exposed{
		{Experiment: "button", Phase: 1, Variant: "big", Units: 2},
		{Experiment: "button", Phase: 1, Variant: "control", Units: 1},
		{Experiment: "button", Phase: 2, Variant: "big", Units: 1},
		{Experiment: "price", Phase: 1, Variant: "low", Units: 1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got, err = e.Exposed(t.Context(), 6, 6, time.Time{}); err != nil || len(got) != 2 || got[1].Units != 1 {
		t.Errorf("at any time: %+v, %v", got, err)
	}
}

// Names may be any text: the statements find the units.
func testHostileNames(t *testing.T, open func(*testing.T, *Log) analysis.Engine) {
	const hostile = "x'; DROP TABLE t; --\n'\\'%s"
	x := Checkout()
	x.Key, x.Unit = hostile, "user"
	x.Variants[0].Key = hostile
	x.Primary.Key, x.Primary.Event = hostile, hostile
	x.Guardrails[0].Value = "a/b~'\"c"
	x.Guardrails[0].Event = hostile
	var l Log
	l.Expose(hostile, hostile, "ann", 0)
	l.Expose(hostile, "one_page", "bob", 0)
	l.Outcome(hostile, "ann", time.Minute, `{"a/b~'\"c": 3}`)
	e := open(t, &l)
	s := summarize(t, e, x)
	if got := s.Sums[0]; got[0].Units != 1 || got[0].Conversions != 1 || got[1].Mean != 3 || s.Sums[1][0].Units != 1 {
		t.Errorf("%+v", s)
	}
	b, err := e.Baseline(t.Context(), analysis.BaselineQuery{
		Unit: "user", Metric: x.Guardrails[0], Experiment: hostile, Since: Start,
	}, Start)
	if err != nil || b.Units != 2 || b.Mean != 1.5 {
		t.Errorf("%+v, %v", b, err)
	}
}

func testStatements(t *testing.T, open func(*testing.T, *Log) analysis.Engine) {
	x, other := Checkout(), Checkout()
	other.Key = "other_test"
	list := open(t, &Log{}).Statements(x, other)
	var of []string
	for _, s := range list {
		of = append(of, s.Experiment)
		if !strings.HasSuffix(s.SQL, ";\n") || !strings.Contains(s.SQL, s.Experiment) {
			t.Errorf("the statement of %q is %s", s.Experiment, s.SQL)
		}
	}
	if want := []string{"", "checkout_test", "other_test"}; !reflect.DeepEqual(of, want) {
		t.Errorf("statements of %q, want %q", of, want)
	}
}

func testErrors(t *testing.T, open func(*testing.T, *Log) analysis.Engine) {
	e := open(t, &Log{})
	x := Checkout()
	x.Variants = x.Variants[:1]
	if _, err := e.Summarize(t.Context(), x); err == nil {
		t.Error("an experiment of one variant is no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, summarize := e.Summarize(ctx, Checkout())
	_, completeness := e.Completeness(ctx)
	_, baseline := e.Baseline(ctx, analysis.BaselineQuery{Unit: "user", Metric: Checkout().Primary}, Start)
	_, exposed := e.Exposed(ctx, 1, 2, Start)
	for what, err := range map[string]error{
		"Summarize": summarize, "Completeness": completeness, "Baseline": baseline, "Exposed": exposed,
	} {
		if err == nil {
			t.Errorf("%s is not cancelled", what)
		}
	}
}

// The story is read as it is told, by several at once, with the same digits each time.
func testStory(t *testing.T, open func(*testing.T, *Log) analysis.Engine) {
	x, l := Story()
	e := open(t, l)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			s, err := e.Summarize(t.Context(), x)
			if err != nil {
				t.Error(err)
				return
			}
			if !reflect.DeepEqual(round(s), round(StorySummary())) {
				t.Errorf("got  %+v\nwant %+v", s, StorySummary())
			}
		})
	}
	group.Wait()
}

// round makes the moments of s independent of the order in which numbers are added.
func round(s *analysis.Summary) *analysis.Summary {
	const precision = 1e9
	for _, sums := range s.Sums {
		for i := range sums {
			sums[i].Mean = math.Round(sums[i].Mean*precision) / precision
			sums[i].Variance = math.Round(sums[i].Variance*precision) / precision
		}
	}
	return s
}
