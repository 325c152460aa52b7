package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Design is how an experiment divides its units between a control and one treatment, and
// what a test of the two is to achieve.
type Design struct {
	Control, Treatment float64 // shares of the experiment's units, above 0, together at most 1
	Alpha              float64 // two-sided: the chance to see a difference where there is none
	Power              float64 // the chance to see one that is as large as planned
}

// quantiles are those of the two errors.
func (d Design) quantiles() (alpha, beta float64) {
	return distuv.UnitNormal.Quantile(1 - d.Alpha/2), distuv.UnitNormal.Quantile(d.Power)
}

// possible reports whether units go to both sides.
func (d Design) possible() bool { return d.Control > 0 && d.Treatment > 0 }

// UnitsForRates is the number of units of the whole experiment that a z-test of two
// proportions needs, with the pooled variance where there is no difference (Fleiss,
// Statistical Methods for Rates and Proportions, 2nd ed. 1981, without continuity
// correction). Not ok unless both rates are between 0 and 1 and differ, and units go to
// both sides.
func (d Design) UnitsForRates(control, treatment float64) (float64, bool) {
	inside := func(p float64) bool { return p > 0 && p < 1 }
	if !d.possible() || !inside(control) || !inside(treatment) || control == treatment {
		return 0, false
	}
	alpha, beta := d.quantiles()
	pooled := (control*d.Control + treatment*d.Treatment) / (d.Control + d.Treatment)
	null := pooled * (1 - pooled) * (1/d.Control + 1/d.Treatment)
	planned := control*(1-control)/d.Control + treatment*(1-treatment)/d.Treatment
	root := (alpha*math.Sqrt(null) + beta*math.Sqrt(planned)) / (treatment - control)
	return root * root, true
}

// UnitsForMeans is the number of units of the whole experiment that a test of two means
// with one deviation needs, by the normal approximation. Not ok unless the means differ,
// the deviation is above 0, and units go to both sides.
func (d Design) UnitsForMeans(control, treatment, deviation float64) (float64, bool) {
	if !d.possible() || control == treatment || deviation <= 0 {
		return 0, false
	}
	alpha, beta := d.quantiles()
	root := (alpha + beta) * deviation / (treatment - control)
	return root * root * (1/d.Control + 1/d.Treatment), true
}
