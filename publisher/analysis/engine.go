package analysis

import (
	"context"
	"time"
)

// Engine answers questions about the stored events of one bucket. It is safe for
// concurrent use.
//
// Every engine counts as the package comment says; the package enginetest holds them to
// it. An engine reads at least the events that the bucket held when the engine was
// opened. To be sure to see later ones, open another.
type Engine interface {
	// Summarize reads what the statistics of x need. It fails if x is not valid.
	Summarize(ctx context.Context, x *Experiment) (*Summary, error)

	// Completeness compares, over all experiments, the exposures that hosts numbered
	// with those that are stored. It is nil if the numbers contradict each other.
	Completeness(ctx context.Context) (*Completeness, error)

	// Baseline reads what a metric was in the recent past, as of now.
	Baseline(ctx context.Context, q BaselineQuery, now time.Time) (*Baseline, error)

	// Exposed counts the units that revisions from to to, both included, exposed to each
	// variant at or after since, without override lists. The result is sorted by
	// experiment, phase and variant.
	Exposed(ctx context.Context, from, to uint64, since time.Time) ([]Exposed, error)

	// Statements returns the text of what Completeness runs and, for each of the
	// experiments, of what Summarize runs. The experiments must be valid.
	Statements(experiments ...*Experiment) []Statement

	// Close releases what the engine holds. The engine must not be used afterwards.
	Close() error
}

// MaxAmount is the largest absolute value of a number that an outcome may add to a
// mean. An engine leaves out larger numbers, and values that are not numbers, and counts
// both as unreadable.
const MaxAmount = 1e12

// Summary is what an engine reads of an experiment.
type Summary struct {
	// FirstExposure and LastExposure are the times of the first and last exposure that
	// no override list gave, with millisecond precision. Both are zero without exposures.
	FirstExposure, LastExposure time.Time

	DuplicateExposures int64 // deliveries of an exposure after the first
	OverrideExposures  int64 // given by an override list
	ConflictingUnits   int64 // exposed to more than one variant
	UndeclaredUnits    int64 // exposed to one variant, which the experiment does not declare

	// Sums has an element for each variant, in declared order, and in it one for each
	// metric, in the order of Experiment.Metrics.
	Sums [][]Sums
}

// Sums are the sufficient statistics of one metric over the units of one variant.
type Sums struct {
	Exposures   int64 // of the units
	Units       int64
	Conversions int64 // units with at least one outcome that counts

	// Mean and Variance (divisor Units - 1) are those of the units' values: the sum of
	// the amounts of a mean, 1 or 0 for a conversion. They are 0 if undetermined.
	Mean, Variance float64

	UnreadableOutcomes int64 // left out: no number to sum, or one beyond MaxAmount
}

// BaselineQuery asks how a metric behaves without a treatment, and how many units are
// exposed.
type BaselineQuery struct {
	Unit       string // unit type
	Metric     Metric
	Experiment string // key: only units that were exposed to it; empty for those of any
	Control    string // key of the variant whose units make up the baseline; empty for all
	Since      time.Time
}

// Baseline is what recent events say of a metric.
type Baseline struct {
	Units  int64   // that were exposed at or after BaselineQuery.Since
	PerDay float64 // of these, on average over the days since the first of them, at least one

	// Mean and Deviation are those of the metric over units, a conversion's as 0 or 1.
	// Both are 0 if there are fewer than two units or the values do not vary.
	Mean, Deviation float64
}

// Exposed is the number of units that were exposed to a variant.
type Exposed struct {
	Experiment, Variant string
	Phase               int
	Units               int64
}

// Statement is a statement that an engine runs, in the engine's own dialect and without
// parameters, so that it can be run elsewhere as it is.
type Statement struct {
	Experiment string `json:"experiment,omitempty"` // key; empty if it is over all experiments
	SQL        string `json:"sql"`
}

// Reports reads a report on each of the experiments, as of now.
func Reports(ctx context.Context, e Engine, experiments []*Experiment, now time.Time) ([]*Report, error) {
	completeness, err := e.Completeness(ctx)
	if err != nil {
		return nil, err
	}
	var reports []*Report
	for _, x := range experiments {
		summary, err := e.Summarize(ctx, x)
		if err != nil {
			return nil, err
		}
		reports = append(reports, NewReport(x, summary, completeness, now))
	}
	return reports, nil
}
