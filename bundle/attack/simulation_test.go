package attack_test

import (
	"flag"
	"fmt"
	"testing"
	"testing/synctest"
)

var (
	seed  = flag.Uint64("seed", 1, "of the simulation")
	steps = flag.Int("steps", 16_000, "of the simulation, over all runs; CI takes 200,000")
)

// runs is the number of simulated worlds, which share the steps. Half of them run at a
// time on two processors, and each is short enough for its history to be walked.
const runs = 16

// TestSimulation lets publishers, hosts, a faulty store, rotten disks and an attacker
// loose on each other, one operation on the store at a time and in an order that the seed
// decides. Whatever they do:
//
//   - every decision is the one that the naive evaluator comes to for the revision that
//     the host states, as it was truly published;
//   - the revisions that a host serves never go back, across restarts either;
//   - a host that has something to serve never stops, and a restart does not either;
//   - a revision has one content;
//   - when all is over, one more revision can be published, and every host comes to it.
//
// One host of five is the one that proxies embed, and decides in WebAssembly; the others
// follow the bucket with the same code, and decide natively, which is cheaper by far.
func TestSimulation(t *testing.T) {
	for run := range uint64(runs) {
		t.Run(fmt.Sprintf("seed=%d run=%d", *seed, run), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := simulate(t, *seed, run, *steps/runs)
				t.Logf("%d steps, trace %016x: %v", s.steps, s.trace.Sum64(), s.counts)
			})
		})
	}
}

// TestSimulationRepeats runs twice what one seed decides, and once what another does.
func TestSimulationRepeats(t *testing.T) {
	traces := make([]uint64, 3)
	for i, seed := range []uint64{1, 1, 2} {
		synctest.Test(t, func(t *testing.T) { traces[i] = simulate(t, seed, 0, 3_000).trace.Sum64() })
	}
	if traces[0] != traces[1] || traces[0] == traces[2] {
		t.Errorf("traces %x: the first two are of one seed, the third of another", traces)
	}
}
