package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

// TestPlotIsWellFormed draws made-up numbers that put entrants close together.
func TestPlotIsWellFormed(t *testing.T) {
	m := newMeasurements("")
	for _, n := range realisticSizes {
		m.realistic[n] = map[string]point{}
		for i, e := range entrants {
			if e.limit >= n {
				m.realistic[n][e.name] = point{timing: timing{float64(n*100 + i)}, memory: int64(n*1_000 + i)}
			}
		}
	}
	svg := m.plot()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range entrants {
		if got, want := strings.Count(svg, ">"+e.name+"<") == 2, e.limit > 0; got != want {
			t.Errorf("%s: named in both panels: %v, want %v", e.name, got, want)
		}
	}
	if strings.Contains(svg, `=""`) {
		t.Error("a line has no colour")
	}
	if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
		t.Error("the plot has coordinates that are not numbers")
	}
}

func TestNumbersForPeople(t *testing.T) {
	for got, want := range map[string]string{
		wholeDuration(math.Pow(10, 6)): "1 ms",
		wholeBytes(1e5):                "100 kB",
		wholeBytes(1e9):                "1,000 MB",
	} {
		if got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
