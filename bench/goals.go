package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"github.com/sortition-dev/sortition/bench/engines"
	"github.com/sortition-dev/sortition/bench/workload"
	"github.com/sortition-dev/sortition/wasm"
)

// goal is a performance goal of Sortition.
type goal struct {
	what     string
	measured float64
	atLeast  bool
	bound    float64
	unit     string
}

func (g goal) reached() bool {
	if g.atLeast {
		return g.measured >= g.bound
	}
	return g.measured <= g.bound
}

const (
	megabyte    = 1e6
	kilobyte    = 1e3
	millisecond = 1e6 // ns
)

func (m *measurements) goals() []goal {
	faster := func(points map[string]point, than, who string) float64 {
		return points[than].timing.median() / points[who].timing.median()
	}
	growth := func(who string) float64 {
		return m.uniform[10_000][who].timing.median() / m.uniform[1_000][who].timing.median()
	}
	s := m.stages[workload.Many(coldSize).Name]
	return []goal{
		{"W1, wazero: faster than " + launchDarkly, faster(m.one, launchDarkly, inHost), true, 2, "×"},
		{"W1, native: faster than " + launchDarkly, faster(m.one, launchDarkly, native), true, 8, "×"},
		{"W1, V8: faster than " + flagd, faster(m.one, flagd, inV8), true, 3, "×"},
		{"W1, @sortition/edge: faster than " + flagd, faster(m.one, flagd, inNode), true, 3, "×"},
		{"W1, @sortition/edge: faster than " + growthBook, faster(m.one, growthBook, inNode), true, 3, "×"},
		{"W2 N=10,000, wazero: faster than " + launchDarkly, faster(m.uniform[10_000], launchDarkly, inHost), true, 1_000, "×"},
		{"W2 N=10,000, V8: faster than " + flagd, faster(m.uniform[10_000], flagd, inV8), true, 1_000, "×"},
		{"W2, native: N=10,000 against N=1,000", growth(native), false, 6, "×"},
		{"W2, wazero: N=10,000 against N=1,000", growth(inHost), false, 6, "×"},
		{"W2, V8: N=10,000 against N=1,000", growth(inV8), false, 6, "×"},
		{"cold start, native", m.coldCPU(native) / millisecond, false, 20, " ms"},
		{"cold start, wazero, with compilation", m.coldCPU(inHost) / millisecond, false, 40, " ms"},
		{"live memory of an instance, wazero", float64(m.instance) / megabyte, false, 8, " MB"},
		{"core.wasm", float64(len(wasm.Core)) / kilobyte, false, 40, " KB"},
		{"payload gzipped against flagd JSON gzipped", float64(s.sizes.Gzip) / float64(gzipped(engines.FlagdConfig(s.workload))), false, 1, "×"},
	}
}

func (m *measurements) writeGoals(w io.Writer) {
	s := m.stages[workload.Many(coldSize).Name]
	t := newTable(w)
	for _, g := range m.goals() {
		verdict, sign := "reached", "≤"
		if g.atLeast {
			sign = "≥"
		}
		if !g.reached() {
			verdict = "MISSED"
		}
		fmt.Fprintf(t, "%s\t%s%s\tgoal %s %s%s\t%s\t\n", g.what, significant(g.measured), g.unit, sign, significant(g.bound), g.unit, verdict)
	}
	t.Flush()
	fmt.Fprintf(w, "\nW2 N=10,000: payload %s raw, %s gzip, %s zstd; flagd JSON %s gzip. core.wasm %d bytes, %d gzip.\n",
		megabytes(s.sizes.Raw), megabytes(s.sizes.Gzip), megabytes(s.sizes.Zstd),
		megabytes(gzipped(engines.FlagdConfig(s.workload))), len(wasm.Core), gzippedBytes(wasm.Core))
	fmt.Fprintf(w, "The whole run took %v.\n", m.took())
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
