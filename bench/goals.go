package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"github.com/sortition-dev/sortition/bench/engines"
	"github.com/sortition-dev/sortition/bench/figure"
	"github.com/sortition-dev/sortition/bench/goal"
	"github.com/sortition-dev/sortition/bench/workload"
	"github.com/sortition-dev/sortition/wasm"
)

const (
	megabyte    = 1e6
	kilobyte    = 1e3
	millisecond = 1e6 // ns
)

func (m *measurements) goals() []goal.Goal {
	faster := func(points map[string]point, than, who string) float64 {
		return points[than].timing.median() / points[who].timing.median()
	}
	growth := func(who string) float64 {
		return m.uniform[10_000][who].timing.median() / m.uniform[1_000][who].timing.median()
	}
	s := m.stages[workload.Many(coldSize).Name]
	return []goal.Goal{
		goal.AtLeast("W1, wazero: faster than "+launchDarkly, faster(m.one, launchDarkly, inHost), 2, "×"),
		goal.AtLeast("W1, native: faster than "+launchDarkly, faster(m.one, launchDarkly, native), 8, "×"),
		goal.AtMost("W1, engine native: time of a hand-written loop", 1/faster(m.one, floor, hostNative), 2, "×"),
		goal.AtLeast("W1, V8: faster than "+flagd, faster(m.one, flagd, inV8), 3, "×"),
		goal.AtLeast("W1, @sortition/edge: faster than "+flagd, faster(m.one, flagd, inNode), 4, "×"),
		goal.AtLeast("W1, @sortition/edge: faster than "+growthBook, faster(m.one, growthBook, inNode), 3, "×"),
		goal.AtLeast("W2 N=10,000, wazero: faster than "+launchDarkly, faster(m.uniform[10_000], launchDarkly, inHost), 1_000, "×"),
		goal.AtLeast("W2 N=10,000, V8: faster than "+flagd, faster(m.uniform[10_000], flagd, inV8), 1_000, "×"),
		goal.AtMost("W2, native: N=10,000 against N=1,000", growth(native), 6, "×"),
		goal.AtMost("W2, wazero: N=10,000 against N=1,000", growth(inHost), 6, "×"),
		goal.AtMost("W2, V8: N=10,000 against N=1,000", growth(inV8), 6, "×"),
		goal.AtMost("cold start, native", m.coldCPU(native)/millisecond, 20, " ms"),
		goal.AtMost("cold start, wazero, with compilation", m.coldCPU(inHost)/millisecond, 40, " ms"),
		goal.AtMost("live memory of an instance, wazero", float64(m.instance)/megabyte, 8, " MB"),
		goal.AtMost("core.wasm", float64(len(wasm.Core))/kilobyte, 40, " KB"),
		goal.AtMost("payload gzipped against flagd JSON gzipped", float64(s.sizes.Gzip)/float64(gzipped(engines.FlagdConfig(s.workload))), 1, "×"),
	}
}

func (m *measurements) writeGoals(w io.Writer) error {
	s := m.stages[workload.Many(coldSize).Name]
	if err := goal.Write(w, m.goals()...); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nW2 N=10,000: payload %s raw, %s gzip, %s zstd; flagd JSON %s gzip. core.wasm %d bytes, %d gzip.\n",
		figure.Megabytes(s.sizes.Raw), figure.Megabytes(s.sizes.Gzip), figure.Megabytes(s.sizes.Zstd),
		figure.Megabytes(gzipped(engines.FlagdConfig(s.workload))), len(wasm.Core), gzippedBytes(wasm.Core))
	_, err := fmt.Fprintf(w, "The whole run took %v.\n", m.took())
	return err
}

// gzipped returns the size of a document as gzipped JSON, in bytes.
func gzipped(document any) int64 {
	data, err := json.Marshal(document)
	if err != nil {
		panic(err) // the document consists of maps and strings
	}
	return gzippedBytes(data)
}

func gzippedBytes(data []byte) int64 {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	if _, err := w.Write(data); err != nil {
		panic(err) // a buffer accepts every write
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return int64(b.Len())
}
