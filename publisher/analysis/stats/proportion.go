package stats

import "math"

// Wilson returns the score interval of a proportion (Wilson, JASA 22, 1927), without continuity
// correction. It is within [0, 1], and valid for small counts including zero. It is not ok without
// trials.
func Wilson(p Proportion, confidence float64) (Interval, bool) {
	if p.Trials == 0 {
		return Interval{}, false
	}
	n, rate, q := float64(p.Trials), p.Rate(), z(confidence)
	centre := rate + q*q/(2*n)
	half := q * math.Sqrt(rate*(1-rate)/n+q*q/(4*n*n))
	scale := 1 + q*q/n
	low, high := (centre-half)/scale, (centre+half)/scale
	if p.Successes == 0 {
		low = 0 // exactly, without a rounding error
	}
	if p.Successes == p.Trials {
		high = 1
	}
	return Interval{low, high}, true
}

// Newcombe returns the interval of the difference of two independent proportions, treatment minus
// control. It combines their Wilson intervals (the hybrid score interval, method 10 of Newcombe,
// Statistics in Medicine 17:873, 1998). It is not ok unless both have trials.
func Newcombe(treatment, control Proportion, confidence float64) (Interval, bool) {
	t, okT := Wilson(treatment, confidence)
	c, okC := Wilson(control, confidence)
	if !okT || !okC {
		return Interval{}, false
	}
	pt, pc := treatment.Rate(), control.Rate()
	diff := pt - pc
	return Interval{
		Low:  diff - math.Hypot(pt-t.Low, c.High-pc),
		High: diff + math.Hypot(t.High-pt, pc-c.Low),
	}, true
}

// Katz returns the interval of the relative difference of two proportions, treatment / control - 1.
// It is a normal interval on the logarithm of the ratio, with the variance by the delta method
// (Katz et al., Biometrics 34:469, 1978). It is not ok unless both have successes.
func Katz(treatment, control Proportion, confidence float64) (Interval, bool) {
	if treatment.Successes == 0 || control.Successes == 0 {
		return Interval{}, false
	}
	variance := 1/float64(treatment.Successes) - 1/float64(treatment.Trials) +
		1/float64(control.Successes) - 1/float64(control.Trials)
	return logRatio(treatment.Rate()/control.Rate(), variance, confidence), true
}

// TwoProportionZ returns the two-sided p-value of the z-test of equal proportions with pooled
// variance. If no trial or every trial is a success, it is 1. It is not ok unless both have
// trials.
func TwoProportionZ(treatment, control Proportion) (p float64, ok bool) {
	if treatment.Trials == 0 || control.Trials == 0 {
		return 0, false
	}
	nt, nc := float64(treatment.Trials), float64(control.Trials)
	pooled := float64(treatment.Successes+control.Successes) / (nt + nc)
	variance := pooled * (1 - pooled) * (1/nt + 1/nc)
	if variance == 0 {
		return 1, true
	}
	return twoSided((treatment.Rate() - control.Rate()) / math.Sqrt(variance)), true
}

// SmallestExpected returns the smallest cell of the expected 2×2 table of successes and failures
// under equal proportions. Below 5, the normal approximation of [TwoProportionZ] is poor (Cochran,
// Biometrics 10:417, 1954). It is 0 without trials.
func SmallestExpected(a, b Proportion) float64 {
	total := float64(a.Trials + b.Trials)
	if total == 0 {
		return 0
	}
	successes := float64(a.Successes + b.Successes)
	return min(successes, total-successes) * float64(min(a.Trials, b.Trials)) / total
}

// logRatio returns a normal interval of the logarithm of a positive ratio, as a relative
// difference.
func logRatio(ratio, variance, confidence float64) Interval {
	half := z(confidence) * math.Sqrt(variance)
	return Interval{Low: ratio*math.Exp(-half) - 1, High: ratio*math.Exp(half) - 1}
}
