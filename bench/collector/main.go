// Command collector measures what it costs to accept events durably: the CPU time of one event and
// the peak of the resident memory of `edge collect`, beside two others.
//
//   - The floor does what no collector can leave out: it reads the same bodies over HTTP, appends
//     them to a file, and answers after a shared fsync. It looks into nothing.
//   - NATS JetStream stores on files and acknowledges each message. It gets the events of a body
//     as one message each, with its default of an fsync every two minutes, and whole bodies as
//     messages with an fsync each.
//
// All of them run as processes of their own, one after the other, on the same events at the same
// rate. Compare ratios within one run only. The CPU time of edge collect includes writing the
// event files to a bucket, here a directory.
//
//	go run ./collector -nats "$SORTITION_NATS"
//
// This package is internal to Sortition and may change without notice.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bench/figure"
	"github.com/sortition-dev/sortition/bench/goal"
)

// floorArgument makes this program run the floor. The benchmark starts a process for it.
const floorArgument = "floor"

type options struct {
	nats    string
	edge    string
	events  int
	rate    int
	clients int
	rounds  int
	only    string
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == floorArgument {
		exit(serveFloor(os.Args[2]))
	}
	var o options
	flag.StringVar(&o.nats, "nats", os.Getenv("SORTITION_NATS"), "nats-server `binary`; by default $SORTITION_NATS")
	flag.StringVar(&o.edge, "edge", "", "edge `binary`; by default it is built from this source")
	flag.IntVar(&o.events, "events", 500_000, "events of one run")
	flag.IntVar(&o.rate, "rate", 50_000, "events a second; 0 for as many as possible")
	flag.IntVar(&o.clients, "clients", 8, "connections")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds, of which the table has the medians")
	flag.StringVar(&o.only, "only", "", "measure only contestants whose name has this `text`")
	flag.Parse()
	exit(run(o, os.Stdout))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "collector:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func run(o options, w io.Writer) error {
	dir, err := os.MkdirTemp("", "sortition-bench-collector-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if o.edge == "" {
		o.edge = filepath.Join(dir, "edge")
		build := exec.Command("go", "build", "-o", o.edge, "./edge")
		build.Dir, build.Stderr = repository(), os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("cannot build edge: %w", err)
		}
	}
	contestants, err := enter(o, dir)
	if err != nil {
		return err
	}
	contestants = slices.DeleteFunc(contestants, func(c contestant) bool { return !strings.Contains(c.name, o.only) })
	results := make(map[string][]result)
	for range o.rounds {
		for _, c := range contestants {
			r, err := c.measure(o)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			results[c.name] = append(results[c.name], r)
		}
	}
	return report(w, contestants, results, o)
}

// repository returns the folder of the repository from which this program was built.
func repository() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

func report(out io.Writer, contestants []contestant, results map[string][]result, o options) error {
	rate := "at " + figure.Thousands(o.rate) + " a second"
	if o.rate == 0 {
		rate = "as fast as they are accepted"
	}
	fmt.Fprintf(out, "%s events, %s; %d connections; medians of %d rounds\n\n", figure.Thousands(o.events), rate, o.clients, o.rounds)
	w := figure.Table(out)
	fmt.Fprintln(w, "\tCPU an event\tof the floor's\tpeak memory\tevents/s\tbytes an event\t")
	var goals []goal.Goal
	for _, c := range contestants {
		r := median(results[c.name])
		cpu, ratio := float64(r.cpu)/float64(o.events), "-"
		if floors := results[c.floor]; len(floors) > 0 {
			ratio = figure.Significant(float64(r.cpu)/float64(median(floors).cpu)) + "×"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t\n", c.name, figure.Duration(cpu), ratio, figure.Megabytes(r.peak),
			figure.Thousands(int(float64(o.events)/r.wall.Seconds())), figure.Significant(float64(r.bytes)/float64(o.events)))
		if c.goal {
			goals = append(goals,
				goal.AtMost(c.name+": CPU an event", cpu/1e3, 4, " µs"),
				goal.AtMost(c.name+": peak memory", float64(r.peak)/(1<<20), 64, " MiB"))
		}
	}
	goals = append(goals, beside(results))
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	return goal.Write(out, goals...)
}

// beside returns the goal that an exposure costs no more than a message of JetStream.
func beside(results map[string][]result) goal.Goal {
	const what, bound, unit = "edge collect, of JetStream's CPU for a message an exposure", 1, "×"
	ours, theirs := results[edgePacked], results[streamEach]
	if len(ours) == 0 || len(theirs) == 0 {
		return goal.AtMost(what, 0, bound, unit).Skipped(noNATS)
	}
	return goal.AtMost(what, float64(median(ours).cpu)/float64(median(theirs).cpu), bound, unit)
}

// noNATS says why JetStream was not measured.
const noNATS = "name the nats-server binary with -nats or SORTITION_NATS"
