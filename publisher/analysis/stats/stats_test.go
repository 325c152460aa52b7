package stats_test

import (
	"math"
	"testing"

	"github.com/sortition-dev/sortition/publisher/analysis/stats"
)

const confidence = 0.95

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.8g, want %.8g ± %.1g", what, got, want, tolerance)
	}
}

// The values of method 3 in table I of Newcombe, "Two-sided confidence intervals for
// the single proportion", Statistics in Medicine 17:857, 1998.
func TestWilson(t *testing.T) {
	for _, c := range []struct {
		successes, trials int64
		low, high         float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0, 0.1611},
		{1, 29, 0.0061, 0.1718},
		{20, 20, 1 - 0.1611, 1},
	} {
		i, ok := stats.Wilson(stats.Proportion{Successes: c.successes, Trials: c.trials}, confidence)
		if !ok {
			t.Fatalf("%d/%d: not ok", c.successes, c.trials)
		}
		near(t, "low", i.Low, c.low, 5e-5)
		near(t, "high", i.High, c.high, 5e-5)
	}
	if _, ok := stats.Wilson(stats.Proportion{}, confidence); ok {
		t.Error("an interval without trials")
	}
}

// The values of method 10 in table II of Newcombe, "Interval estimation for the
// difference between independent proportions", Statistics in Medicine 17:873, 1998.
func TestNewcombe(t *testing.T) {
	for _, c := range []struct {
		a, m, b, n int64
		low, high  float64
	}{
		{56, 70, 48, 80, 0.0524, 0.3339},
		{9, 10, 3, 10, 0.1705, 0.8090},
		{6, 7, 2, 7, 0.0582, 0.8062},
		{5, 56, 0, 29, -0.0381, 0.1926},
		{0, 10, 0, 20, -0.1611, 0.2775},
		{0, 10, 0, 10, -0.2775, 0.2775},
		{10, 10, 0, 20, 0.6791, 1},
		{10, 10, 0, 10, 0.6075, 1},
	} {
		i, ok := stats.Newcombe(stats.Proportion{Successes: c.a, Trials: c.m}, stats.Proportion{Successes: c.b, Trials: c.n}, confidence)
		if !ok {
			t.Fatalf("%+v: not ok", c)
		}
		near(t, "low", i.Low, c.low, 5e-5)
		near(t, "high", i.High, c.high, 5e-5)
	}
	if _, ok := stats.Newcombe(stats.Proportion{Successes: 1, Trials: 2}, stats.Proportion{}, confidence); ok {
		t.Error("an interval without trials")
	}
}

// The Physicians' Health Study (189 of 11,034 under placebo, 104 of 11,037 under
// aspirin) as analysed in Agresti, "An Introduction to Categorical Data Analysis", 2nd
// edition, sections 2.2 and 2.3: relative risk 1.82 with interval (1.43, 2.31), and
// chi-square 25.01 for equal proportions, whose root is z.
func TestAspirin(t *testing.T) {
	placebo := stats.Proportion{Successes: 189, Trials: 11034}
	aspirin := stats.Proportion{Successes: 104, Trials: 11037}
	i, ok := stats.Katz(placebo, aspirin, confidence)
	if !ok {
		t.Fatal("not ok")
	}
	near(t, "low", i.Low, 0.43, 0.005)
	near(t, "high", i.High, 1.31, 0.005)

	p, ok := stats.TwoProportionZ(placebo, aspirin)
	if !ok {
		t.Fatal("not ok")
	}
	near(t, "p", p, math.Erfc(math.Sqrt(25.01/2)), 2e-8)

	none := stats.Proportion{Trials: 100}
	if _, ok := stats.Katz(placebo, none, confidence); ok {
		t.Error("a ratio to nothing")
	}
}

