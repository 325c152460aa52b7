package main

import (
	"runtime/debug"
	"slices"

	"github.com/sortition-dev/sortition/bench/machine"
)

// compared are the Go modules whose versions stand in the results.
var compared = []string{
	"github.com/tetratelabs/wazero",
	"github.com/launchdarkly/go-server-sdk-evaluation/v3",
	"github.com/growthbook/growthbook-golang",
}

// versions returns what is compared, with versions.
func versions() []string {
	all := []string{"node " + machine.Output("node", "--version")}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if slices.Contains(compared, d.Path) {
				all = append(all, d.Path+" "+d.Version)
			}
		}
	}
	return append(all, npmVersions()...)
}
