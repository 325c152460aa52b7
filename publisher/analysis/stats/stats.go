// Package stats has the intervals, tests and corrections for results, under their names in the
// literature. They are pure functions of counts, or of means and variances.
//
// If the data does not determine a quantity, for example a rate of no units or a ratio to zero,
// a function returns ok = false. If ok is true, no result is NaN or infinite.
//
// This package is internal to Sortition and may change without notice.
package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a closed interval.
type Interval struct{ Low, High float64 }

// Contains reports whether x is in the interval, including its ends.
func (i Interval) Contains(x float64) bool { return i.Low <= x && x <= i.High }

// Proportion is a number of successes in a number of trials, with 0 <= Successes <= Trials.
type Proportion struct{ Successes, Trials int64 }

// Rate returns the share of successes, or 0 without trials.
func (p Proportion) Rate() float64 {
	if p.Trials == 0 {
		return 0
	}
	return float64(p.Successes) / float64(p.Trials)
}

// Sample is the size, mean and unbiased variance (divisor N-1) of a sample of numbers.
type Sample struct {
	N              int64
	Mean, Variance float64
}

// squaredError returns the square of the standard error of the mean.
func (s Sample) squaredError() float64 { return s.Variance / float64(s.N) }

// z returns the standard normal quantile with (1-confidence)/2 above it.
func z(confidence float64) float64 {
	return distuv.UnitNormal.Quantile(0.5 + confidence/2)
}

// twoSided returns the probability that a standard normal variable is at least |x| from zero. It
// is accurate in the tails, where 1-Φ(x) would lose all digits.
func twoSided(x float64) float64 { return math.Erfc(math.Abs(x) / math.Sqrt2) }
