package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/sortition-dev/sortition/bench/callgrind"
	"github.com/sortition-dev/sortition/bench/figure"
	"github.com/sortition-dev/sortition/bench/goal"
)

// goalOverFixed is the most that a request to edge serve may cost, as a multiple of a fixed answer.
const goalOverFixed = 1.15

// ratio compares a server with the fixed answer: the median of the ratios of each round.
func ratio(of, floor []float64) float64 {
	ratios := make([]float64, len(of))
	for i := range of {
		ratios[i] = of[i] / floor[i]
	}
	return figure.Median(ratios)
}

// write prints the table and the goals.
func write(w io.Writer, servers []*server, costs map[*server]*cost) error {
	ratios := map[string]float64{}
	floor := costs[servers[0]]
	t := figure.Table(w)
	fmt.Fprint(t, "\tCPU time of a request\tfastest\tslowest\tagainst the fixed answer\tinstructions\tagainst it\t\n")
	for _, s := range servers {
		c, ok := costs[s]
		if !ok {
			fmt.Fprintf(t, "%s\tNOT MEASURED\t\t\t\t\t\t\n", s.name)
			continue
		}
		ratios[s.name] = ratio(c.times, floor.times)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s×\t", s.name, figure.Duration(figure.Median(c.times)),
			figure.Duration(slices.Min(c.times)), figure.Duration(slices.Max(c.times)), figure.Significant(ratios[s.name]))
		if c.instructions == 0 {
			fmt.Fprint(t, "-\t-\t\n")
			continue
		}
		fmt.Fprintf(t, "%s\t%s×\t\n", figure.Significant(c.instructions), figure.Significant(c.instructions/floor.instructions))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, s := range servers {
		if s.missing != "" {
			fmt.Fprintf(w, "NOT MEASURED: %s: %s\n", s.name, s.missing)
		}
	}
	if err := callgrind.Installed(); err != nil {
		fmt.Fprintf(w, "NOT MEASURED: %v\n", err)
	}
	fmt.Fprintf(w, "\nCPU time of the server's process, all threads: medians of %d interleaved rounds of %s requests over %d\n"+
		"connections that stay open. Ratios are medians of the rounds' ratios. Each request asks for W1's one experiment, for\n"+
		"one of 64 users. Before it was timed, each server gave every user a variant, and none to a user of another country.\n"+
		"Instructions are those of a request in the server's own code, without the kernel's and without garbage collection.\n\n", rounds, figure.Thousands(perRound), connections)
	var goals []goal.Goal
	for _, name := range []string{edgeWazero, edgeNative} {
		goals = append(goals, goal.AtMost(name+": CPU time against a fixed answer", ratios[name], goalOverFixed, "×"))
	}
	return goal.Write(w, goals...)
}
