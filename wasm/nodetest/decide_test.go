// Package nodetest runs the core in Node, in a small host that follows wasm/ABI.md, and
// compares its decisions with the native ones.
package nodetest

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/assign/vectortest"
	"github.com/sortition-dev/sortition/wasm/request"
)

const (
	randomPrograms     = 500
	requestsPerProgram = 240
	leastPairs         = 100_000

	shortFraction = 20 // under -short: one in so many programs
	oneByOne      = 10 // one in so many requests is also decided experiment by experiment
)

// TestVectors decides the language-neutral vectors in Node.
func TestVectors(t *testing.T) {
	n := start(t)
	file, err := vectortest.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range file.Programs {
		if err := n.load(p.Payload); err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		for _, c := range p.Cases {
			if err := p.Check(n, &c); err != nil {
				t.Errorf("%s: %s (%s): %v", p.Name, c.Name, c.Why, err)
			}
		}
	}
}

// One and All make a node a host of vectors.

func (n *node) One(request []byte, experiment uint32) ([]byte, assign.Status, error) {
	return n.only(experiment, request)
}

func (n *node) All(request []byte) ([]byte, assign.Status, error) { return n.only(all, request) }

func (n *node) only(experiment uint32, request []byte) ([]byte, assign.Status, error) {
	var b batch
	b.add(experiment, request)
	answers, err := n.decide(b)
	if err != nil {
		return nil, assign.OK, err
	}
	return answers[0].records, answers[0].status, nil
}

// TestNodeAgreesWithNative decides everything for random requests on random programs, and
// some of them one by one.
func TestNodeAgreesWithNative(t *testing.T) {
	n := start(t)
	programs, least := randomPrograms, leastPairs
	if testing.Short() {
		programs, least = programs/shortFraction, least/shortFraction
	}
	pairs := 0
	for seed := range uint64(programs) {
		rng := rand.New(rand.NewPCG(seed, 4))
		p := progtest.Program(rng)
		payload, err := compile.Payload(p)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		native, status := assign.Load(payload)
		if status != assign.OK {
			t.Fatalf("seed %d: %v", seed, status)
		}
		if err := n.load(payload); err != nil {
			t.Fatalf("seed %d: node: %v", seed, err)
		}
		var b batch
		var want [][]byte
		built := request.New()
		for i := range requestsPerProgram {
			encoded, err := progtest.Fill(built, progtest.Request(rng, p)).Encode(progtest.Names(p))
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			records, _ := native.AssignAll(encoded)
			b.add(all, encoded)
			want = append(want, bytes.Clone(records))
			pairs++
			if i%oneByOne != 0 {
				continue
			}
			for e := range p.Experiments {
				record, _ := native.AssignOne(encoded, uint32(e))
				b.add(uint32(e), encoded)
				want = append(want, bytes.Clone(record))
			}
		}
		got, err := n.decide(b)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if len(got) != len(want) {
			t.Fatalf("seed %d: %d answers, want %d", seed, len(got), len(want))
		}
		for i := range want {
			if got[i].status != assign.OK || !bytes.Equal(got[i].records, want[i]) {
				t.Fatalf("seed %d, decision %d: node gives %x (%v), native %x", seed, i, got[i].records, got[i].status, want[i])
			}
		}
	}
	if pairs < least {
		t.Errorf("only %d pairs of program and request were compared, want at least %d", pairs, least)
	}
	t.Logf("%d pairs of program and request agree", pairs)
}
