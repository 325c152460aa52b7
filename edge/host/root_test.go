package host

import (
	"context"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

// putRoot puts the root after p.root into the bucket, with the same keys.
func (p *publisher) putRoot(expires time.Time) {
	p.t.Helper()
	holders := p.root.Holders(p.root.Roles.Root)
	next := p.root.Next(time.Now(), expires, holders, holders)
	envelope, err := bundle.SignRoot(next, p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.store.Create(context.Background(), bundle.RootName(next.Version), envelope); err != nil {
		p.t.Fatal(err)
	}
}

// Decisions are stale after the root has expired. After the next root they are not, with the same
// revision and the same instances.
func TestRootsRenewFreshness(t *testing.T) {
	p := newPublisher(t)
	p.publish(testPayload(t, 1))
	holders := p.root.Holders(p.root.Roles.Root)
	expired := bundle.NewRoot(1, 1, time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour), holders, holders)
	envelope, err := bundle.SignRoot(expired, p.key)
	if err != nil {
		t.Fatal(err)
	}
	if p.root, err = bundle.ParseRoot(envelope); err != nil {
		t.Fatal(err)
	}
	h := p.open(Options{Poll: 24 * time.Hour})
	if d, err := h.Decide(british("user-1"), "button"); err != nil || !d.Stale() || d.Revision() != 1 {
		t.Fatalf("under the expired root: %+v, %v", d, err)
	}
	instances := h.current.Load().pool

	p.putRoot(time.Now().Add(24 * time.Hour))
	for range 20 { // one of them walks
		h.Refresh(context.Background())
	}
	if d, err := h.Decide(british("user-1"), "button"); err != nil || d.Stale() || d.Revision() != 1 {
		t.Errorf("under the next root: %+v, %v", d, err)
	}
	if s := h.Snapshot(); s.Stale || !s.Expires.After(time.Now()) {
		t.Errorf("snapshot %+v", s)
	}
	if h.current.Load().pool != instances {
		t.Error("the instances were made anew")
	}
}
