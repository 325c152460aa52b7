package publish

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
	"github.com/sortition-dev/sortition/wasm/abi"
)

func TestHeartbeat(t *testing.T) {
	s := storetest.NewMemory()
	p := publishedTo(t, s, 2)
	before, err := revision.Live(t.Context(), s, bundle.NewChain(p.Root), p.Environment)
	if err != nil {
		t.Fatal(err)
	}
	later := now.Add(50 * time.Minute) // of the hour that the revision is fresh
	beat := *p
	beat.Action, beat.Force, beat.Now = audit.Heartbeat, true, func() time.Time { return later }

	for _, c := range []struct {
		within    time.Duration
		published bool
	}{{10 * time.Minute, false}, {11 * time.Minute, true}, {11 * time.Minute, false}, {0, true}} {
		beat.Build = Renew(c.within, beat.Now)
		if r, err := beat.Publish(t.Context()); err != nil || r.Published != c.published {
			t.Errorf("within %v: %+v, %v", c.within, r, err)
		}
	}
	live, err := revision.Live(t.Context(), s, bundle.NewChain(p.Root), p.Environment)
	if err != nil {
		t.Fatal(err)
	}
	m := live.Manifest
	if m.Revision != 4 || !m.Expires.Equal(later.Add(time.Hour)) || m.Core != before.Manifest.Core {
		t.Errorf("revision %d of core %v expires %v", m.Revision, m.Core, m.Expires)
	}
	if !bytes.Equal(live.Payload, before.Payload) || m.Payload.Zstd != before.Manifest.Payload.Zstd || len(m.Payload.Deltas) != len(before.Manifest.Payload.Deltas) {
		t.Errorf("the payload is another: %+v, was %+v", m.Payload, before.Manifest.Payload)
	}
	mustVerify(t, p, 4)
	if e, err := audit.ReadEntry(t.Context(), s, m); err != nil || e.Leaf.Action != audit.Heartbeat {
		t.Errorf("%+v, %v", e, err)
	}

	empty := newPublication(t, storetest.NewMemory(), 1)
	empty.Build = Renew(0, empty.Now)
	if _, err := empty.Publish(t.Context()); !errors.Is(err, ErrNothingLive) {
		t.Errorf("of nothing: %v", err)
	}
}

// The store must refuse to create what exists, or nothing is published to it.
func TestUnconditionalStore(t *testing.T) {
	s := storetest.NewMemory()
	s.Unconditional = true
	if _, err := newPublication(t, s, 1).Publish(t.Context()); !errors.Is(err, ErrUnconditional) {
		t.Fatalf("got %v", err)
	}
	for e, err := range s.List(t.Context(), "") {
		if err != nil || e.Name != bundle.RootName(1) {
			t.Errorf("%s was published, %v", e.Name, err)
		}
	}
	if _, err := newPublication(t, s, 2).Publish(t.Context()); err == nil || !strings.Contains(err.Error(), "other keys") {
		t.Errorf("with other keys: %v", err)
	}
	if o, err := s.Get(t.Context(), bundle.RootName(1), "", 1<<20); err != nil || !bytes.Equal(o.Data, newPublication(t, s, 1).RootEnvelope) {
		t.Errorf("the root was overwritten: %v", err)
	}
}

