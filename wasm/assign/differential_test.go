package assign_test

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

const (
	differentialPrograms = 400
	requestsPerProgram   = 100
)

// TestCoreAgreesWithExplanation decides random requests on random programs with the
// core, one by one and all at once, and with the naive evaluator that `publisher
// explain` shows to people.
func TestCoreAgreesWithExplanation(t *testing.T) {
	programs := differentialPrograms
	if testing.Short() {
		programs /= 10
	}
	decisions := 0
	for seed := range uint64(programs) {
		rng := rand.New(rand.NewPCG(seed, 1))
		p := progtest.Program(rng)
		payload, err := compile.Payload(p)
		if errors.Is(err, compile.ErrTooComplex) {
			continue
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		engine, status := assign.Load(payload)
		if status != assign.OK {
			t.Fatalf("seed %d: %v", seed, status)
		}
		built := request.New()
		for range requestsPerProgram {
			r := progtest.Request(rng, p)
			encoded, err := progtest.Fill(built, r).Encode()
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			var all []byte
			for i := range p.Experiments {
				want := explain.Decide(p, i, r)
				got, status := engine.AssignOne(encoded, uint32(i))
				if status != assign.OK {
					t.Fatalf("seed %d, %v: %v", seed, r, status)
				}
				if d := decode(got); d != normal(i, want) {
					t.Fatalf("seed %d, request %+v, %s %q: core says %+v, explanation %+v\n%+v", seed, r,
						p.Experiments[i].Kind, p.Experiments[i].Key, d, want, explain.Experiment(p, i, r).Steps)
				}
				if want.Variant != model.None {
					all = append(all, got...)
				}
				decisions++
			}
			got, status := engine.AssignAll(encoded)
			if status != assign.OK || string(got) != string(all) {
				t.Fatalf("seed %d, request %+v: all at once gives %x (%v), one by one %x", seed, r, got, status, all)
			}
		}
	}
	if least := programs * requestsPerProgram; decisions < least {
		t.Errorf("only %d decisions compared, want at least %d", decisions, least)
	}
	t.Logf("%d decisions agree", decisions)
}

type record struct {
	experiment uint32
	variant    int
	reason     model.Reason
	rule       int
}

func decode(b []byte) record {
	r := record{
		experiment: binary.LittleEndian.Uint32(b),
		variant:    int(binary.LittleEndian.Uint16(b[4:])),
		reason:     model.Reason(b[6]),
		rule:       int(b[7]),
	}
	if r.variant == assign.NoVariant {
		r.variant = model.None
	}
	return r
}

// normal is the record for an explanation's decision, which names no rule where none
// decided.
func normal(experiment int, d explain.Decision) record {
	return record{uint32(experiment), d.Variant, d.Reason, max(d.Rule, 0)}
}
