package stats_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sortition-dev/sortition/publisher/analysis/stats"
)

// Each simulation draws this many pairs of samples. With a true coverage of 95 % the
// share of intervals that cover has a standard deviation of 0.15 %; the bounds below
// allow 0.8 % for chance and the approximations together, so that a sound interval
// fails for fewer than one seed in a million. The seeds are fixed.
const (
	simulations = 20_000
	tolerance   = 0.008
)

func TestCoverageOfProportionIntervals(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n, pt, pc = 800, 0.12, 0.10
	var wilson, newcombe, katz, rejected int
	for range simulations {
		treatment, control := binomial(rng, n, pt), binomial(rng, n, pc)
		if i, _ := stats.Wilson(control, confidence); i.Contains(pc) {
			wilson++
		}
		if i, _ := stats.Newcombe(treatment, control, confidence); i.Contains(pt - pc) {
			newcombe++
		}
		if i, _ := stats.Katz(treatment, control, confidence); i.Contains(pt/pc - 1) {
			katz++
		}
		if p, _ := stats.TwoProportionZ(binomial(rng, n, pc), control); p < 1-confidence {
			rejected++
		}
	}
	near(t, "coverage of Wilson", share(wilson), confidence, tolerance)
	near(t, "coverage of Newcombe", share(newcombe), confidence, tolerance)
	near(t, "coverage of Katz", share(katz), confidence, tolerance)
	near(t, "false alarms of z", share(rejected), 1-confidence, tolerance)
}

// Revenue-like values: most units give nothing, the rest an exponential amount.
func TestCoverageOfMeanIntervals(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	const n, paying, amount, rise = 1_500, 0.3, 40, 1.1
	draw := func(amount float64) stats.Sample {
		var sum, squares float64
		for range n {
			if rng.Float64() < paying {
				v := rng.ExpFloat64() * amount
				sum += v
				squares += v * v
			}
		}
		mean := sum / n
		return stats.Sample{N: n, Mean: mean, Variance: (squares - n*mean*mean) / (n - 1)}
	}
	const reps = simulations / 5
	var mean, welch, ratio, rejected int
	for range reps {
		treatment, control := draw(amount*rise), draw(amount)
		if i, _ := stats.MeanInterval(control, confidence); i.Contains(paying * amount) {
			mean++
		}
		if r, _ := stats.Welch(treatment, control, confidence); r.Difference.Contains(paying * amount * (rise - 1)) {
			welch++
		}
		if i, _ := stats.MeanRatio(treatment, control, confidence); i.Contains(rise - 1) {
			ratio++
		}
		if r, _ := stats.Welch(draw(amount), control, confidence); r.P < 1-confidence {
			rejected++
		}
	}
	const tolerance = 2 * tolerance // a fifth of the draws
	near(t, "coverage of the mean", float64(mean)/reps, confidence, tolerance)
	near(t, "coverage of Welch", float64(welch)/reps, confidence, tolerance)
	near(t, "coverage of the ratio", float64(ratio)/reps, confidence, tolerance)
	near(t, "false alarms of Welch", float64(rejected)/reps, 1-confidence, tolerance)
}

// The ratio check at 1 in 1,000 cries wolf about 20 times in 20,000 fair draws: more
// than 45 or fewer than 4 would happen for fewer than one seed in 10,000.
func TestFalseAlarmsOfChiSquareFit(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	alarms := 0
	for range simulations {
		const n = 3_000
		a := binomial(rng, n, 0.5).Successes
		b := binomial(rng, int(n-a), 0.6).Successes
		if _, p, _ := stats.ChiSquareFit([]int64{a, b, n - a - b}, []float64{50, 30, 20}); p < 0.001 {
			alarms++
		}
	}
	if alarms < 4 || alarms > 45 {
		t.Errorf("%d false alarms in %d, want about %d", alarms, simulations, simulations/1000)
	}
}

func share(n int) float64 { return float64(n) / simulations }

// binomial draws a proportion by skipping from success to success, which takes time in
// proportion to the successes.
func binomial(rng *rand.Rand, n int, p float64) stats.Proportion {
	var successes int64
	for i := skip(rng, p); i < n; i += 1 + skip(rng, p) {
		successes++
	}
	return stats.Proportion{Successes: successes, Trials: int64(n)}
}

// skip is a geometric number: failures before the next success.
func skip(rng *rand.Rand, p float64) int {
	return int(math.Log(1-rng.Float64()) / math.Log(1-p))
}
