package assign_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// The size of the sweep, and the decisions that it must come to at least.
const (
	sweepPrograms      = 1_400
	requestsPerProgram = 100
	leastDecisions     = 2_000_000

	shortFraction = 20 // under -short: one in so many programs

	maxDrawnRequests = 20 // for one drawn program
)

// TestCoreAgreesWithExplanation decides random requests on random programs with the
// core, one by one and all at once, and with the naive evaluator that `publisher
// explain` shows to people.
func TestCoreAgreesWithExplanation(t *testing.T) {
	programs, least := sweepPrograms, leastDecisions
	if testing.Short() {
		programs, least = programs/shortFraction, least/shortFraction
	}
	var decisions atomic.Int64
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(runtime.GOMAXPROCS(0))
	for seed := range uint64(programs) {
		group.Go(func() error {
			if ctx.Err() != nil {
				return nil // another has failed
			}
			rng := rand.New(rand.NewPCG(seed, 1))
			p := progtest.Program(rng)
			c, err := newComparison(p)
			if err != nil {
				return fmt.Errorf("seed %d: %w", seed, err)
			}
			for range requestsPerProgram {
				if err := c.compare(progtest.Request(rng, p)); err != nil {
					return fmt.Errorf("seed %d: %w", seed, err)
				}
			}
			decisions.Add(int64(requestsPerProgram * len(p.Experiments)))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if decisions.Load() < int64(least) {
		t.Errorf("only %d decisions were compared, want at least %d", decisions.Load(), least)
	}
	t.Logf("%d decisions agree", decisions.Load())
}

// TestCoreAgreesOnDrawnPrograms is the same comparison on programs and requests whose
// randomness is drawn from rapid, so that what fails shrinks to something small enough
// to read.
func TestCoreAgreesOnDrawnPrograms(t *testing.T) {
	programs := rapid.Custom(func(t *rapid.T) drawn { return drawn{progtest.ProgramFrom(&source{t})} })
	rapid.Check(t, func(t *rapid.T) {
		p := programs.Draw(t, "program").Program
		c, err := newComparison(p)
		if err != nil {
			t.Fatal(err)
		}
		requests := rapid.Custom(func(t *rapid.T) explain.Request {
			return progtest.RequestFrom(&source{t}, p)
		})
		for _, r := range rapid.SliceOfN(requests, 1, maxDrawnRequests).Draw(t, "requests") {
			if err := c.compare(r); err != nil {
				t.Fatal(err)
			}
		}
	})
}

type drawn struct{ *model.Program }

// GoString is what rapid prints of a failing program.
func (d drawn) GoString() string {
	program, err := json.MarshalIndent(d.Program, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(program)
}

// source draws a program's randomness from rapid, which prefers small numbers and
// shrinks towards them. Generators look at the highest bits, or at the lowest, so both
// are the lowest bits of what is drawn.
type source struct{ t *rapid.T }

func (s *source) Uint64() uint64 {
	u := rapid.Uint64().Draw(s.t, "random")
	return bits.Reverse64(u) ^ u
}

func (s *source) Group(draws func()) {
	outer := s.t
	rapid.Custom(func(t *rapid.T) struct{} {
		s.t = t
		draws()
		return struct{}{}
	}).Draw(outer, "group")
	s.t = outer
}

// comparison holds the core against the naive evaluator on one program.
type comparison struct {
	program *model.Program
	names   *request.Names
	engine  *assign.Engine
	built   *request.Request
}

func newComparison(p *model.Program) (*comparison, error) {
	payload, err := compile.Payload(p)
	if err != nil {
		return nil, err
	}
	engine, status := assign.Load(payload)
	if status != assign.OK {
		return nil, status
	}
	return &comparison{p, progtest.Names(p), engine, request.New()}, nil
}

// compare decides everything for one request.
func (c *comparison) compare(r explain.Request) error {
	encoded, err := progtest.Fill(c.built, r).Encode(c.names)
	if err != nil {
		return err
	}
	var all []byte
	for i := range c.program.Experiments {
		want := explain.Decide(c.program, i, r)
		got, status := c.engine.AssignOne(encoded, uint32(i))
		if status != assign.OK {
			return fmt.Errorf("request %#v: %w", r, status)
		}
		if d := decode(got); d != normal(i, want) {
			return fmt.Errorf("request %#v:\ncore says %+v\n%s", r, d, explained(c.program, i, r))
		}
		if want.Variant != model.None {
			all = append(all, got...)
		}
	}
	got, status := c.engine.AssignAll(encoded)
	if status != assign.OK || string(got) != string(all) {
		return fmt.Errorf("request %#v: all at once gives %x (%w), one by one %x", r, got, status, all)
	}
	return nil
}

func explained(p *model.Program, experiment int, r explain.Request) string {
	var b strings.Builder
	if err := explain.WriteText(&b, []explain.Explanation{explain.Experiment(p, experiment, r)}); err != nil {
		return err.Error()
	}
	return b.String()
}

type record struct {
	experiment uint32
	variant    int
	reason     abi.Reason
	rule       int
}

func decode(b []byte) record {
	r := record{
		experiment: binary.LittleEndian.Uint32(b),
		variant:    int(binary.LittleEndian.Uint16(b[4:])),
		reason:     abi.Reason(b[6]),
		rule:       int(b[7]),
	}
	if r.variant == abi.NoVariant {
		r.variant = model.None
	}
	return r
}

// normal is the record for an explanation's decision, which names no rule where none
// decided.
func normal(experiment int, d explain.Decision) record {
	return record{uint32(experiment), d.Variant, d.Reason, max(d.Rule, 0)}
}