// Pearson's chi-square of a 2×2 table is the square of the pooled z, computed here from
// the table's cells.
func TestTwoProportionZEqualsPearson(t *testing.T) {
	for _, c := range [][4]float64{{10, 90, 20, 80}, {500, 9500, 560, 9440}, {3, 4, 1, 900}} {
		a, b, cc, d := c[0], c[1], c[2], c[3]
		n := a + b + cc + d
		chi := n * (a*d - b*cc) * (a*d - b*cc) / ((a + b) * (cc + d) * (a + cc) * (b + d))
		p, _ := stats.TwoProportionZ(
			stats.Proportion{Successes: int64(a), Trials: int64(a + b)},
			stats.Proportion{Successes: int64(cc), Trials: int64(cc + d)})
		near(t, "p", p, math.Erfc(math.Sqrt(chi/2)), 1e-12)
	}
	for _, same := range []int64{0, 50} {
		x := stats.Proportion{Successes: same, Trials: 50}
		if p, ok := stats.TwoProportionZ(x, x); !ok || p != 1 {
			t.Errorf("%d of 50 twice: p = %v, %v, want 1", same, p, ok)
		}
	}
	if _, ok := stats.TwoProportionZ(stats.Proportion{}, stats.Proportion{Trials: 3}); ok {
		t.Error("a test without trials")
	}
}

// Student's sleep data (Biometrika 6:1, 1908), the example of R's t.test(extra ~ group,
// data = sleep): t = -1.8608, df = 17.776, p = 0.07939, interval -3.3654832 0.2054832.
func TestWelch(t *testing.T) {
	first := sample(0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2)
	second := sample(1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4)
	r, ok := stats.Welch(first, second, confidence)
	if !ok {
		t.Fatal("not ok")
	}
	near(t, "df", r.DF, 17.776, 5e-4)
	near(t, "p", r.P, 0.07939, 5e-6)
	near(t, "low", r.Difference.Low, -3.3654832, 1e-6)
	near(t, "high", r.Difference.High, 0.2054832, 1e-6)

	// t.test(sleep$extra[sleep$group == 2]): interval 0.8976775 3.7623225.
	i, _ := stats.MeanInterval(second, confidence)
	near(t, "low", i.Low, 0.8976775, 1e-6)
	near(t, "high", i.High, 3.7623225, 1e-6)
}

// With many degrees of freedom Student's distribution is the normal.
func TestWelchOfLargeSamplesIsNormal(t *testing.T) {
	a := stats.Sample{N: 5_000_000, Mean: 10.01, Variance: 25}
	b := stats.Sample{N: 4_000_000, Mean: 10, Variance: 16}
	r, _ := stats.Welch(a, b, confidence)
	se := math.Sqrt(25/5e6 + 16/4e6)
	near(t, "p", r.P, math.Erfc(0.01/se/math.Sqrt2), 1e-6)
	near(t, "high", r.Difference.High, 0.01+1.959963985*se, 1e-8)
}

func TestWelchWithoutVariation(t *testing.T) {
	flat := func(mean float64) stats.Sample { return stats.Sample{N: 5, Mean: mean} }
	if r, ok := stats.Welch(flat(2), flat(2), confidence); !ok || r.P != 1 {
		t.Errorf("equal constants: %+v, %v", r, ok)
	}
	if r, ok := stats.Welch(flat(3), flat(2), confidence); !ok || r.P != 0 || r.Difference != (stats.Interval{Low: 1, High: 1}) {
		t.Errorf("different constants: %+v, %v", r, ok)
	}
	if _, ok := stats.Welch(stats.Sample{N: 1, Mean: 1}, flat(2), confidence); ok {
		t.Error("a test of one value")
	}
	if _, ok := stats.MeanInterval(stats.Sample{N: 1, Mean: 1}, confidence); ok {
		t.Error("an interval of one value")
	}
}

