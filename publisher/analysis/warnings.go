package analysis

import (
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis/stats"
)

// Gates: what the data must pass before a recommendation is made.
const (
	// SampleRatioThreshold is the p-value below which the split is called wrong. It is
	// far below 0.05 because the check is read often and a false alarm costs an experiment.
	SampleRatioThreshold = 0.001
	// MaxConflictShare is the share of all units that may have seen two variants.
	MaxConflictShare = 0.01
	// MaxMissingShare is the share of numbered exposures that may be missing before
	// the report warns of it.
	MaxMissingShare = 0.01
	// MinUnits is how many units each variant needs.
	MinUnits = 100
	// MinExpected is how many conversions, and how many units without one, each variant
	// would need to have if there were no difference (Cochran's rule).
	MinExpected = 5
)

// warnings lists the doubts about r, that about the split first.
func warnings(r *Report) []Warning {
	var list []Warning
	add := func(code WarningCode, blocks bool, format string, args ...any) {
		list = append(list, Warning{Code: code, Blocks: blocks, Text: fmt.Sprintf(format, args...)})
	}
	switch {
	case r.Data.Units == 0:
		add(WarnNoData, true, "%s", noData(r))
	case r.SampleRatio.Mismatch:
		add(WarnSampleRatio, true, "Sample-ratio mismatch: chance alone gives a split this far from the planned one with %s. Units of some variant were lost or added, so the variants cannot be compared. Look for redirects, crashes, filters or bots that affect one variant only.", probability("p", *r.SampleRatio.P))
	case !r.SampleRatio.Checked:
		add(WarnRatioUnchecked, true, "The planned weights of phase %d are not known, so the sample ratio cannot be checked.", r.Phase)
	}
	if n := r.Data.ConflictingUnits; n > 0 {
		s := conflictShare(r)
		blocks := s > MaxConflictShare
		limit := ""
		if blocks {
			limit = fmt.Sprintf(", more than the tolerated %s", percent(MaxConflictShare))
		}
		add(WarnConflictingUnits, blocks, "%s saw two variants (%s of all%s) and %s removed. Look for ids that change, or that several visitors share.",
			plural(n, r.Unit), percent(s), limit, were(n))
	}
	if n := r.Data.UndeclaredUnits; n > 0 {
		add(WarnUndeclaredUnits, false, "%s saw a variant that the experiment does not declare and %s removed.", plural(n, r.Unit), were(n))
	}
	if c := r.Data.Completeness; c != nil && 1-c.Share() > MaxMissingShare {
		add(WarnIncomplete, false, "%s of the %s exposures that hosts numbered, over all experiments, are not in the bucket (%s): lost, dropped under load, or not delivered yet.",
			count(c.Missing), count(c.Emitted), percent(1-c.Share()))
	}
	for i := range r.Metrics {
		m := &r.Metrics[i]
		if r.Data.Units > 0 && fewConversions(r, m) {
			add(WarnFewConversions, false, "%s has too few %s for exact p-values.", m.Key, scarce(m))
		}
		if m.UnreadableOutcomes > 0 {
			add(WarnUnreadable, false, "%s of %s came without a usable number in %q and %s left out of %s.",
				plural(m.UnreadableOutcomes, "outcome"), m.Event, m.Value, were(m.UnreadableOutcomes), m.Key)
		}
	}
	return list
}

// noData says why there is nothing to compare.
func noData(r *Report) string {
	if r.Data.ConflictingUnits+r.Data.UndeclaredUnits > 0 {
		return fmt.Sprintf("No %s of phase %d is left to compare.", r.Unit, r.Phase)
	}
	text := fmt.Sprintf("No %s has been exposed in phase %d yet, according to the bucket. Edges send exposures in batches, and the collector writes them to the bucket with a delay.", r.Unit, r.Phase)
	if n := r.Data.OverrideExposures; n > 0 {
		text += fmt.Sprintf(" Exposures from override lists are not counted: there are %s.", count(n))
	}
	return text
}

// earlyWarning says that a decision is recommended before the planned end.
func earlyWarning(x *Experiment, r *Report, now time.Time) (Warning, bool) {
	decided := r.Recommendation.Action == Ship || r.Recommendation.Action == KeepControl
	if !decided || x.End.IsZero() || !now.Before(x.End) {
		return Warning{}, false
	}
	return Warning{Code: WarnEarly, Text: fmt.Sprintf(
		"The experiment is planned to end on %s. Deciding at the first reading that looks significant raises the share of wrong decisions well above %s.",
		x.End.UTC().Format(dateLayout), percent(1-Confidence))}, true
}

// conflictShare is the share of units that saw two variants.
func conflictShare(r *Report) float64 {
	n := r.Data.ConflictingUnits
	return float64(n) / float64(n+r.Data.Units+r.Data.UndeclaredUnits)
}

// fewConversions says that some comparison of a conversion rests on so few units that
// did, or did not, convert that the normal approximation is poor.
func fewConversions(r *Report, m *Result) bool {
	if m.Kind != Conversion {
		return false
	}
	c := r.control(m)
	for _, v := range m.Variants {
		if v.Variant != c.Variant && stats.SmallestExpected(v.proportion(), c.proportion()) < MinExpected {
			return true
		}
	}
	return false
}

// scarce names what a conversion metric has too few of.
func scarce(m *Result) string {
	var converted, units int64
	for _, v := range m.Variants {
		converted += v.Conversions
		units += v.Units
	}
	if 2*converted <= units {
		return "conversions"
	}
	return "units without a conversion"
}

// control is the control's estimate of a metric.
func (r *Report) control(m *Result) *Estimate {
	for i, v := range r.Variants {
		if v.Control {
			return &m.Variants[i]
		}
	}
	panic("a report without a control")
}

func (e *Estimate) proportion() stats.Proportion {
	return stats.Proportion{Successes: e.Conversions, Trials: e.Units}
}