func TestCoreAndEntryAreThere(t *testing.T) {
	s := storetest.NewMemory()
	p := publishedTo(t, s, 1)
	overrides := []string{"sample ratio of checkout_button"}
	p.Action, p.Build = "promote", with(oneMore, func(b *Built) { b.Overrides = overrides })
	r, err := p.Publish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	core, err := s.Get(t.Context(), bundle.CoreName(r.Manifest.Core.SHA256), "", bundle.MaxCoreSize)
	if err != nil || r.Manifest.Core.Check(core.Data) != nil || r.Manifest.Core.ABI != abi.Version {
		t.Errorf("core: %v", err)
	}
	e, err := audit.ReadEntry(t.Context(), s, r.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Leaf; got.Action != "promote" || got.Actor != "tester" || got.Message != "test" || got.Root != audit.RefOf(p.Root) ||
		!slices.Equal(got.Overrides, overrides) {
		t.Errorf("%+v", got)
	}
	if len(r.Manifest.Payload.Deltas) != 1 {
		t.Errorf("%d deltas", len(r.Manifest.Payload.Deltas))
	}
}

// A publisher that remembers a head does not build on a bucket that went back.
func TestSeen(t *testing.T) {
	s := storetest.NewMemory()
	p := publishedTo(t, s, 3)
	live, err := revision.Live(t.Context(), s, bundle.NewChain(p.Root), p.Environment)
	if err != nil {
		t.Fatal(err)
	}
	head := audit.HeadOf(live.Manifest)
	p.Seen = &head
	for range 2 {
		if _, err := p.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	older := publishedTo(t, storetest.NewMemory(), 2)
	older.Seen = &head
	if _, err := older.Publish(t.Context()); !errors.Is(err, audit.ErrTampered) {
		t.Errorf("cut off: %v", err)
	}
	other := newPublication(t, storetest.NewMemory(), 1)
	other.Author = "mallory"
	for range 3 {
		if _, err := other.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	other.Seen = &head
	if _, err := other.Publish(t.Context()); !errors.Is(err, audit.ErrTampered) {
		t.Errorf("another past: %v", err)
	}
	empty := newPublication(t, storetest.NewMemory(), 1)
	empty.Seen = &head
	if _, err := empty.Publish(t.Context()); !errors.Is(err, audit.ErrTampered) {
		t.Errorf("an empty bucket: %v", err)
	}
}

func TestAuditEntryIsNeeded(t *testing.T) {
	s := storetest.NewMemory()
	p := publishedTo(t, s, 2)
	live, err := revision.Live(t.Context(), s, bundle.NewChain(p.Root), p.Environment)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), bundle.AuditName(live.Manifest.AuditHead.Entry)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Publish(t.Context()); !errors.Is(err, audit.ErrTampered) || !strings.Contains(err.Error(), "restore") {
		t.Errorf("got %v", err)
	}
	mustLive(t, p, 2)
}

// A store may say that an object exists before it shows it. Whose it is decides, not
// that it was not there at once.
func TestExistsButHidden(t *testing.T) {
	for _, c := range []struct {
		name     string
		mine     bool // the object is of this publisher: only the answer was lost
		hidden   int  // how often it cannot be read
		revision uint64
		fails    bool
	}{
		{"mine", true, 3, 2, false},
		{"another's", false, 3, 3, false},
		{"for ever", false, 1000, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := storetest.NewMemory()
			p := publishedTo(t, s, 1)
			name, hidden, tried := bundle.ManifestName(1, 2), 0, false
			if !c.mine {
				other := publishedTo(t, storetest.NewMemory(), 1)
				other.Store, other.Author = s, "another"
				p.Build = func(live *revision.Revision) (*Built, error) {
					if live.Number() == 1 {
						if _, err := other.Publish(t.Context()); err != nil {
							t.Fatal(err)
						}
						tried = true
					}
					return oneMore(live)
				}
			}
			s.After = func(_ context.Context, op storetest.Op, object string) error {
				if c.mine && op == storetest.OpCreate && object == name {
					tried = true
					return store.ErrExists
				}
				return nil
			}
			s.Before = func(_ context.Context, op storetest.Op, object string) error {
				if tried && op == storetest.OpGet && object == name && hidden < c.hidden {
					hidden++
					return bundle.ErrNotFound
				}
				return nil
			}
			r, err := p.Publish(t.Context())
			s.Before, s.After = nil, nil
			if c.fails {
				if err == nil || !strings.Contains(err.Error(), "cannot be read") {
					t.Errorf("got %+v, %v", r, err)
				}
				return
			}
			if err != nil || r.Manifest.Revision != c.revision {
				t.Fatalf("%+v, %v; want revision %d", r, err, c.revision)
			}
			mustLive(t, p, c.revision)
			mustVerify(t, p, c.revision)
		})
	}
}
