package config

import "math"

// baseline resolves the baseline of a metric. It returns nil if the file gives none or if it
// has mistakes.
func (l *loader) baseline(kind MetricKind, b *BaselineEntry) *Baseline {
	if b == nil {
		return nil
	}
	if kind == Conversion {
		return l.rate(b)
	}
	switch {
	case b.Rate.Given():
		l.fail(b.Rate.Pos, "the baseline of a mean metric has no rate", "write baseline: {mean: ..., deviation: ...}")
	case !b.Mean.Given() || !b.Deviation.Given():
		l.fail(b.Pos, "the baseline of a mean metric needs a mean and a deviation",
			"write, for example, baseline: {mean: 4.2, deviation: 18.5}, computed over all units")
	case b.Mean.Value <= 0:
		l.fail(b.Mean.Pos, "the mean must be greater than 0, because effects are relative to it", "")
	case b.Deviation.Value <= 0:
		l.fail(b.Deviation.Pos, "the deviation must be greater than 0", "")
	default:
		return &Baseline{Mean: b.Mean.Value, Deviation: b.Deviation.Value}
	}
	return nil
}

func (l *loader) rate(b *BaselineEntry) *Baseline {
	switch {
	case b.Mean.Given() || b.Deviation.Given():
		l.fail(b.Pos, "the baseline of a conversion metric is a rate", "write, for example, baseline: {rate: 3.2%}")
	case !b.Rate.Given():
		l.fail(b.Pos, `the key "rate" is missing`, "write, for example, baseline: {rate: 3.2%}")
	case b.Rate.Value == 0 || b.Rate.Value == Everything:
		l.fail(b.Rate.Pos, "the rate must be greater than 0% and less than 100%", "")
	default:
		p := float64(b.Rate.Value) / float64(Everything)
		return &Baseline{Mean: p, Deviation: math.Sqrt(p * (1 - p))}
	}
	return nil
}
