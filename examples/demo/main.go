// Command demo runs all of Sortition on this machine, with the real programs: an
// S3-compatible server in memory, the publisher, an edge and a collector. It sends
// requests of simulated visitors of a shop over HTTP, changes an experiment while
// they arrive, and compares the results with the simulated effects.
//
//	go run ./examples/demo
//
// It exits with 1 if the results contradict the simulated effects.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// The simulation. Everything except the timing follows from the seed.
const (
	defaultVisitors = 12_000
	seed            = 1

	// halfDuration is how long each half of the visitors takes: long enough that a change
	// arrives while traffic runs.
	halfDuration = 6 * time.Second

	timeLimit = 5 * time.Minute // after it the demo stops its programs and fails
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	visitors := flags.Int("visitors", defaultVisitors, "number of simulated visitors")
	keep := flags.Bool("keep", false, "keep the directory of the demo, with the logs of its programs")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	err := demonstrate(ctx, *visitors, *keep, stdout)
	var contradiction *contradictionError
	switch {
	case errors.As(err, &contradiction):
		fmt.Fprintf(stderr, "\ndemo: the results contradict the simulated effects:\n%v\n", err)
		return 1
	case err != nil:
		fmt.Fprintf(stderr, "\ndemo: %v\n", err)
		return 1
	}
	return 0
}

func demonstrate(ctx context.Context, visitors int, keep bool, out io.Writer) (err error) {
	began := time.Now()
	s, err := newStage(out, keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()

	s.step("building the two programs")
	if err := s.build(ctx); err != nil {
		return err
	}
	s.step("starting an S3-compatible server on loopback")
	if err := s.startBucket(); err != nil {
		return err
	}
	s.step("publishing examples/storefront")
	if err := s.publishStorefront(ctx); err != nil {
		return err
	}
	s.step("starting the collector and the edge")
	if err := s.startEdge(ctx); err != nil {
		return err
	}

	s.step("sending the first half of the visitors")
	t := newTraffic(s, visitors)
	if err := t.run(ctx, firstHalf, halfDuration); err != nil {
		return err
	}
	s.step("publishing checkout_button at 60% instead of 50%, while the second half arrives and some of the first return")
	changed := make(chan error, 1)
	go func() { changed <- s.raiseTraffic(ctx) }()
	err = t.run(ctx, secondHalf, halfDuration)
	if err := errors.Join(err, <-changed); err != nil {
		return err
	}
	t.report(out)
	if err := t.check(); err != nil {
		return err
	}

	s.step("stopping the edge and the collector, so that all events are written to the bucket")
	if err := s.stopEdge(); err != nil {
		return err
	}
	s.step("reading the results")
	results, err := s.results(ctx)
	if err != nil {
		return err
	}
	if err := compare(out, results, t); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nThe results agree with the simulated effects. The demo took %s.\n", time.Since(began).Round(time.Second))
	return nil
}
