package compile

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// TestWorkIsBounded decides random requests and counts what the core does: never more
// than the publisher computed.
func TestWorkIsBounded(t *testing.T) {
	var most assign.Work
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 4))
		p := progtest.Program(rng)
		payload, err := Payload(p)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := readerOf(t, payload).Work()
		if err != nil {
			t.Fatal(err)
		}
		engine, status := assign.Load(payload)
		if status != assign.OK {
			t.Fatal(status)
		}
		built := request.New()
		for range 50 {
			encoded, err := progtest.Fill(built, progtest.Request(rng, p)).Encode(progtest.Names(p))
			if err != nil {
				t.Fatal(err)
			}
			if _, status := engine.AssignAll(encoded); status != assign.OK {
				t.Fatal(status)
			}
			w := engine.Work()
			// What is required is decided once more than it is visited.
			if w.Words > bound.Words || w.Tests > bound.Tests || w.Decisions > 2*bound.Decisions {
				t.Fatalf("seed %d: work %+v is over the bound %+v", seed, w, bound)
			}
			most = assign.Work{Words: max(most.Words, w.Words), Tests: max(most.Tests, w.Tests), Decisions: max(most.Decisions, w.Decisions)}
		}
	}
	if most.Words == 0 || most.Tests == 0 || most.Decisions == 0 {
		t.Errorf("the most work was %+v: the test tests nothing", most)
	}
}

// TestTooMuchWork puts more text into residual tests than a request may have to bear.
func TestTooMuchWork(t *testing.T) {
	p := &model.Program{Units: []string{"user"}, Attributes: []model.Attribute{{Name: "path", Type: model.String}}}
	and := &model.Expr{Op: model.OpAnd}
	for i := range 20 {
		and.Args = append(and.Args, &model.Expr{Op: model.OpContains, Attr: 0, Strings: []string{fmt.Sprintf("%d%s", i, strings.Repeat("x", 1000))}})
	}
	p.Exclusions = []model.Exclusion{{Kind: model.ExcludeBot, Audience: and}}
	if _, err := Payload(p); !errors.Is(err, ErrTooMuchWork) {
		t.Errorf("%v, want %v", err, ErrTooMuchWork)
	}
}
