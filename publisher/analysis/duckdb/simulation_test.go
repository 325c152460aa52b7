package duckdb

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/analysis/enginetest"
)

// The simulated experiments: each unit draws its variant by a fair coin, purchases with
// the variant's probability, pays an exponential amount, and complains with the same
// probability in both variants.
const (
	simulated    = 150
	unitsEach    = 800
	controlRate  = 0.10
	variantRate  = 0.13
	controlPays  = 30.0
	variantPays  = 36.0
	complainRate = 0.08

	// broken experiments lose three in ten units of the variant.
	broken   = 30
	lossRate = 0.3

	// falseAlarm is the chance that one of the checks below fails for a fresh seed
	// although all is well; with ten checks, one seed in a thousand. The seed is fixed.
	falseAlarm = 1e-4
)

// What the report says of real files, of many experiments with a known truth: intervals
// cover it as often as they claim, tests without an effect raise the alarms they may,
// and lost units are found.
func TestSimulatedTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(2026, 3))
	var l enginetest.Log
	for i := range simulated + broken {
		simulate(&l, rng, experimentKey(i), i >= simulated)
	}
	e := open(t, &l)

	revenue := map[string]float64{"control": controlRate * controlPays, "one_page": variantRate * variantPays}
	hits := map[string]int{}
	hit := func(what string, ok bool) {
		if ok {
			hits[what]++
		}
	}
	covers := func(i *analysis.Interval, x float64) bool { return i != nil && i.Low <= x && x <= i.High }
	found := 0
	var experiments []*analysis.Experiment
	for i := range simulated + broken {
		x := enginetest.Checkout()
		x.Key = experimentKey(i)
		experiments = append(experiments, x)
	}
	reports, err := analysis.Reports(t.Context(), e, experiments, enginetest.Start.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range reports {
		if i >= simulated {
			if r.SampleRatio.Mismatch && r.Recommendation.Rule == analysis.RuleSRM {
				found++
			}
			continue
		}
		rate, pays, complaints := r.Metrics[0], r.Metrics[1], r.Metrics[2]
		hit("rate", covers(rate.Variants[0].Interval, controlRate))
		hit("mean", covers(pays.Variants[1].Interval, revenue["one_page"]))
		c := rate.Comparisons[0]
		hit("absolute lift of the rate", covers(c.Absolute.Interval, variantRate-controlRate))
		hit("relative lift of the rate", covers(c.Relative.Interval, variantRate/controlRate-1))
		c = pays.Comparisons[0]
		hit("absolute lift of the mean", covers(c.Absolute.Interval, revenue["one_page"]-revenue["control"]))
		hit("relative lift of the mean", covers(c.Relative.Interval, revenue["one_page"]/revenue["control"]-1))
		hit("no alarm without an effect", complaints.Comparisons[0].Verdict == analysis.Unclear)
		hit("no alarm of the split", !r.SampleRatio.Mismatch)
	}
	for what, probability := range map[string]float64{
		"rate": analysis.Confidence, "mean": analysis.Confidence,
		"absolute lift of the rate": analysis.Confidence, "relative lift of the rate": analysis.Confidence,
		"absolute lift of the mean": analysis.Confidence, "relative lift of the mean": analysis.Confidence,
		"no alarm without an effect": analysis.Confidence,
		"no alarm of the split":      1 - analysis.SampleRatioThreshold,
	} {
		expected := distuv.Binomial{N: simulated, P: probability}
		n := float64(hits[what])
		tail := min(expected.CDF(n), 1-expected.CDF(n-1))
		t.Logf("%s: %d of %d, tail %.3f", what, hits[what], simulated, tail)
		if tail < falseAlarm/2 {
			t.Errorf("%s: %d of %d, but it should be %.1f %%", what, hits[what], simulated, 100*probability)
		}
	}
	// With 400 units against 280 the statistic is about 21; the threshold is 10.8.
	if found < broken*3/4 {
		t.Errorf("the ratio check found %d of %d broken splits", found, broken)
	}
}

func experimentKey(i int) string { return fmt.Sprintf("simulated_%03d", i) }

func simulate(l *enginetest.Log, rng *rand.Rand, key string, broken bool) {
	for i := range unitsEach {
		variant, buys, pays := "control", controlRate, controlPays
		if rng.IntN(2) == 1 {
			variant, buys, pays = "one_page", variantRate, variantPays
			if broken && rng.Float64() < lossRate {
				continue
			}
		}
		id := fmt.Sprint(key, i)
		at := time.Duration(i) * time.Second
		l.Expose(key, variant, id, at)
		if rng.Float64() < buys {
			l.Outcome("purchase", id, at+time.Minute, fmt.Sprintf(`{"value": %g}`, rng.ExpFloat64()*pays))
		}
		if rng.Float64() < complainRate {
			l.Outcome("complaint", id, at+time.Minute, `{}`)
		}
	}
}