// For zero-one values the delta method on means is Katz's on proportions, up to the
// divisor of the variance.
func TestMeanRatioAgreesWithKatz(t *testing.T) {
	bernoulli := func(p stats.Proportion) stats.Sample {
		r := p.Rate()
		return stats.Sample{N: p.Trials, Mean: r, Variance: r * (1 - r) * float64(p.Trials) / float64(p.Trials-1)}
	}
	a := stats.Proportion{Successes: 1200, Trials: 20000}
	b := stats.Proportion{Successes: 1100, Trials: 20100}
	got, ok := stats.MeanRatio(bernoulli(a), bernoulli(b), confidence)
	want, _ := stats.Katz(a, b, confidence)
	if !ok {
		t.Fatal("not ok")
	}
	near(t, "low", got.Low, want.Low, 1e-5)
	near(t, "high", got.High, want.High, 1e-5)
	if _, ok := stats.MeanRatio(bernoulli(a), stats.Sample{N: 9, Variance: 1}, confidence); ok {
		t.Error("a ratio to nothing")
	}
}

func TestChiSquareFit(t *testing.T) {
	// Kohavi, Tang and Xu, "Trustworthy Online Controlled Experiments", 2020, on sample-ratio
	// mismatch: 821,588 against 815,482 users in equal parts has p = 1.8e-6.
	_, p, ok := stats.ChiSquareFit([]int64{821588, 815482}, []float64{1, 1})
	if !ok {
		t.Fatal("not ok")
	}
	near(t, "p", p, 1.8e-6, 0.05e-6)

	// Mendel's 315 : 101 : 108 : 32 against 9 : 3 : 3 : 1 (Fisher, Annals of Science
	// 1:115, 1936): chi-square 0.4700 with three degrees of freedom, p = 0.9254.
	chi, p, _ := stats.ChiSquareFit([]int64{315, 101, 108, 32}, []float64{9, 3, 3, 1})
	near(t, "chi-square", chi, 0.4700, 5e-5)
	near(t, "p", p, 0.9254, 5e-5)

	if _, p, ok := stats.ChiSquareFit([]int64{50, 50, 1}, []float64{1, 1, 0}); !ok || p != 0 {
		t.Errorf("a unit where none can be: p = %v, %v", p, ok)
	}
	if _, p, ok := stats.ChiSquareFit([]int64{50, 50, 0}, []float64{1, 1, 0}); !ok || p != 1 {
		t.Errorf("nobody where none can be: p = %v, %v", p, ok)
	}
	for _, c := range [][]int64{{0, 0}, {7}} {
		if _, _, ok := stats.ChiSquareFit(c, []float64{1, 1}[:len(c)]); ok {
			t.Errorf("a test of %v", c)
		}
	}
}

// The values of R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") and of its examples'
// caps at one.
func TestHolm(t *testing.T) {
	for _, c := range []struct{ p, want []float64 }{
		{[]float64{0.01, 0.04, 0.03, 0.005}, []float64{0.03, 0.06, 0.06, 0.02}},
		{[]float64{0.6, 0.7}, []float64{1, 1}},
		{[]float64{0.02}, []float64{0.02}},
		{nil, []float64{}},
	} {
		got := stats.Holm(c.p)
		if len(got) != len(c.want) {
			t.Fatalf("Holm(%v) = %v", c.p, got)
		}
		for i := range got {
			near(t, "adjusted p", got[i], c.want[i], 1e-12)
		}
	}
}

func TestSmallestExpected(t *testing.T) {
	near(t, "smallest", stats.SmallestExpected(stats.Proportion{Successes: 3, Trials: 100}, stats.Proportion{Successes: 9, Trials: 300}), 3, 1e-12)
	near(t, "smallest", stats.SmallestExpected(stats.Proportion{Successes: 99, Trials: 100}, stats.Proportion{Successes: 97, Trials: 100}), 2, 1e-12)
	near(t, "smallest", stats.SmallestExpected(stats.Proportion{}, stats.Proportion{}), 0, 0)
}

func sample(values ...float64) stats.Sample {
	var sum float64
	for _, v := range values {
		sum += v
	}
	mean := sum / float64(len(values))
	var squares float64
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return stats.Sample{N: int64(len(values)), Mean: mean, Variance: squares / float64(len(values)-1)}
}
