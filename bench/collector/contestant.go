package main

import (
	"cmp"
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// result is what one run of a contestant took.
type result struct {
	cpu, wall time.Duration
	peak      int64 // bytes
	bytes     int   // sent
}

// median returns the result with the median CPU time.
func median(results []result) result {
	sorted := slices.SortedFunc(slices.Values(results), func(a, b result) int { return cmp.Compare(a.cpu, b.cpu) })
	return sorted[len(sorted)/2]
}

// contestant is a server and what is sent to it.
type contestant struct {
	name  string
	floor string // the contestant that it is compared with, if any
	goal  bool   // it has the goals of the collector
	load  *load
	start func() (*server, error)
	send  func(*server, *load, options) (time.Duration, error)
}

func (c *contestant) measure(o options) (result, error) {
	p, err := c.start()
	if err != nil {
		return result{}, err
	}
	wall, err := c.send(p, c.load, o)
	if err != nil {
		p.cmd.Process.Kill()
		return result{}, err
	}
	cpu, peak, err := p.end()
	return result{cpu, wall, peak, c.load.bytes()}, err
}

// The contestants whose costs are compared with each other.
const (
	edgePacked = "edge collect: exposures, msgpack and zstd"
	streamEach = "JetStream: a message an exposure, fsync every 2 min"
)

// enter returns the contestants. Their files are below dir.
func enter(o options, dir string) ([]contestant, error) {
	key := rand.Text()
	keys, unit := filepath.Join(dir, "api.keys"), filepath.Join(dir, "unit.key")
	for file, text := range map[string]string{keys: key, unit: rand.Text() + rand.Text()} {
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			return nil, err
		}
	}
	empty := func() (string, error) { return os.MkdirTemp(dir, "run-") }
	edge := func() (*server, error) {
		run, err := empty()
		if err != nil {
			return nil, err
		}
		return start("listening on http://", o.edge, "collect", "--listen", "127.0.0.1:0", "--bucket", filepath.Join(run, "bucket"),
			"--spool", filepath.Join(run, "spool"), "--api-key-file", keys, "--unit-key-file", unit)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	floor := func() (*server, error) {
		run, err := empty()
		if err != nil {
			return nil, err
		}
		return start("listening on http://", self, floorArgument, run)
	}

	batches := exposures(o.events)
	packed, err := packedExposures(batches)
	if err != nil {
		return nil, err
	}
	plain, err := jsonExposures(batches)
	if err != nil {
		return nil, err
	}
	tracked, err := outcomes(o.events)
	if err != nil {
		return nil, err
	}
	post := post(key)
	var all []contestant
	for _, kind := range []struct {
		name string
		load *load
	}{{"exposures, msgpack and zstd", packed}, {"exposures, JSON", plain}, {"outcomes, JSON", tracked}} {
		base := "floor: " + kind.name
		all = append(all, contestant{base, "", false, kind.load, floor, post},
			contestant{"edge collect: " + kind.name, base, true, kind.load, edge, post})
	}
	if o.nats != "" {
		nats := func(sync string) func() (*server, error) {
			return func() (*server, error) {
				run, err := empty()
				if err != nil {
					return nil, err
				}
				return startJetStream(o.nats, run, sync)
			}
		}
		all = append(all,
			contestant{streamEach, "floor: exposures, JSON", false, plain, nats("2m"), publishEach(batches)},
			contestant{"JetStream: a message a body, fsync always", "floor: exposures, msgpack and zstd", false, packed, nats("always"), publishBodies})
	}
	return all, nil
}
