package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Design says how an experiment divides its units between the control and a treatment, and which
// errors a test of the two may make.
type Design struct {
	Control, Treatment float64 // shares of the experiment's units, above 0, together at most 1
	Alpha              float64 // two-sided: the chance to find a difference if there is none
	Power              float64 // the chance to find a difference of the planned size
}

// quantiles returns the normal quantiles for Alpha and Power.
func (d Design) quantiles() (alpha, beta float64) {
	return distuv.UnitNormal.Quantile(1 - d.Alpha/2), distuv.UnitNormal.Quantile(d.Power)
}

// possible reports whether both sides get units.
func (d Design) possible() bool { return d.Control > 0 && d.Treatment > 0 }

// UnitsForRates returns the number of units of the whole experiment for a z-test of two
// proportions with pooled variance under the null hypothesis (Fleiss, Statistical Methods for
// Rates and Proportions, 2nd ed. 1981, without continuity correction). It is not ok unless the
// rates are between 0 and 1 and differ, and both sides get units.
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

// UnitsForMeans returns the number of units of the whole experiment for a test of two means with
// the same standard deviation, by the normal approximation. It is not ok unless the means differ,
// the deviation is above 0, and both sides get units.
func (d Design) UnitsForMeans(control, treatment, deviation float64) (float64, bool) {
	if !d.possible() || control == treatment || deviation <= 0 {
		return 0, false
	}
	alpha, beta := d.quantiles()
	root := (alpha + beta) * deviation / (treatment - control)
	return root * root * (1/d.Control + 1/d.Treatment), true
}
