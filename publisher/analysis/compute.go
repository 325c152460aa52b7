package analysis

import (
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis/stats"
)

// NewReport computes the report on a valid experiment from what an engine read of it, as
// of now. The completeness may be nil: not known.
func NewReport(x *Experiment, s *Summary, completeness *Completeness, now time.Time) *Report {
	at := func(variant, metric int) *Sums { return &s.Sums[variant][metric] }

	r := &Report{
		Format:     Format,
		Experiment: x.Key,
		Name:       orKey(x.Name, x.Key),
		Unit:       x.Unit,
		Phase:      x.Phase,
		ReadAt:     now.UTC().Truncate(time.Millisecond),
		Confidence: Confidence,
		Warnings:   []Warning{},
	}
	r.Data = Data{
		FirstExposure:      moment(s.FirstExposure),
		LastExposure:       moment(s.LastExposure),
		DuplicateExposures: s.DuplicateExposures,
		OverrideExposures:  s.OverrideExposures,
		ConflictingUnits:   s.ConflictingUnits,
		UndeclaredUnits:    s.UndeclaredUnits,
		Completeness:       completeness,
	}
	for i := range x.Variants {
		r.Data.Exposures += at(i, 0).Exposures
		r.Data.Units += at(i, 0).Units
	}
	r.Variants, r.SampleRatio = sizes(x, r.Data.Units, func(i int) *Sums { return at(i, 0) })
	for j, m := range x.Metrics() {
		role := Guardrail
		if j == 0 {
			role = Primary
		}
		r.Metrics = append(r.Metrics, result(x, m, role, func(i int) *Sums { return at(i, j) }))
	}
	r.Methods = methods(r)
	r.Warnings = append(r.Warnings, warnings(r)...)
	r.Recommendation = recommend(r)
	if w, early := earlyWarning(x, r, now); early {
		r.Warnings = append(r.Warnings, w)
	}
	return r
}

func sizes(x *Experiment, units int64, at func(variant int) *Sums) ([]VariantSize, SampleRatio) {
	total := 0
	for _, v := range x.Variants {
		total += v.Weight
	}
	var (
		list    []VariantSize
		counts  []int64
		weights []float64
	)
	for i, v := range x.Variants {
		s := VariantSize{
			Key:       v.Key,
			Name:      orKey(v.Name, v.Key),
			Control:   v.Control,
			Exposures: at(i).Exposures,
			Units:     at(i).Units,
		}
		if total > 0 {
			s.Weight = known(float64(v.Weight) / float64(total))
			s.ExpectedUnits = known(float64(units) * *s.Weight)
		}
		list = append(list, s)
		counts = append(counts, s.Units)
		weights = append(weights, float64(v.Weight)/model.Slots)
	}
	ratio := SampleRatio{Threshold: SampleRatioThreshold}
	if chi, p, ok := stats.ChiSquareFit(counts, weights); ok {
		ratio.Checked = true
		ratio.ChiSquare, ratio.P = known(chi), known(p)
		ratio.Mismatch = p < SampleRatioThreshold
	}
	return list, ratio
}

func result(x *Experiment, m Metric, role Role, at func(variant int) *Sums) Result {
	r := Result{Key: m.Key, Event: m.Event, Role: role, Kind: m.Kind, Value: m.Value, Goal: m.Goal, Comparisons: []Comparison{}}
	for i, v := range x.Variants {
		s := at(i)
		r.UnreadableOutcomes += s.UnreadableOutcomes
		e := Estimate{Variant: v.Key, Units: s.Units, Conversions: s.Conversions}
		if s.Units > 0 {
			e.Value = known(s.estimate(m.Kind))
		}
		if s.Units > 1 {
			e.Variance = known(s.Variance)
		}
		if m.Kind == Conversion {
			e.Interval = interval(stats.Wilson(s.proportion(), Confidence))
		} else {
			e.Interval = interval(stats.MeanInterval(s.sample(), Confidence))
		}
		r.Variants = append(r.Variants, e)
	}
	c := x.control()
	for i, v := range x.Variants {
		if i != c {
			r.Comparisons = append(r.Comparisons, compare(m.Kind, v.Key, at(i), x.Variants[c].Key, at(c)))
		}
	}
	adjust(r.Comparisons, role)
	for i := range r.Comparisons {
		r.Comparisons[i].Verdict = verdict(&r.Comparisons[i], m.Goal)
	}
	return r
}

func compare(kind Kind, variant string, t *Sums, control string, c *Sums) Comparison {
	r := Comparison{Variant: variant, Control: control}
	if t.Units > 0 && c.Units > 0 {
		from, to := c.estimate(kind), t.estimate(kind)
		r.Absolute.Estimate = known(to - from)
		if from > 0 {
			r.Relative.Estimate = known(to/from - 1)
		}
	}
	if kind == Conversion {
		r.Absolute.Interval = interval(stats.Newcombe(t.proportion(), c.proportion(), Confidence))
		r.Relative.Interval = interval(stats.Katz(t.proportion(), c.proportion(), Confidence))
		if p, ok := stats.TwoProportionZ(t.proportion(), c.proportion()); ok {
			r.P = known(p)
		}
		return r
	}
	if w, ok := stats.Welch(t.sample(), c.sample(), Confidence); ok {
		r.Absolute.Interval = interval(w.Difference, true)
		r.P = known(w.P)
	}
	r.Relative.Interval = interval(stats.MeanRatio(t.sample(), c.sample(), Confidence))
	return r
}

// adjust fills PAdjusted. The primary metric is tested once for each variant and one
// success is enough to ship, so Holm's correction applies. Guardrails are not adjusted,
// because a false alarm is the safer mistake.
func adjust(comparisons []Comparison, role Role) {
	var p []float64
	var tested []*Comparison
	for i := range comparisons {
		if c := &comparisons[i]; c.P != nil {
			p = append(p, *c.P)
			tested = append(tested, c)
		}
	}
	if role == Primary {
		p = stats.Holm(p)
	}
	for i, c := range tested {
		c.PAdjusted = known(p[i])
	}
}

func verdict(c *Comparison, goal Goal) Verdict {
	if c.PAdjusted == nil || *c.PAdjusted >= 1-Confidence {
		return Unclear
	}
	if (*c.Absolute.Estimate > 0) == (goal == Increase) {
		return Better
	}
	return Worse
}

func (s *Sums) proportion() stats.Proportion {
	return stats.Proportion{Successes: s.Conversions, Trials: s.Units}
}

func (s *Sums) sample() stats.Sample {
	return stats.Sample{N: s.Units, Mean: s.Mean, Variance: s.Variance}
}

func (s *Sums) estimate(kind Kind) float64 {
	if kind == Conversion {
		return s.proportion().Rate()
	}
	return s.Mean
}

// moment is t in a report: nil if there is none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func orKey(name, key string) string {
	if name == "" {
		return key
	}
	return name
}
