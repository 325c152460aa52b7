package publish

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/revision"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newPublication publishes to the store with a key made of the seed. Each call of its
// Build adds a flag to what is live.
func newPublication(t testing.TB, s store.Store, seed byte) *Publication {
	t.Helper()
	key := bundle.KeyFromSeed([32]byte{seed})
	holders := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{key.Public()}}
	envelope, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.Add(time.Hour), holders, holders), key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := bundle.ParseRoot(envelope)
	if err != nil {
		t.Fatal(err)
	}
	return &Publication{
		Store: s, Root: root, RootEnvelope: envelope, Signers: []bundle.Signer{key}, Environment: "test",
		Author: "tester", Message: "test", Validity: time.Hour, Now: func() time.Time { return now }, Build: oneMore,
	}
}

func oneMore(live *revision.Revision) (*Built, error) { return flags(int(live.Number()) + 1) }

// with is a Build that says more of what another one makes.
func with(build Build, change func(*Built)) Build {
	return func(live *revision.Revision) (*Built, error) {
		b, err := build(live)
		if err == nil {
			change(b)
		}
		return b, err
	}
}

// declared is a Build with a declaration.
func declared(build Build, declaration []byte) Build {
	return with(build, func(b *Built) { b.Declaration = declaration })
}

// flags makes a payload of n flags.
func flags(n int) (*Built, error) {
	p := &model.Program{Units: []string{"user"}}
	for i := range n {
		p.Experiments = append(p.Experiments, model.Experiment{
			Key: fmt.Sprintf("flag-%04d", i), Kind: model.KindFlag, Salt: "s", Layer: model.None, Phase: 1,
			Variants: []model.Variant{{Key: "on", Name: "on", Config: "true"}},
		})
	}
	raw, err := compile.Payload(p)
	return &Built{Payload: raw}, err
}

// mustLive is the live revision, which must have one flag for each revision.
func mustLive(t *testing.T, p *Publication, want uint64) {
	t.Helper()
	live, err := revision.Live(context.Background(), p.Store, bundle.NewChain(p.Root), p.Environment)
	if err != nil {
		t.Fatal(err)
	}
	if live.Number() != want {
		t.Fatalf("revision %d is live, want %d", live.Number(), want)
	}
	if live != nil && len(live.Program.Experiments) != int(want) {
		t.Errorf("revision %d has %d flags: it was not built on the one before", want, len(live.Program.Experiments))
	}
}

func TestPublish(t *testing.T) {
	p := newPublication(t, storetest.NewMemory(), 1)
	mustLive(t, p, 0)
	for revision := range uint64(3) {
		r, err := p.Publish(context.Background())
		if err != nil || !r.Published || r.HintErr != nil || r.Attempts != 1 || r.Manifest.Revision != revision+1 {
			t.Fatalf("%+v, %v", r, err)
		}
		mustLive(t, p, revision+1)
	}
}

func TestNothingChanged(t *testing.T) {
	p := newPublication(t, storetest.NewMemory(), 1)
	p.Build = func(*revision.Revision) (*Built, error) { return flags(1) }
	for i, want := range []bool{true, false, false} {
		if r, err := p.Publish(context.Background()); err != nil || r.Published != want || r.Manifest.Revision != 1 {
			t.Errorf("publication %d: %+v, %v", i, r, err)
		}
	}
	p.Force = true
	if r, err := p.Publish(context.Background()); err != nil || !r.Published || r.Manifest.Revision != 2 {
		t.Errorf("forced: %+v, %v", r, err)
	}
}

