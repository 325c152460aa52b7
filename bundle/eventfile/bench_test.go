package eventfile_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/eventfile"
)

// exposures returns rows as a host sends them: numbers and times ascend, a few experiments repeat,
// and hashes are random.
func exposures(n int) []event.StoredExposure {
	rng := rand.New(rand.NewPCG(1, 1))
	rows := make([]event.StoredExposure, n)
	for i := range rows {
		rows[i] = event.StoredExposure{
			Source: "edge-7f3a9c.eu-central-1", Boot: "QJ2X5VZKCMW3T6YHD4R7BNEPLA", Seq: uint64(i + 1),
			Time: 1_772_366_400_000 + event.Millis(i), Received: 1_772_366_400_000 + event.Millis(i/1000*1000),
			Experiment: fmt.Sprint("checkout_banner_", rng.IntN(40)), Variant: []string{"control", "treatment"}[rng.IntN(2)],
			Phase: 1, Unit: "user", UnitHash: fmt.Sprintf("%016x%016x", rng.Uint64(), rng.Uint64()), Revision: 1234,
		}
	}
	return rows
}

func BenchmarkWriter(b *testing.B) {
	rows := exposures(250_000)
	w := eventfile.NewWriter[event.StoredExposure]()
	b.ReportAllocs()
	for b.Loop() {
		for batch := range slices.Chunk(rows, 1000) {
			if err := w.Write(batch); err != nil {
				b.Fatal(err)
			}
		}
		data, err := w.Finish()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(data))/float64(len(rows)), "bytes/row")
		w.Reset()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/row")
}
