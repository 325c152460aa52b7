package stats_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/sortition-dev/sortition/publisher/analysis/stats"
)

// The values of R's power.prop.test: (p1 = .50, p2 = .75, power = .90) of its examples
// gives 76.7 in each group, (p1 = .10, p2 = .12, power = .8) gives 3840.85.
func TestUnitsForRates(t *testing.T) {
	equal := stats.Design{Control: 0.5, Treatment: 0.5, Alpha: 0.05, Power: 0.9}
	n, ok := equal.UnitsForRates(0.5, 0.75)
	if !ok {
		t.Fatal("not ok")
	}
	near(t, "units", n/2, 76.7, 0.05)
	equal.Power = 0.8
	n, _ = equal.UnitsForRates(0.10, 0.12)
	near(t, "units", n/2, 3840.85, 0.01)
	for _, p := range [][2]float64{{0, 0.1}, {0.1, 1}, {0.1, 0.1}} {
		if _, ok := equal.UnitsForRates(p[0], p[1]); ok {
			t.Errorf("%v is ok", p)
		}
	}
	if _, ok := (stats.Design{Control: 1, Alpha: 0.05, Power: 0.8}).UnitsForRates(0.1, 0.2); ok {
		t.Error("nobody is treated")
	}
}

// A sixteenth of the variance over the square of the difference, in each group, is the
// rule of thumb (Lehr, Statistics in Medicine 11:1099, 1992); exactly, it is 15.698.
func TestUnitsForMeans(t *testing.T) {
	d := stats.Design{Control: 0.5, Treatment: 0.5, Alpha: 0.05, Power: 0.8}
	n, ok := d.UnitsForMeans(10, 11, 4)
	if !ok {
		t.Fatal("not ok")
	}
	near(t, "units", n/2, 15.698*16, 0.01)
	if _, ok := d.UnitsForMeans(10, 10, 4); ok {
		t.Error("no difference is ok")
	}
}

// TestPowerIsReached runs experiments of the computed size: as many of them see the
// difference as planned.
func TestPowerIsReached(t *testing.T) {
	const runs = 2_000
	rng := rand.New(rand.NewPCG(8, 8))
	d := stats.Design{Control: 0.7, Treatment: 0.3, Alpha: 0.05, Power: 0.8}
	n, _ := d.UnitsForRates(0.2, 0.3)
	draw := func(share, rate float64) stats.Proportion {
		p := stats.Proportion{Trials: int64(math.Round(n * share))}
		for range p.Trials {
			if rng.Float64() < rate {
				p.Successes++
			}
		}
		return p
	}
	seen := 0
	for range runs {
		if p, ok := stats.TwoProportionZ(draw(d.Treatment, 0.3), draw(d.Control, 0.2)); ok && p < d.Alpha {
			seen++
		}
	}
	// Five standard errors of the count, and the approximation's own.
	near(t, "power", float64(seen)/runs, d.Power, 5*math.Sqrt(0.8*0.2/runs)+0.01)
}
