package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/sortition-dev/sortition/bench/callgrind"
	"github.com/sortition-dev/sortition/bench/process"
)

// How servers are measured.
const (
	rounds      = 31    // in which the servers take turns
	warmUp      = 3     // rounds before those
	perRound    = 2_000 // requests to each server; few, so that other load affects all alike
	connections = 4     // that stay open; each has one request under way
	counted     = 2_000 // requests whose instructions are counted, after as many
)

// cost is what a server takes for one request.
type cost struct {
	times        []float64 // CPU time in nanoseconds, for each round
	instructions float64   // zero if they were not counted
}

// measure returns the cost of each server that is here.
func measure(servers []*server, directory string) (map[*server]*cost, error) {
	costs := map[*server]*cost{}
	if err := timeAll(servers, costs); err != nil {
		return nil, err
	}
	if callgrind.Installed() != nil {
		return costs, nil // the report says so
	}
	for _, s := range servers {
		if !s.count {
			continue
		}
		var err error
		if costs[s].instructions, err = s.countInstructions(directory); err != nil {
			return nil, err
		}
	}
	return costs, nil
}

// timeAll times the servers in turn.
func timeAll(servers []*server, costs map[*server]*cost) (err error) {
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
			return err
		}
		costs[s] = &cost{}
		running = append(running, s)
	}
	for round := range warmUp + rounds {
		for _, s := range running {
			took, err := s.load(perRound)
			if err != nil {
				return s.failed(err)
			}
			if round >= warmUp {
				costs[s].times = append(costs[s].times, took)
			}
		}
	}
	return nil
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

// countInstructions starts a server under callgrind and returns how many instructions it takes for
// one request, the kernel's aside.
func (s *server) countInstructions(directory string) (n float64, err error) {
	out := filepath.Join(directory, "callgrind.out")
	slow := *s
	slow.command = callgrind.Command(out, s.command...)
	if err := slow.start(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, slow.stop()) }()
	if _, err := slow.load(counted); err != nil {
		return 0, slow.failed(err)
	}
	if err := callgrind.Begin(slow.cmd.Process.Pid); err != nil {
		return 0, err
	}
	if _, err := slow.load(counted); err != nil {
		return 0, slow.failed(err)
	}
	file, err := callgrind.Dump(slow.cmd.Process.Pid, out)
	if err != nil {
		return 0, err
	}
	total, err := callgrind.Total(file)
	return float64(total) / counted, err
}
