package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"github.com/sortition-dev/sortition/publisher/analysis"
)

const (
	// tolerance is the distance, in standard errors, at which an estimate contradicts the
	// simulated effect. By chance, one of some twenty comparisons would be that far off
	// in 1 of 800 sets of visitors. The visitors are the same in every run, so a demo
	// that passes once passes again.
	tolerance = 4

	// standardErrors is the half-width of a 95 % interval, in standard errors.
	standardErrors = 1.96

	maxListed = 10 // faults
)

// contradictionError lists where the results contradict the simulated effects.
type contradictionError struct{ faults []string }

func (e *contradictionError) Error() string { return join(e.faults) }

func join(faults []string) string {
	more := len(faults) - maxListed
	if more > 0 {
		faults = append(faults[:maxListed:maxListed], fmt.Sprintf("and %d more", more))
	}
	return "  " + strings.Join(faults, "\n  ")
}

// compare prints the results beside the simulated effects.
func compare(out io.Writer, results string, t *traffic) error {
	var document struct {
		Results []*analysis.Report `json:"results"`
	}
	if err := json.Unmarshal([]byte(results), &document); err != nil {
		return fmt.Errorf("read the results: %w", err)
	}
	if len(document.Results) == 0 {
		return fmt.Errorf("there are no results")
	}
	var faults []string
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nexperiment\tvariant\tunits\tmetric\tlift\t95% interval\tsimulated\tratio p\trecommendation")
	for _, r := range document.Results {
		faults = append(faults, compareReport(table, r, t)...)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(faults) > 0 {
		return &contradictionError{faults}
	}
	return nil
}

func compareReport(w io.Writer, r *analysis.Report, t *traffic) (faults []string) {
	fault := func(format string, args ...any) {
		faults = append(faults, r.Experiment+": "+fmt.Sprintf(format, args...))
	}
	for _, v := range r.Variants {
		if sent := t.units(r.Experiment, v.Key); sent != v.Units {
			fault("results have %d units of %s, but %d were given it", v.Units, v.Key, sent)
		}
	}
	if r.SampleRatio.Mismatch {
		fault("the sample ratio does not match the weights")
	}
	for _, metric := range r.Metrics {
		for _, c := range metric.Comparisons {
			factor := effect(r.Experiment, c.Variant, metric.Event)
			if !plausible(c.Relative, factor) {
				fault("the effect of %s on %s is far from the simulated one, %s", c.Variant, metric.Key, percent(factor-1))
			}
			if metric.Role == analysis.Primary {
				fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Experiment, c.Variant, r.Data.Units, metric.Key,
					estimate(c.Relative), bounds(c.Relative), percent(factor-1), number(r.SampleRatio.P), advice(r))
			}
		}
	}
	primary := r.Metrics[0]
	if r.Recommendation.Action == analysis.Ship && effect(r.Experiment, r.Recommendation.Variant, primary.Event) < 1 {
		fault("results recommend %s, which harms %s", r.Recommendation.Variant, primary.Key)
	}
	if r.Recommendation.Rule == analysis.RuleKeepControl {
		for _, c := range primary.Comparisons {
			if effect(r.Experiment, c.Variant, primary.Event) > 1 {
				fault("results recommend to keep the control, but %s improves %s", c.Variant, primary.Key)
			}
		}
	}
	return faults
}

// plausible reports whether a relative difference could be an estimate of the factor. The
// logarithm of its interval is symmetric.
func plausible(d analysis.Difference, factor float64) bool {
	if d.Estimate == nil || d.Interval == nil {
		return true // there is too little data for an estimate
	}
	deviation := math.Log(1+d.Interval.High) - math.Log(1+d.Interval.Low)
	return math.Abs(math.Log(1+*d.Estimate)-math.Log(factor)) <= tolerance*deviation/(2*standardErrors)
}

func advice(r *analysis.Report) string {
	said := strings.TrimSpace(fmt.Sprintf("%s %s", strings.ReplaceAll(string(r.Recommendation.Action), "_", " "), r.Recommendation.Variant))
	return fmt.Sprintf("%s (%s)", said, r.Recommendation.Rule)
}

func estimate(d analysis.Difference) string {
	if d.Estimate == nil {
		return "–"
	}
	return percent(*d.Estimate)
}

func bounds(d analysis.Difference) string {
	if d.Interval == nil {
		return "–"
	}
	return percent(d.Interval.Low) + " to " + percent(d.Interval.High)
}

func percent(x float64) string { return fmt.Sprintf("%+.1f%%", 100*x) }

func number(x *float64) string {
	if x == nil {
		return "–"
	}
	return fmt.Sprintf("%.3f", *x)
}
