package main

import (
	"fmt"
	"io"
	"math"
	"time"

	"github.com/sortition-dev/sortition/bench/figure"
	"github.com/sortition-dev/sortition/bench/machine"
	"github.com/sortition-dev/sortition/bench/workload"
)

const command = "make bench"

// write prints the report.
func (m *measurements) write(w io.Writer, machine machine.Machine) error {
	if err := machine.WriteHeader(w, command, versions()...); err != nil {
		return err
	}
	fmt.Fprintf(w, "Times are CPU time of the contestant's process, all threads. Each call builds its request anew.\n"+
		"They are medians of %d interleaved rounds of at least %v; ± is half of the slowest round less the fastest.\n"+
		"Ratios compare with %s, and in Node with %s; above 1 is faster.\n"+
		"Every contestant matched exactly the experiments that the reference matches, for every request.\n\n",
		rounds, budget, launchDarkly, flagd)
	m.writeTimes(w)
	m.writeRealistic(w)
	return m.writeGoals(w)
}

// yardstick is the name of the system with which an entrant is compared.
func (e entrant) yardstick() string {
	if e.node {
		return flagd
	}
	return launchDarkly
}

func cell(points map[string]point, e entrant) string {
	p, ok := points[e.name]
	if !ok {
		return "\t\t\t"
	}
	took, ratio := p.timing.median(), ""
	if yardstick, ok := points[e.yardstick()]; ok {
		ratio = figure.Significant(yardstick.timing.median()/took) + "×"
	}
	return fmt.Sprintf("%s\t±%.0f%%\t%s\t", figure.Duration(took), p.timing.spread()*100, ratio)
}

func (m *measurements) writeTimes(w io.Writer) {
	t := figure.Table(w)
	fmt.Fprintf(t, "\tW1\t\t\tW2 N=1,000\t\t\tW2 N=10,000\t\t\tcold start\tmemory\t\n")
	for _, e := range entrants {
		fmt.Fprintf(t, "%s\t%s%s%s%s\t%s\t\n", e.name,
			cell(m.one, e), cell(m.uniform[1_000], e), cell(m.uniform[10_000], e),
			figure.Duration(m.coldCPU(e.name)), figure.Megabytes(m.uniform[coldSize][e.name].memory))
	}
	t.Flush()
	fmt.Fprintf(w, "\nW1: one experiment, which matches (country in a set of 5, platform, app version at least 1.23.12, split in halves).\n"+
		"W2: N such experiments, all decided for one user; %.1f %% of them match.\n"+
		"Cold start and memory: N=10,000, from the bytes of the configuration to the first decision, in a new process.\n\n",
		m.stages[workload.Many(coldSize).Name].matching()*100)
}

func (m *measurements) writeRealistic(w io.Writer) {
	t := figure.Table(w)
	fmt.Fprint(t, "realistic\t")
	for _, n := range realisticSizes {
		fmt.Fprintf(t, "N=%s\t\t\tmemory\t", figure.Thousands(n))
	}
	fmt.Fprintln(t)
	for _, e := range entrants {
		if e.limit == 0 {
			continue
		}
		fmt.Fprintf(t, "%s\t", e.name)
		for _, n := range realisticSizes {
			memory := ""
			if p, ok := m.realistic[n][e.name]; ok {
				memory = figure.Megabytes(p.memory)
			}
			fmt.Fprintf(t, "%s%s\t", cell(m.realistic[n], e), memory)
		}
		fmt.Fprintln(t)
	}
	t.Flush()
	fmt.Fprintln(w, "\nRealistic: all N experiments decided for one user. Flipt and DevCycle cannot express this configuration.")
	for _, n := range realisticSizes {
		s := m.stages[workload.Realistic(n).Name]
		fmt.Fprintf(w, "N=%s: %.2f %% match; payload %s raw, %s gzip, %s zstd; compiled in %v\n", figure.Thousands(n), s.matching()*100,
			figure.Megabytes(s.sizes.Raw), figure.Megabytes(s.sizes.Gzip), figure.Megabytes(s.sizes.Zstd), s.sizes.Compile.Round(time.Millisecond))
	}
	fmt.Fprintln(w)
}

// spread is half the difference between the slowest and the fastest round, as a share of
// the median.
func (t timing) spread() float64 {
	low, high := math.Inf(1), 0.0
	for _, v := range t {
		low, high = min(low, v), max(high, v)
	}
	return (high - low) / 2 / t.median()
}

func (m *measurements) coldCPU(name string) float64 {
	var values []float64
	for _, c := range m.cold[name] {
		values = append(values, float64(c.CPU))
	}
	return figure.Median(values)
}
