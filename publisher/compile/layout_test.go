package compile

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// some returns the program with some of its experiments, which require nothing, and of
// which nothing else is known.
func some(rng *rand.Rand, p *model.Program) *model.Program {
	q := *p
	q.Experiments, q.Ledger = nil, model.Ledger{}
	for _, e := range p.Experiments {
		if rng.IntN(4) > 0 {
			e.Prerequisites = nil
			q.Experiments = append(q.Experiments, e)
		}
	}
	return &q
}

// TestPayloadsFollowOneAnother publishes programs with other experiments one after the
// other. Each payload decides as one that was laid out anew, and once it is live, its
// program gives the same bytes again.
func TestPayloadsFollowOneAnother(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 9))
		all := progtest.Program(rng)
		var live []byte
		for range 6 {
			p := some(rng, all)
			next, err := PayloadAfter(p, readerOf(t, live))
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if again, err := PayloadAfter(p, readerOf(t, next)); err != nil || !bytes.Equal(again, next) {
				t.Fatalf("seed %d: the program of the live payload gives another one (%v)", seed, err)
			}
			fresh, err := Payload(p)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			decideTheSame(t, seed, rng, p, next, fresh)
			live = next
		}
	}
}

func decideTheSame(t *testing.T, seed uint64, rng *rand.Rand, p *model.Program, a, b []byte) {
	t.Helper()
	engineA, statusA := assign.Load(a)
	engineB, statusB := assign.Load(b)
	if statusA != assign.OK || statusB != assign.OK {
		t.Fatalf("seed %d: %v, %v", seed, statusA, statusB)
	}
	reader, err := payload.NewReader(a)
	if err != nil {
		t.Fatal(err)
	}
	names, err := reader.Names()
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		encoded, err := progtest.Fill(request.New(), progtest.Request(rng, p)).Encode(names)
		if err != nil {
			t.Fatal(err)
		}
		gotA, _ := engineA.AssignAll(encoded)
		recordsA := bytes.Clone(gotA)
		gotB, _ := engineB.AssignAll(encoded)
		if !bytes.Equal(recordsA, gotB) {
			t.Fatalf("seed %d: %x and %x", seed, recordsA, gotB)
		}
	}
}

// TestClausesStay changes two experiments of 1,000 each time. Nearly all clauses stay
// where they are, and the index does not become much dearer however often that happens.
func TestClausesStay(t *testing.T) {
	const n, rounds = 1_000, 120
	all := manyExperiments(n + rounds)
	window := func(from int) *model.Program {
		p := *all
		p.Experiments = all.Experiments[from : from+n]
		return &p
	}
	live, err := Payload(window(0))
	if err != nil {
		t.Fatal(err)
	}
	anew := 0
	for round := 1; round <= rounds; round++ { // the first goes, and one comes
		before := layoutOf(readerOf(t, live))
		if live, err = PayloadAfter(window(round), readerOf(t, live)); err != nil {
			t.Fatal(err)
		}
		moved := 0
		for place, s := range layoutOf(readerOf(t, live)) {
			if place < len(before) && before[place] != s {
				moved++
			}
		}
		if moved > 20 {
			anew++
		}
	}
	if anew > rounds/20 {
		t.Errorf("%d of %d payloads were laid out anew", anew, rounds)
	}
	like, err := buildIndex(window(rounds), layoutOf(readerOf(t, live)))
	if err != nil {
		t.Fatal(err)
	}
	tidy, err := buildIndex(window(rounds), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, best := countWords(like.clauses), countWords(tidy.clauses); got > best+best/maxUntidy {
		t.Errorf("deciding reads %d words, %d if laid out anew", got, best)
	}
}
