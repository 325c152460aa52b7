package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis/stats"
)

// ratioAlarm is the p-value below which a ratio check fails: one false alarm in a
// thousand checks.
const ratioAlarm = 0.001

// Report is the outcome of a replay.
type Report struct {
	Requests    int                `json:"requests"`
	Malformed   Malformed          `json:"malformed"`
	Units       int                `json:"units"`
	BotRequests int                `json:"bot_requests"` // excluded from every experiment
	BotUnits    int                `json:"bot_units"`
	HeldOut     int                `json:"held_out_units"`
	Experiments []ExperimentReport `json:"experiments"`

	// Counts of what must never happen. Each is zero unless Sortition has a bug.
	TwoVariants  int `json:"units_with_two_variants"` // of one experiment
	LayerOverlap int `json:"units_in_overlapping_experiments"`
	BotsAssigned int `json:"bots_in_experiments"`
}

// Malformed counts the lines that are not in Combined Log Format.
type Malformed struct {
	Lines    int      `json:"lines"`
	Examples []string `json:"examples"` // the first few
}

// ExperimentReport is an experiment's or flag's part of a Report.
type ExperimentReport struct {
	Key      string          `json:"key"`
	Kind     string          `json:"kind"`
	Layer    string          `json:"layer,omitempty"`
	Variants []VariantReport `json:"variants"`

	// RatioP is the probability of a split at least this uneven if the draw is fair. It is
	// null for flags, and if there are too few units.
	RatioP *float64 `json:"ratio_p"`
}

// VariantReport is a variant's part of an ExperimentReport.
type VariantReport struct {
	Key      string  `json:"key"`
	Weight   float64 `json:"weight"` // 0 to 1; 0 for a flag
	Units    int64   `json:"units"`  // that were given it; for a flag, that were given it last
	Requests int     `json:"requests"`
}

// OK reports whether all counts of what must never happen are zero.
func (r *Report) OK() bool { return r.TwoVariants+r.LayerOverlap+r.BotsAssigned == 0 }

func (t *tally) report() *Report {
	r := &Report{Units: len(t.units), BotRequests: t.bots}
	for i := range t.program.Experiments {
		r.Experiments = append(r.Experiments, t.experiment(i))
	}
	for _, u := range t.units {
		inExperiment := false
		for i, v := range u.variants {
			if v == model.None {
				continue
			}
			r.Experiments[i].Variants[v].Units++
			inExperiment = inExperiment || t.program.Experiments[i].Kind == model.KindExperiment
		}
		r.BotUnits += count(u.bot)
		r.HeldOut += count(u.heldOut)
		r.TwoVariants += count(slices.Contains(u.changed, true))
		r.LayerOverlap += count(slices.Contains(u.overlaps, true))
		r.BotsAssigned += count(u.bot && inExperiment)
	}
	for i := range r.Experiments {
		r.Experiments[i].check()
	}
	return r
}

func (t *tally) experiment(i int) ExperimentReport {
	e := &t.program.Experiments[i]
	experiment := ExperimentReport{Key: e.Key, Kind: e.Kind.String()}
	if e.Layer != model.None {
		experiment.Layer = t.program.Layers[e.Layer].Key
	}
	for v := range e.Variants {
		experiment.Variants = append(experiment.Variants, VariantReport{Key: e.Variants[v].Key, Requests: t.requests[i][v]})
	}
	if e.Kind == model.KindExperiment {
		from := 0
		for _, share := range e.Rules[0].Split {
			experiment.Variants[share.Variant].Weight += float64(share.To-from) / model.Slots
			from = share.To
		}
	}
	return experiment
}

// check compares the units of the variants with the weights.
func (l *ExperimentReport) check() {
	var counts []int64
	var weights []float64
	for _, v := range l.Variants {
		counts = append(counts, v.Units)
		weights = append(weights, v.Weight)
	}
	if _, p, ok := stats.ChiSquareFit(counts, weights); ok {
		l.RatioP = &p
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// writeJSON writes r for programs.
func (r *Report) writeJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// writeTable writes r for people.
func (r *Report) writeTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "requests\t%d\n", r.Requests)
	fmt.Fprintf(t, "malformed lines\t%d\n", r.Malformed.Lines)
	for _, example := range r.Malformed.Examples {
		fmt.Fprintf(t, "\t%s\n", example)
	}
	fmt.Fprintf(t, "units\t%d\n", r.Units)
	fmt.Fprintf(t, "bots excluded\t%d units, %d requests\n", r.BotUnits, r.BotRequests)
	fmt.Fprintf(t, "held out\t%d units\n\n", r.HeldOut)

	fmt.Fprintln(t, "EXPERIMENT\tLAYER\tVARIANT\tWEIGHT\tUNITS\tSHARE\tREQUESTS\tRATIO CHECK")
	for _, experiment := range r.Experiments {
		experiment.writeRows(t)
	}
	fmt.Fprintln(t)
	fmt.Fprintf(t, "units that saw two variants of one experiment\t%d\n", r.TwoVariants)
	fmt.Fprintf(t, "units in two experiments of one layer\t%d\n", r.LayerOverlap)
	fmt.Fprintf(t, "bots in an experiment\t%d\n", r.BotsAssigned)
	return t.Flush()
}

func (l *ExperimentReport) writeRows(w io.Writer) {
	var total int64
	for _, v := range l.Variants {
		total += v.Units
	}
	for i, v := range l.Variants {
		key, layer, weight, check := "", "", "", ""
		if i == 0 {
			key, layer, check = l.Key, l.Layer, l.verdict()
		}
		if l.Kind == model.KindExperiment.String() {
			weight = fmt.Sprintf("%.1f%%", 100*v.Weight)
		}
		share := "-"
		if total > 0 {
			share = fmt.Sprintf("%.1f%%", 100*float64(v.Units)/float64(total))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%d\t%s\n", key, layer, v.Key, weight, v.Units, share, v.Requests, check)
	}
}

// verdict is the text of the ratio check.
func (l *ExperimentReport) verdict() string {
	switch {
	case l.Kind == model.KindFlag.String():
		return "(flag)"
	case l.RatioP == nil:
		return "too few units"
	case *l.RatioP < ratioAlarm:
		return fmt.Sprintf("p = %.2g: NOT the declared split", *l.RatioP)
	}
	return fmt.Sprintf("p = %.2f", *l.RatioP)
}