// TestRace lets publishers loose on one bucket. Every revision has one winner, and
// builds on the one before.
func TestRace(t *testing.T) {
	const publishers, each = 4, 4
	s := storetest.NewMemory()
	var running sync.WaitGroup
	for i := range publishers {
		p := newPublication(t, s, 1)
		p.Author = fmt.Sprintf("publisher %d", i)
		running.Go(func() {
			for range each {
				for {
					_, err := p.Publish(context.Background())
					if err == nil {
						break
					}
					if !errors.Is(err, ErrRaced) {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	running.Wait()
	mustLive(t, newPublication(t, s, 1), publishers*each)
}

// TestFailures makes one operation on one object fail, before or after it is done.
// The live revision stays whole, and the next publication succeeds.
func TestFailures(t *testing.T) {
	broken := errors.New("broken")
	for _, op := range []struct {
		op   storetest.Op
		name string // prefix
		done []bool // whether the operation is carried out; it is not where there is nothing to do
	}{
		{storetest.OpCreate, "root/", []bool{false}},
		{storetest.OpCreate, "b/", []bool{false, true}},
		{storetest.OpCreate, "m/", []bool{false, true}},
		{storetest.OpPut, "latest.json", []bool{false, true}},
		{storetest.OpGet, "latest.json", []bool{false, true}},
		{storetest.OpGet, "m/", []bool{false}},
		{storetest.OpGet, "b/", []bool{false, true}},
	} {
		for _, persisted := range op.done {
			t.Run(fmt.Sprintf("%s %s persisted=%v", op.op, op.name, persisted), func(t *testing.T) {
				s := storetest.NewMemory()
				p := newPublication(t, s, 1)
				if _, err := p.Publish(context.Background()); err != nil {
					t.Fatal(err)
				}
				failing, failures := true, 0
				fail := func(_ context.Context, o storetest.Op, name string) error {
					if failing && o == op.op && strings.HasPrefix(name, op.name) {
						failures++
						return broken
					}
					return nil
				}
				if persisted {
					s.After = fail
				} else {
					s.Before = fail
				}
				r, err := p.Publish(context.Background())
				failing = false
				published := uint64(1)
				if err == nil {
					published = r.Manifest.Revision
				}
				if op.name == "m/" && op.op == storetest.OpCreate && persisted && err != nil {
					t.Errorf("a commit that was carried out is reported as failed: %v", err)
				}
				if op.op == storetest.OpPut && (err != nil || r.HintErr == nil) {
					t.Errorf("hint lost: %+v, %v; want a published revision and the hint's error", r, err)
				}
				mustLive(t, p, published)
				if _, err := p.Publish(context.Background()); err != nil {
					t.Fatalf("the next publication: %v", err)
				}
				mustLive(t, p, published+1)
				if failures == 0 {
					t.Error("nothing failed: the case tests nothing")
				}
			})
		}
	}
}

// TestHintMayBeWrong puts other things in the place of the hint.
func TestHintMayBeWrong(t *testing.T) {
	s := storetest.NewMemory()
	p := publishedTo(t, s, 12)
	read := func(name string) []byte {
		o, err := s.Get(t.Context(), name, "", bundle.MaxEnvelopeSize)
		if err != nil {
			t.Fatal(err)
		}
		return o.Data
	}
	for name, hint := range map[string][]byte{
		"old":         read(bundle.ManifestName(1, 2)),
		"right":       read(bundle.ManifestName(1, 12)),
		"empty":       {},
		"not signed":  []byte("{}"),
		"of a root":   read(bundle.RootName(1)),
		"one earlier": read(bundle.ManifestName(1, 11)),
	} {
		t.Run(name, func(t *testing.T) {
			if err := s.Put(t.Context(), bundle.LatestName, hint); err != nil {
				t.Fatal(err)
			}
			mustLive(t, p, 12)
		})
	}
	if err := s.Delete(t.Context(), bundle.LatestName); err != nil {
		t.Fatal(err)
	}
	mustLive(t, p, 12)
	if r, err := p.Publish(t.Context()); err != nil || r.HintErr != nil {
		t.Fatalf("%+v, %v", r, err)
	}
	mustLive(t, p, 13)
}

func TestOtherKeysAreRefused(t *testing.T) {
	s := storetest.NewMemory()
	if _, err := newPublication(t, s, 1).Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := newPublication(t, s, 2).Publish(context.Background()); err == nil || !strings.Contains(err.Error(), "other keys") {
		t.Errorf("another root: %v", err)
	}
	p := newPublication(t, s, 1)
	p.Signers = []bundle.Signer{bundle.KeyFromSeed([32]byte{3})}
	if _, err := p.Publish(context.Background()); !errors.Is(err, bundle.ErrSignature) {
		t.Errorf("a key that the root does not name: %v", err)
	}
	mustLive(t, p, 1)
}
