// Package figure writes numbers as the tables of the benchmarks do.
//
// This package is internal to Sortition and may change without notice.
package figure

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// Median returns the middle one of the values, or the upper of the two in the middle. It panics
// without values.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// Significant formats a number with at least three significant digits.
func Significant(x float64) string {
	if x == 0 {
		return "0"
	}
	digits := 2 - int(math.Floor(math.Log10(math.Abs(x))))
	return separated(fmt.Sprintf("%.*f", max(0, digits), x))
}

// Thousands formats a number with a comma for each thousand.
func Thousands(n int) string { return separated(fmt.Sprint(n)) }

func separated(s string) string {
	whole, rest, found := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if found {
		return sign + whole + "." + rest
	}
	return sign + whole
}

// Duration formats nanoseconds with three significant digits.
func Duration(ns float64) string {
	for _, unit := range []struct {
		name string
		ns   float64
	}{{"s", 1e9}, {"ms", 1e6}, {"µs", 1e3}} {
		if ns >= unit.ns {
			return Significant(ns/unit.ns) + " " + unit.name
		}
	}
	return Significant(ns) + " ns"
}

// Megabytes formats a number of bytes.
func Megabytes(n int64) string { return fmt.Sprintf("%.2f MB", float64(n)/1e6) }

// Table returns a table whose cells end in tabs and are aligned to the right. The caller flushes
// it.
func Table(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 1, ' ', tabwriter.AlignRight)
}
