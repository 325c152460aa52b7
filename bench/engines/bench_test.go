package engines

import (
	"testing"

	"github.com/sortition-dev/sortition/bench/contest"
	"github.com/sortition-dev/sortition/bench/workload"
	"github.com/sortition-dev/sortition/edge/host"
)

// The benchmarks time the same calls as `make bench`, but in this process. They serve for
// profiles and for comparing two versions; on a busy machine, compare cpu-ns/op. See
// PROFILE.md.

// benchSize is the number of experiments in benchmarks that decide all of them.
const benchSize = 10_000

func BenchmarkW1(b *testing.B) {
	benchmark(b, workload.One(), func(c contest.Contestant, i int) error { return c.One(i) })
}

func BenchmarkW2(b *testing.B) { benchmark(b, workload.Many(benchSize), decideAll) }

func BenchmarkRealistic(b *testing.B) { benchmark(b, workload.Realistic(benchSize), decideAll) }

// BenchmarkOpen measures a cold start, without the time that a new process takes to warm up.
func BenchmarkOpen(b *testing.B) {
	benchmark(b, workload.Many(benchSize), func(c contest.Contestant, i int) error {
		if err := c.Close(); err != nil {
			return err
		}
		if err := c.Open(); err != nil {
			return err
		}
		return c.One(i)
	})
}

func decideAll(c contest.Contestant, i int) error {
	_, err := c.All(i)
	return err
}

// benchmark times work by Sortition's own contestants, for one request after another.
func benchmark(b *testing.B, w *workload.Workload, work func(c contest.Contestant, request int) error) {
	bucket := b.TempDir()
	if _, err := Publish(w, 1, bucket); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		contest.Contestant
	}{{"loop", new(Loop)}, {"native", new(Native)}, {"wazero", &Host{Instances: 1}},
		{"host-native", &Host{Engine: host.EngineNative, Instances: 1}}} {
		b.Run(c.name, func(b *testing.B) {
			if err := c.Prepare(w, bucket); err != nil {
				b.Fatal(err)
			}
			if err := c.Open(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			i, start := 0, contest.CPUTime()
			for b.Loop() {
				if err := work(c.Contestant, i%len(w.Requests)); err != nil {
					b.Fatal(err)
				}
				i++
			}
			b.ReportMetric(float64(contest.CPUTime()-start)/float64(i), "cpu-ns/op")
			if err := c.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
