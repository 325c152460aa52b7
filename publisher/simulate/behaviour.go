package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/config"
)

// behaviour generates the values of a metric: a conversion happens or not; a mean has a
// log-normal distribution, which is roughly that of sums of money.
type behaviour struct {
	conversion bool
	rate, with float64 // of a conversion: without and with the effect
	mu, sigma  float64 // of a mean: of its logarithm
	factor     float64 // of a mean: the effect
}

func newBehaviour(m analysis.Metric, baseline config.Baseline, effect config.Percent) (*behaviour, error) {
	factor := 1 + float64(effect)/float64(config.Everything)
	if m.Goal == analysis.Decrease {
		factor = 2 - factor
	}
	b := &behaviour{conversion: m.Kind == analysis.Conversion, rate: baseline.Mean, with: baseline.Mean * factor, factor: factor}
	switch {
	case !b.conversion && (baseline.Mean <= 0 || baseline.Deviation <= 0):
		return nil, fmt.Errorf("the baseline has a mean of %g and a deviation of %g: both must be above 0", baseline.Mean, baseline.Deviation)
	case b.conversion && (b.rate <= 0 || b.rate >= 1):
		return nil, fmt.Errorf("the baseline rate is %g%%: it must be above 0%% and below 100%%", 100*b.rate)
	case b.conversion && b.with > 1:
		return nil, fmt.Errorf("an effect of %s on a rate of %g%% gives more than 100%%", effect, 100*b.rate)
	}
	variance := math.Log1p(math.Pow(baseline.Deviation/baseline.Mean, 2))
	b.mu, b.sigma = math.Log(baseline.Mean)-variance/2, math.Sqrt(variance)
	return b, nil
}

// draw is the random part of a unit's behaviour.
func (b *behaviour) draw(rng *rand.Rand) float64 {
	if b.conversion {
		return rng.Float64()
	}
	return rng.NormFloat64()
}

// value returns the metric's value of a unit.
func (b *behaviour) value(draw float64, affected bool) float64 {
	switch {
	case b.conversion && affected:
		return either(draw < b.with)
	case b.conversion:
		return either(draw < b.rate)
	case affected:
		return b.factor * math.Exp(b.mu+b.sigma*draw)
	}
	return math.Exp(b.mu + b.sigma*draw)
}

func either(converted bool) float64 {
	if converted {
		return 1
	}
	return 0
}

// tally adds up the values of a variant's units.
type tally struct {
	units         int64
	mean, squares float64 // of the values, and of their differences to it (Welford)
}

func (t *tally) add(value float64) {
	t.units++
	difference := value - t.mean
	t.mean += difference / float64(t.units)
	t.squares += difference * (value - t.mean)
}

func sumsOf(tallies []tally) []analysis.Sums {
	sums := make([]analysis.Sums, len(tallies))
	for i, t := range tallies {
		sums[i] = analysis.Sums{Units: t.units, Conversions: int64(math.Round(t.mean * float64(t.units))), Mean: t.mean}
		if t.units > 1 {
			sums[i].Variance = t.squares / float64(t.units-1)
		}
	}
	return sums
}
