package main

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/sortition-dev/sortition/bench/process"
)

// How servers are measured.
const (
	rounds      = 31    // in which the servers take turns
	warmUp      = 3     // rounds before those
	perRound    = 2_000 // requests to each server; few, so that other load affects all alike
	connections = 4     // that stay open; each has one request under way
)

// measure returns the CPU time of each server for one request, in nanoseconds, for each round.
func measure(servers []*server) (times map[*server][]float64, err error) {
	times = map[*server][]float64{}
	var running []*server
	defer func() {
		for _, s := range running {
			err = errors.Join(err, s.stop())
		}
	}()
	for _, s := range servers {
		if s.missing != "" {
			fmt.Fprintf(os.Stderr, "SKIPPED: %s: %s\n", s.name, s.missing)
			continue
		}
		if err := s.start(); err != nil {
			return nil, err
		}
		running = append(running, s)
	}
	for round := range warmUp + rounds {
		for _, s := range running {
			took, err := s.load(perRound)
			if err != nil {
				return nil, s.failed(err)
			}
			if round >= warmUp {
				times[s] = append(times[s], took)
			}
		}
	}
	return times, nil
}

// load sends n requests over all connections, and returns the CPU time of the server for one, in
// nanoseconds.
func (s *server) load(n int) (float64, error) {
	clients := make([]*client, connections)
	for i := range clients {
		var err error
		if clients[i], err = dial(s.address); err != nil {
			return 0, err
		}
		defer clients[i].close()
		if _, err := clients[i].ask(s.requests[0]); err != nil {
			return 0, err
		}
	}
	before, err := process.CPU(s.cmd.Process.Pid)
	if err != nil {
		return 0, err
	}
	failures := make([]error, connections)
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() {
			for at := i; at < n && failures[i] == nil; at += connections {
				_, failures[i] = c.ask(s.requests[at%len(s.requests)])
			}
		})
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		return 0, err
	}
	after, err := process.CPU(s.cmd.Process.Pid)
	return float64(after-before) / float64(n), err
}
