// Command publishing measures what the publisher costs: CPU time and peak memory of check and
// publish, for projects of several sizes, with and without the project's cache. The floor is a
// process that reads the same files and hashes them.
//
//	go run ./publishing -n 10,100,1000,10000
//
// Every measurement is a process of its own; the table has the least CPU time and the least peak
// of several rounds.
//
// This package is internal to Sortition and may change without notice.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bench/figure"
	"github.com/sortition-dev/sortition/bench/goal"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == floorCommand {
		exit(readAndHash(os.Args[2]))
	}
	if len(os.Args) == 5 && os.Args[1] == projectCommand {
		exit(writeProject(os.Args[2], os.Args[3], os.Args[4]))
	}
	sizes := flag.String("n", "10,100,1000,10000", "numbers of experiments")
	shape := flag.String("shape", "realistic", "audiences of the experiments: realistic or W2")
	rounds := flag.Int("rounds", 3, "how often each step is measured")
	flag.Parse()
	exit(run(strings.Split(*sizes, ","), *shape, *rounds))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "publishing:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(sizes []string, shape string, rounds int) error {
	directory, err := os.MkdirTemp("", "sortition-publishing-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	b := bench{directory: directory, publisher: filepath.Join(directory, "publisher"), shape: shape, rounds: rounds}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	build := exec.Command("go", "build", "-o", b.publisher, "./publisher")
	build.Dir = ".."
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the publisher: %w", err)
	}
	table := figure.Table(os.Stdout)
	var goals []goal.Goal
	fmt.Fprintln(table, "experiments\tstep\tCPU ms\tCPU / floor\telapsed ms\tpeak MB\t")
	for _, size := range sizes {
		n, err := strconv.Atoi(size)
		if err != nil || n < 1 {
			return fmt.Errorf("-n: %q is not a number of experiments", size)
		}
		rows, err := b.measure(n)
		if err != nil {
			return fmt.Errorf("%d experiments: %w", n, err)
		}
		floor := rows[0].cost.cpu
		for _, r := range rows {
			fmt.Fprintf(table, "%d\t%s\t%.0f\t%.1f\t%.0f\t%.0f\t\n", n, r.step, milliseconds(r.cost.cpu),
				float64(r.cost.cpu)/float64(floor), milliseconds(r.cost.elapsed), megabytes(r.cost.peak))
		}
		if n == goalSize {
			goals = goalsFor(rows)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return goal.Write(os.Stdout, goals...)
}

// goalSize is the number of experiments of the goals.
const goalSize = 10_000

func goalsFor(rows []row) []goal.Goal {
	by := map[string]cost{}
	for _, r := range rows {
		by[r.step] = r.cost
	}
	one := by[publishChange]
	return []goal.Goal{
		goal.AtMost("publish one change: CPU time", one.cpu.Seconds(), 1, " s"),
		goal.AtMost("publish one change: peak memory", megabytes(one.peak), 200, " MB"),
		goal.AtMost("check without a change: elapsed time", milliseconds(by[checkAgain].elapsed), 150, " ms"),
	}
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
