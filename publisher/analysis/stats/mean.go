package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// MeanInterval returns Student's interval of a mean. It is not ok with fewer than two values.
func MeanInterval(s Sample, confidence float64) (Interval, bool) {
	if s.N < 2 {
		return Interval{}, false
	}
	half := tQuantile(float64(s.N-1), confidence) * math.Sqrt(s.squaredError())
	return Interval{s.Mean - half, s.Mean + half}, true
}

// WelchResult is the result of Welch's test.
type WelchResult struct {
	Difference Interval // of the means, treatment minus control
	P          float64  // two-sided
	DF         float64  // degrees of freedom by Welch and Satterthwaite; 0 if nothing varies
}

// Welch returns the t-test of equal means with unequal variances (Welch, Biometrika 34:28, 1947).
// If neither sample varies, the difference is exact and P is 1 or 0. It is not ok unless both
// samples have at least two values.
func Welch(treatment, control Sample, confidence float64) (WelchResult, bool) {
	if treatment.N < 2 || control.N < 2 {
		return WelchResult{}, false
	}
	diff := treatment.Mean - control.Mean
	vt, vc := treatment.squaredError(), control.squaredError()
	if vt+vc == 0 {
		r := WelchResult{Difference: Interval{diff, diff}, P: 1}
		if diff != 0 {
			r.P = 0
		}
		return r, true
	}
	se := math.Sqrt(vt + vc)
	df := (vt + vc) * (vt + vc) /
		(vt*vt/float64(treatment.N-1) + vc*vc/float64(control.N-1))
	half := tQuantile(df, confidence) * se
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
	return WelchResult{
		Difference: Interval{diff - half, diff + half},
		P:          min(1, 2*t.CDF(-math.Abs(diff)/se)),
		DF:         df,
	}, true
}

// MeanRatio returns the interval of the relative difference of two means, treatment / control - 1.
// It is a normal interval on the logarithm of the ratio, with the variance by the delta method. It
// is not ok unless both samples have at least two values and a positive mean.
func MeanRatio(treatment, control Sample, confidence float64) (Interval, bool) {
	if treatment.N < 2 || control.N < 2 || treatment.Mean <= 0 || control.Mean <= 0 {
		return Interval{}, false
	}
	variance := treatment.squaredError()/(treatment.Mean*treatment.Mean) +
		control.squaredError()/(control.Mean*control.Mean)
	i := logRatio(treatment.Mean/control.Mean, variance, confidence)
	if math.IsInf(i.High, 0) || math.IsNaN(i.High) || math.IsNaN(i.Low) {
		return Interval{}, false
	}
	return i, true
}

// tQuantile returns the quantile of Student's t with df degrees of freedom that has
// (1-confidence)/2 above it.
func tQuantile(df, confidence float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Quantile(0.5 + confidence/2)
}
