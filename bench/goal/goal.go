// Package goal compares measurements with the performance goals of Sortition. A goal does not fail
// a test or a command: a missed one is printed.
//
// This package is internal to Sortition and may change without notice.
package goal

import (
	"cmp"
	"fmt"
	"io"

	"github.com/sortition-dev/sortition/bench/figure"
)

// Goal is a bound for a measured number, or the reason why the number was not measured.
type Goal struct {
	What     string  // what is measured, and of what
	Unit     string  // is written after both numbers: "×", " ms", " MB"
	Bound    float64 // in Unit
	Measured float64 // in Unit
	floor    bool    // the measured number is to be at least Bound
	skipped  string  // why it was not measured; empty if it was
}

// AtMost returns the goal that a number does not exceed its bound.
func AtMost(what string, measured, bound float64, unit string) Goal {
	return Goal{What: what, Unit: unit, Bound: bound, Measured: measured}
}

// AtLeast returns the goal that a number reaches its bound.
func AtLeast(what string, measured, bound float64, unit string) Goal {
	return Goal{What: what, Unit: unit, Bound: bound, Measured: measured, floor: true}
}

// Skipped returns the goal as one that was not measured. The reason says what is missing.
func (g Goal) Skipped(reason string) Goal {
	g.skipped = cmp.Or(reason, "unknown reason")
	return g
}

// Reached reports whether the number was measured and is within its bound.
func (g Goal) Reached() bool {
	switch {
	case g.skipped != "":
		return false
	case g.floor:
		return g.Measured >= g.Bound
	}
	return g.Measured <= g.Bound
}

func (g Goal) verdict() string {
	switch {
	case g.skipped != "":
		return "NOT MEASURED"
	case g.Reached():
		return "reached"
	}
	return "MISSED"
}

// Write prints one line for each goal, and below them why goals were not measured.
func Write(w io.Writer, goals ...Goal) error {
	t := figure.Table(w)
	for _, g := range goals {
		sign, measured := "≤", figure.Significant(g.Measured)+g.Unit
		if g.floor {
			sign = "≥"
		}
		if g.skipped != "" {
			measured = "-"
		}
		fmt.Fprintf(t, "%s\t%s\tgoal %s %s%s\t%s\t\n", g.What, measured, sign, figure.Significant(g.Bound), g.Unit, g.verdict())
	}
	if err := t.Flush(); err != nil {
		return err
	}
	said := map[string]bool{}
	for _, g := range goals {
		if g.skipped == "" || said[g.skipped] {
			continue
		}
		said[g.skipped] = true
		if _, err := fmt.Fprintf(w, "NOT MEASURED: %s\n", g.skipped); err != nil {
			return err
		}
	}
	return nil
}
