package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/sortition-dev/sortition/bench/contest"
	"github.com/sortition-dev/sortition/bench/engines"
	"github.com/sortition-dev/sortition/edge/host"
)

// entrant is a contestant in the benchmark.
type entrant struct {
	name  string // in the table and the plot
	id    string // of the contestant
	node  bool   // runs in Node
	limit int    // the largest realistic configuration it runs; 0 if it runs none
}

// The names of the entrants to which goals and comparisons refer.
const (
	native     = "Sortition, native"
	hostNative = "Sortition, native (edge/host)"
	inHost     = "Sortition, wazero (edge/host)"
	inV8       = "Sortition, V8"
	inNode     = "Sortition, V8 (@sortition/edge)"
	floor      = "hand-written loop, Go"

	launchDarkly        = "LaunchDarkly evaluation, Go"
	launchDarklyInOrder = "  the same, flags in one slice"
	flagd               = "flagd-core, JS"
	growthBook          = "GrowthBook, JS"
)

var entrants = []entrant{
	{floor, "loop", false, everything},
	{native, "native", false, everything},
	{hostNative, "host-native", false, everything},
	{inHost, "host", false, everything},
	{launchDarkly, "launchdarkly", false, everything},
	{launchDarklyInOrder, "launchdarkly-in-order", false, 0},
	{"GrowthBook, Go", "growthbook", false, 10_000},
	{inV8, "sortition", true, everything},
	{inNode, "edge", true, everything},
	{flagd, "flagd", true, 10_000},
	{growthBook, "growthbook", true, 10_000},
	{"Flipt, WASM in V8", "flipt", true, 0},
	{"DevCycle, WASM in V8", "devcycle", true, 0},
}

const everything = 100_000

// moreInstances is how many instances the contestant "hosts" has beyond one. It measures
// the memory that each takes.
const moreInstances = 4

// goContestant makes a contestant that is written in Go.
func goContestant(id string) (contest.Contestant, error) {
	switch id {
	case "loop":
		return new(engines.Loop), nil
	case "native":
		return new(engines.Native), nil
	case "host":
		return &engines.Host{Instances: 1}, nil
	case "host-native":
		return &engines.Host{Engine: host.EngineNative, Instances: 1}, nil
	case "hosts":
		return &engines.Host{Instances: 1 + moreInstances}, nil
	case "launchdarkly":
		return new(engines.LaunchDarkly), nil
	case "launchdarkly-in-order":
		return &engines.LaunchDarkly{InOrder: true}, nil
	case "growthbook":
		return new(engines.GrowthBook), nil
	}
	return nil, fmt.Errorf("unknown contestant %q", id)
}

// command returns the command that runs an entrant: this program, or Node.
func (e entrant) command() ([]string, error) {
	if e.node {
		return []string{"node", "--expose-gc", "--max-old-space-size=4096", filepath.Join("node", "serve.mjs"), e.id}, nil
	}
	self, err := os.Executable()
	return []string{self, contestantArgument, e.id}, err
}

// start runs an entrant and prepares it.
func (e entrant) start(s *stage) (*contest.Process, error) {
	command, err := e.command()
	if err != nil {
		return nil, err
	}
	p, err := contest.Start(e.name, command)
	if err != nil {
		return nil, err
	}
	if err := p.Prepare(s.file, s.bucket); err != nil {
		return nil, err
	}
	return p, nil
}
