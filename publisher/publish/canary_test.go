package publish

import (
	"bytes"
	"errors"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// do publishes as an action. It returns what is live then.
func do(t *testing.T, p *Publication, action audit.Action, build Build) *revision.Revision {
	t.Helper()
	c := *p
	c.Action, c.Build, c.Force = action, build, action != audit.StartCanary
	c.Canary = &bundle.Canary{Share: 500}
	r, err := c.Publish(t.Context())
	if err != nil || !r.Published {
		t.Fatalf("%s: %+v, %v", action, r, err)
	}
	live, err := revision.Live(t.Context(), p.Store, mustFindChain(t, p), p.Environment)
	if err != nil || live.Number() != r.Manifest.Revision {
		t.Fatalf("%s: %+v, %v", action, live, err)
	}
	return live
}

// mustOffer checks that a canary is under way.
func mustOffer(t *testing.T, l *revision.Revision, stable uint64, salt string) {
	t.Helper()
	c := l.Manifest.Canary
	if c == nil || c.Stable != stable || c.Salt != salt || c.Share != 500 || l.Settled().Number() != stable {
		t.Fatalf("revision %d: canary %+v", l.Number(), c)
	}
}

func TestCanary(t *testing.T) {
	p := publishedTo(t, storetest.NewMemory(), 2)
	stable, err := revision.Live(t.Context(), p.Store, mustFindChain(t, p), p.Environment)
	if err != nil || stable.Settled() != stable {
		t.Fatalf("%+v, %v", stable, err)
	}

	// Started, renewed, and promoted: hosts in the canary keep what they have.
	offered := do(t, p, audit.StartCanary, oneMore)
	mustOffer(t, offered, 2, "canary-1-3")
	renewed := do(t, p, audit.Heartbeat, Renew(0, p.Now))
	mustOffer(t, renewed, 2, "canary-1-3")
	for _, action := range []audit.Action{audit.Publish, audit.StartCanary} {
		other := *p
		other.Action, other.Canary = action, &bundle.Canary{Share: 1}
		if _, err := other.Publish(t.Context()); !errors.Is(err, ErrCanary) {
			t.Errorf("%s during a canary: %v", action, err)
		}
	}
	promoted := do(t, p, audit.PromoteCanary, PromoteCanary)
	if promoted.Stable != nil || promoted.Manifest.Canary != nil || !bytes.Equal(promoted.Payload, offered.Payload) {
		t.Errorf("promoted %+v", promoted.Manifest)
	}

	// Started again, and aborted.
	mustOffer(t, do(t, p, audit.StartCanary, oneMore), 5, "canary-1-6")
	aborted := do(t, p, audit.AbortCanary, AbortCanary)
	if aborted.Stable != nil || aborted.Number() != 7 || !bytes.Equal(aborted.Payload, promoted.Payload) {
		t.Errorf("aborted %+v", aborted.Manifest)
	}

	// A command by which hosts must not be divided ends a canary.
	do(t, p, audit.StartCanary, oneMore)
	killed := do(t, p, audit.Kill, func(live *revision.Revision) (*Built, error) {
		if live.Settled().Number() != 7 {
			t.Errorf("built on revision %d", live.Settled().Number())
		}
		return flags(90)
	})
	if killed.Stable != nil || len(killed.Program.Experiments) != 90 {
		t.Errorf("killed %+v", killed.Manifest)
	}
	mustVerify(t, p, 9)
}

// TestAbandonedCanary: what goes back to the stable revision is made of what that is made
// of, and what the canary was given stays allocated.
func TestAbandonedCanary(t *testing.T) {
	for _, action := range []audit.Action{audit.AbortCanary, audit.Rollback, audit.Kill, audit.UndoKill, audit.PauseRamp, audit.ResumeRamp, audit.JumpRamp} {
		p := newPublication(t, storetest.NewMemory(), 1)
		stable := do(t, p, audit.Publish, declared(oneMore, []byte("the first directory")))
		do(t, p, audit.StartCanary, declared(oneMore, []byte("the second directory")))
		live := do(t, p, action, func(live *revision.Revision) (*Built, error) { return &Built{Payload: live.Settled().Payload}, nil })
		e, err := audit.ReadEntry(t.Context(), p.Store, live.Manifest)
		if err != nil {
			t.Fatal(err)
		}
		if live.Manifest.Canary != nil || !bytes.Equal(live.Payload, stable.Payload) {
			t.Errorf("%s: live %+v", action, live.Manifest)
		}
		if r := e.Leaf; r.Declaration != bundle.HashOf([]byte("the first directory")) || len(r.Withdrawn) != 1 || r.Withdrawn[0] != 2 {
			t.Errorf("%s: %+v", action, r)
		}
	}
}

// TestBeforeIsForEverybody: what only a canary had is not gone back to.
func TestBeforeIsForEverybody(t *testing.T) {
	p := publishedTo(t, storetest.NewMemory(), 2)
	offered := do(t, p, audit.StartCanary, oneMore)
	before, err := revision.Before(t.Context(), p.Store, mustFindChain(t, p), offered)
	if err != nil || before.Number() != 2 {
		t.Fatalf("during the canary: %+v, %v", before, err)
	}
	aborted := do(t, p, audit.AbortCanary, AbortCanary)
	before, err = revision.Before(t.Context(), p.Store, mustFindChain(t, p), aborted)
	if err != nil || before.Number() != 1 {
		t.Errorf("after it: %+v, %v", before, err)
	}
}

func TestCanaryNeedsAStableRevision(t *testing.T) {
	p := newPublication(t, storetest.NewMemory(), 1)
	p.Action, p.Canary = audit.StartCanary, &bundle.Canary{Share: 1}
	if _, err := p.Publish(t.Context()); err == nil {
		t.Error("a first revision was offered to some hosts")
	}
	p = publishedTo(t, storetest.NewMemory(), 1)
	for _, build := range []Build{PromoteCanary, AbortCanary} {
		p.Action, p.Build = audit.PromoteCanary, build
		if _, err := p.Publish(t.Context()); !errors.Is(err, revision.ErrNoCanary) {
			t.Errorf("without a canary: %v", err)
		}
	}
}

// TestCanaryEndsWithItsEpoch: what was offered to some hosts does not become everybody's
// because the keys were changed.
func TestCanaryEndsWithItsEpoch(t *testing.T) {
	p := publishedTo(t, storetest.NewMemory(), 2)
	stable, err := revision.Live(t.Context(), p.Store, mustFindChain(t, p), p.Environment)
	if err != nil {
		t.Fatal(err)
	}
	do(t, p, audit.StartCanary, oneMore)
	owner := rotate(t, p, 2, func(r *bundle.Root) { r.Epoch, r.Base = 2, 3 })
	live := do(t, owner, audit.Root, Renew(0, p.Now))
	if live.Manifest.Canary != nil || live.Manifest.Name() != "m/2/4.json" || !bytes.Equal(live.Payload, stable.Payload) {
		t.Errorf("live %+v", live.Manifest)
	}
}
