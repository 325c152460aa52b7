package config

import "math"

// baseline resolves what a metric is without any experiment; nil if the file gives
// nothing, or has mistakes.
func (l *loader) baseline(kind MetricKind, b *BaselineEntry) *Baseline {
	if b == nil {
		return nil
	}
	if kind == Conversion {
		return l.rate(b)
	}
	switch {
	case b.Rate.Given():
		l.fail(b.Rate.Pos, "a mean has no rate", "write baseline: {mean: ..., deviation: ...}")
	case !b.Mean.Given() || !b.Deviation.Given():
		l.fail(b.Pos, "the baseline of a mean has a mean and a deviation", "write baseline: {mean: 4.2, deviation: 18.5}, over all units")
	case b.Mean.Value <= 0:
		l.fail(b.Mean.Pos, "a baseline is more than 0: effects are relative to it", "")
	case b.Deviation.Value <= 0:
		l.fail(b.Deviation.Pos, "a deviation is more than 0", "")
	default:
		return &Baseline{Mean: b.Mean.Value, Deviation: b.Deviation.Value}
	}
	return nil
}

func (l *loader) rate(b *BaselineEntry) *Baseline {
	switch {
	case b.Mean.Given() || b.Deviation.Given():
		l.fail(b.Pos, "the baseline of a conversion is a rate", "write baseline: {rate: 3.2%}")
	case !b.Rate.Given():
		l.fail(b.Pos, `the key "rate" is missing`, "write baseline: {rate: 3.2%}")
	case b.Rate.Value == 0 || b.Rate.Value == Everything:
		l.fail(b.Rate.Pos, "a baseline is between 0% and 100%: nothing else can be detected to change", "")
	default:
		p := float64(b.Rate.Value) / float64(Everything)
		return &Baseline{Mean: p, Deviation: math.Sqrt(p * (1 - p))}
	}
	return nil
}
