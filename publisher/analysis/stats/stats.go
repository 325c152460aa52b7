// Package stats has the intervals, tests and corrections that results are computed with,
// each under its name in the literature. They are pure functions of counts, or of means and
// variances.
//
// A quantity that the data does not determine (a rate of no units, a ratio to nothing)
// is reported by ok = false; no function returns NaN or an infinity when ok is true.
//
// This package is internal to Sortition and may change without notice.
package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Interval is a closed interval.
type Interval struct{ Low, High float64 }

// Contains reports whether x lies in the interval, ends included.
func (i Interval) Contains(x float64) bool { return i.Low <= x && x <= i.High }

// Proportion is a number of successes out of a number of trials.
// 0 <= Successes <= Trials.
type Proportion struct{ Successes, Trials int64 }

// Rate is the share of successes, 0 if there were no trials.
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

// squaredError is the square of the standard error of the mean.
func (s Sample) squaredError() float64 { return s.Variance / float64(s.N) }

// z is the standard normal quantile that leaves (1-confidence)/2 above it.
func z(confidence float64) float64 {
	return distuv.UnitNormal.Quantile(0.5 + confidence/2)
}

// twoSided is the probability that a standard normal is at least |x| from zero. It is
// accurate far into the tails, where 1-Φ(x) would be lost to cancellation.
func twoSided(x float64) float64 { return math.Erfc(math.Abs(x) / math.Sqrt2) }
