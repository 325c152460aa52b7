package publish

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// rotate puts the root into the bucket that follows that of p, with one other key, and
// returns a publication with that key. It still begins with the root of p.
func rotate(t *testing.T, p *Publication, seed byte, change func(*bundle.Root)) *Publication {
	t.Helper()
	key := bundle.KeyFromSeed([32]byte{seed})
	holders := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{key.Public()}}
	chain, err := bundle.FindChain(t.Context(), p.Store, p.Root)
	if err != nil {
		t.Fatal(err)
	}
	next := chain.Root().Next(now, now.Add(time.Hour), holders, holders)
	change(&next)
	envelope, err := bundle.SignRoot(next, p.Signers[0], key)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Store.Create(t.Context(), bundle.RootName(next.Version), envelope); err != nil {
		t.Fatal(err)
	}
	rotated := *p
	rotated.Signers = []bundle.Signer{key}
	return &rotated
}

func mustFindChain(t *testing.T, p *Publication) *bundle.Chain {
	t.Helper()
	chain, err := bundle.FindChain(t.Context(), p.Store, p.Root)
	if err != nil {
		t.Fatal(err)
	}
	return chain
}

// TestStolenKey recovers from a thief who published, far ahead too.
func TestStolenKey(t *testing.T) {
	s := storetest.NewMemory()
	p := publishedTo(t, s, 3)
	thief := *p
	thief.Author, thief.Build = "mallory", func(*revision.Revision) (*Built, error) { return flags(66) }
	if _, err := thief.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	stolen, err := revision.Live(t.Context(), s, mustFindChain(t, p), p.Environment)
	if err != nil || stolen.Number() != 4 {
		t.Fatalf("%+v, %v", stolen, err)
	}
	owner := rotate(t, p, 2, func(r *bundle.Root) { r.Epoch, r.Base = 2, 3 })

	// The last revision that counts is live until there is one of the new epoch.
	chain := mustFindChain(t, p)
	live, err := revision.Live(t.Context(), s, chain, p.Environment)
	if err != nil || live.Manifest.Name() != "m/1/3.json" || len(live.Program.Experiments) != 3 {
		t.Fatalf("%+v, %v", live, err)
	}
	if _, err := thief.Publish(t.Context()); !errors.Is(err, bundle.ErrSignature) && !errors.Is(err, bundle.ErrEpoch) {
		t.Errorf("the thief goes on: %v", err)
	}
	seen := audit.HeadOf(stolen.Manifest)
	owner.Seen = &seen // the thief's: it does not keep the owner from going on
	for revision := uint64(4); revision <= 5; revision++ {
		r, err := owner.Publish(t.Context())
		if err != nil || r.Manifest.Name() != bundle.ManifestName(2, revision) || r.HintErr != nil {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	live, err = revision.Live(t.Context(), s, chain, p.Environment)
	if err != nil || live.Manifest.Name() != "m/2/5.json" || len(live.Program.Experiments) != 5 {
		t.Errorf("%+v, %v", live, err)
	}
	report, err := audit.Verify(t.Context(), s, chain, p.Environment, seen)
	if err != nil || len(report.Problems) != 0 || report.Entries != 5 || len(report.Revoked) != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	entry, err := audit.ReadEntry(t.Context(), s, live.Manifest)
	if err != nil || entry.Leaf.Root != audit.RefOf(chain.Root()) || entry.Leaf.Root.Version != 2 {
		t.Errorf("%+v, %v", entry, err)
	}
}

// TestRotatedKey publishes the same payload once more if hosts would refuse its old
// signature, and says when the old key does not count.
func TestRotatedKey(t *testing.T) {
	s := storetest.NewMemory()
	p := newPublication(t, s, 1)
	p.Build = func(*revision.Revision) (*Built, error) { return flags(1) }
	if _, err := p.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	rotated := rotate(t, p, 2, func(*bundle.Root) {})
	p.Force = true
	if _, err := p.Publish(t.Context()); !errors.Is(err, bundle.ErrSignature) || !strings.Contains(err.Error(), "would not accept these keys") {
		t.Errorf("the old key: %v", err)
	}
	for i, published := range []bool{true, false} {
		if r, err := rotated.Publish(t.Context()); err != nil || r.Published != published || r.Manifest.Revision != 2 {
			t.Errorf("publication %d: %+v, %v", i, r, err)
		}
	}
	report, err := audit.Verify(t.Context(), s, mustFindChain(t, p), p.Environment)
	if err != nil || len(report.Problems) != 0 || report.Entries != 2 {
		t.Errorf("%+v, %v", report, err)
	}
}

// A root that the bucket cannot be followed to, or that continues what is not there, is
// not published to.
func TestIncompleteBucket(t *testing.T) {
	full := publishedTo(t, storetest.NewMemory(), 2)
	owner := rotate(t, full, 2, func(r *bundle.Root) { r.Epoch, r.Base = 2, 2 })
	o, err := full.Store.Get(t.Context(), bundle.RootName(2), "", bundle.MaxEnvelopeSize)
	if err != nil {
		t.Fatal(err)
	}
	moved := *owner
	moved.Store, moved.RootEnvelope = storetest.NewMemory(), o.Data
	if moved.Root, err = bundle.ParseRoot(o.Data); err != nil {
		t.Fatal(err)
	}
	if _, err := moved.Publish(t.Context()); err == nil || !strings.Contains(err.Error(), "the bucket has no root/1.json") {
		t.Errorf("without root 1: %v", err)
	}
	if err := moved.Store.Create(t.Context(), bundle.RootName(1), full.RootEnvelope); err != nil {
		t.Fatal(err)
	}
	if _, err := moved.Publish(t.Context()); err == nil || !strings.Contains(err.Error(), "m/1/2.json is missing") {
		t.Errorf("without the revision that it continues: %v", err)
	}
}
