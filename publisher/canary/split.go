package canary

import (
	"context"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/analysis/stats"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// Split says how the units that the canary exposed to an experiment divide among its variants.
// Units are counted from the exposures in the bucket. Hosts cannot count them: a host counts
// decisions, of which a unit has many, and a unit may meet several hosts.
type Split struct {
	Experiment string
	Units      []int64 // by variant
	P          float64 // that chance divides them so, given the weights, or worse
	Checked    bool    // there are enough units to tell
}

// minExpected is the smallest expected number of units in a variant for which Pearson's test
// holds, by the usual rule.
const minExpected = 5

// ReadSplits returns how the offered revision divides units, from the stored exposures.
func ReadSplits(ctx context.Context, e analysis.Engine, live *revision.Revision) ([]Split, error) {
	m := live.Manifest
	exposed, err := e.Exposed(ctx, m.Canary.Stable+1, m.Revision, time.Time{})
	if err != nil {
		return nil, err
	}
	return Splits(live.Program, exposed), nil
}

// Splits tests the exposed units of each experiment against the weights in the canary's
// program.
func Splits(p *model.Program, exposed []analysis.Exposed) []Split {
	units := map[string]map[string]int64{}
	for _, e := range exposed {
		x := p.Find(e.Experiment)
		if x == nil || x.Kind != model.KindExperiment || x.Phase != e.Phase {
			continue
		}
		if units[e.Experiment] == nil {
			units[e.Experiment] = map[string]int64{}
		}
		units[e.Experiment][e.Variant] = e.Units
	}
	var splits []Split
	for i := range p.Experiments {
		x := &p.Experiments[i]
		if units[x.Key] == nil || len(x.Rules) != 1 {
			continue
		}
		s := Split{Experiment: x.Key, Units: make([]int64, len(x.Variants))}
		weights, total, slots := make([]float64, len(x.Variants)), int64(0), 0
		for _, share := range x.Rules[0].Split {
			weights[share.Variant] += float64(share.To - slots)
			slots = share.To
		}
		for v := range x.Variants {
			s.Units[v] = units[x.Key][x.Variants[v].Key]
			total += s.Units[v]
		}
		enough := true
		for _, w := range weights {
			enough = enough && (w == 0 || float64(total)*w/model.Slots >= minExpected)
		}
		if _, p, ok := stats.ChiSquareFit(s.Units, weights); ok && enough {
			s.P, s.Checked = p, true
		}
		splits = append(splits, s)
	}
	return splits
}

// mismatches names the experiments whose units do not divide by the weights. The chance of a
// false alarm is that of one test, however many experiments there are. A canary is judged
// often, so the threshold is also divided by the number of looks in a day.
func (s *State) mismatches(r config.Canary) (faults []string) {
	if !r.SampleRatio {
		return nil
	}
	var p []float64
	var tested []Split
	for _, split := range s.Splits {
		if split.Checked {
			p, tested = append(p, split.P), append(tested, split)
		}
	}
	for i, adjusted := range stats.Holm(p) {
		if adjusted < analysis.SampleRatioThreshold/looks {
			faults = append(faults, fmt.Sprintf("units of %s are not divided as the weights say: %v (p = %.2g)", tested[i].Experiment, tested[i].Units, p[i]))
		}
	}
	return faults
}

// looks is the number of looks in a day, one each SplitPause.
const looks = float64(24 * time.Hour / SplitPause)

// SplitPause is the time between two looks at the exposures, which the collector writes
// about as often.
const SplitPause = time.Minute
