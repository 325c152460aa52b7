// Package simulate runs an experiment many times on generated units. It measures how often
// the analysis finds a difference where there is none (A/A), how often it finds a planned
// effect (power), and whether units are split as planned.
//
// The native core decides about every unit, on a compiled payload. The analysis is that of
// publisher results. The behaviour of units is drawn from the metric's baseline.
//
// This package is internal to Sortition and may change without notice.
package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/analysis/stats"
	"github.com/sortition-dev/sortition/publisher/config"
)

// Limits. MaxDecisions take about ten minutes on one core.
const (
	MaxUnits     = 10_000_000
	MaxRuns      = 100_000
	MaxDecisions = 1_000_000_000
)

// confidence is that of the intervals around the shares of a report, which are of a finite
// number of runs.
const confidence = 0.95

// progressEvery is the number of decisions between two calls of Progress: a few a second.
const progressEvery = 200_000

// Options say what to simulate.
type Options struct {
	Units    int // of a run: those that the experiment's audience would match, 1 … MaxUnits
	Runs     int // 1 … MaxRuns; Units × Runs is at most MaxDecisions
	Seed     uint64
	Baseline config.Baseline // of the primary metric
	Effect   config.Percent  // planned relative change of the primary metric; 0 for none

	Progress func(runs int) // called a few times a second with the number of finished runs; may be nil
}

// Check returns an error if an option is out of its range.
func (o *Options) Check() error {
	switch {
	case o.Units < 1 || o.Units > MaxUnits:
		return fmt.Errorf("%d units in a run: must be 1 to %d", o.Units, MaxUnits)
	case o.Runs < 1 || o.Runs > MaxRuns:
		return fmt.Errorf("%d runs: must be 1 to %d", o.Runs, MaxRuns)
	case o.Units > MaxDecisions/o.Runs:
		return fmt.Errorf("%d runs of %d units make more than %d decisions", o.Runs, o.Units, MaxDecisions)
	}
	return nil
}

// Report is the result of a simulation.
type Report struct {
	Key      string         `json:"key"`
	Metric   string         `json:"metric"`
	Baseline float64        `json:"baseline"` // mean of the metric; of a conversion, its rate
	Effect   config.Percent `json:"effect"`   // 0 if none was planned
	Units    int            `json:"units"`    // of a run
	Runs     int            `json:"runs"`
	Seed     uint64         `json:"seed"`

	Enrolled      float64 `json:"enrolled"`       // units that were given a variant, on average
	FalsePositive Share   `json:"false_positive"` // runs without an effect in which a difference is found
	SampleRatio   Share   `json:"sample_ratio"`   // runs in which the split seems wrong
	Power         []Power `json:"power"`          // by treatment; empty without a planned effect
}

// Power is how often the planned effect of a treatment is found.
type Power struct {
	Variant string `json:"variant"`
	Found   Share  `json:"found"`
}

// Share is a share of the runs with its 95 % interval (Wilson).
type Share struct {
	Count    int64    `json:"count"`
	Share    float64  `json:"share"`
	Low      float64  `json:"low"`
	High     float64  `json:"high"`
	Expected *float64 `json:"expected"` // the expected share; null if there is none
}

func (o *Options) share(count int64, expected *float64) Share {
	p := stats.Proportion{Successes: count, Trials: int64(o.Runs)}
	interval, _ := stats.Wilson(p, confidence)
	return Share{count, p.Rate(), interval.Low, interval.High, expected}
}

// Run runs the simulation. The same experiment and options give the same report.
func (s *Simulation) Run(ctx context.Context, o Options) (*Report, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	metric := s.experiment.Primary
	behaviour, err := newBehaviour(metric, o.Baseline, o.Effect)
	if err != nil {
		return nil, err
	}
	r := &Report{
		Key: s.experiment.Key, Metric: metric.Key, Baseline: o.Baseline.Mean, Effect: o.Effect,
		Units: o.Units, Runs: o.Runs, Seed: o.Seed, Power: []Power{},
	}
	var enrolled, found, mismatches int64
	detected := map[string]int64{}
	since := 0
	for run := range o.Runs {
		same, moved, err := s.run(ctx, run, o, behaviour)
		if err != nil {
			return nil, err
		}
		for _, sums := range same {
			enrolled += sums.Units
		}
		ratio, comparisons := analysis.Judge(s.experiment, same)
		if ratio.Mismatch {
			mismatches++
		}
		if slices.ContainsFunc(comparisons, func(c analysis.Comparison) bool { return c.Verdict != analysis.Unclear }) {
			found++
		}
		_, comparisons = analysis.Judge(s.experiment, moved)
		for _, c := range comparisons {
			if c.Verdict == analysis.Better {
				detected[c.Variant]++
			}
		}
		if since += o.Units; o.Progress != nil && (since >= progressEvery || run+1 == o.Runs) {
			since = 0
			o.Progress(run + 1)
		}
	}
	alpha, threshold := 1-analysis.Confidence, analysis.SampleRatioThreshold
	r.Enrolled = float64(enrolled) / float64(o.Runs)
	r.FalsePositive = o.share(found, &alpha)
	r.SampleRatio = o.share(mismatches, &threshold)
	for _, v := range s.experiment.Variants {
		if !v.Control && o.Effect > 0 {
			r.Power = append(r.Power, Power{v.Key, o.share(detected[v.Key], nil)})
		}
	}
	return r, nil
}

// run decides about the units of one run and draws their behaviour, once with the same
// behaviour in all variants and once with the planned effect.
func (s *Simulation) run(ctx context.Context, run int, o Options, b *behaviour) (same, moved []analysis.Sums, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	rng := rand.New(rand.NewPCG(o.Seed, uint64(run)))
	without := make([]tally, len(s.experiment.Variants))
	with := make([]tally, len(s.experiment.Variants))
	for unit := range o.Units {
		variant, err := s.decide(fmt.Sprintf("simulated-%d-%d-%d", o.Seed, run, unit))
		if err != nil {
			return nil, nil, err
		}
		if variant == model.None {
			continue
		}
		draw := b.draw(rng)
		without[variant].add(b.value(draw, false))
		with[variant].add(b.value(draw, !s.experiment.Variants[variant].Control))
	}
	return sumsOf(without), sumsOf(with), nil
}
