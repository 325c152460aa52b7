package publish

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
)

// TestKilled kills a publisher at every operation on the store, before and after it is
// carried out. Each time the bucket is whole: what was live is live, or what was to be;
// the audit log agrees; and the next publisher goes on.
func TestKilled(t *testing.T) {
	for _, published := range []uint64{0, 2} {
		total := operations(t, published)
		for at := range total {
			for _, carriedOut := range []bool{false, true} {
				t.Run(fmt.Sprintf("revision %d, operation %d of %d, carried out: %t", published+1, at+1, total, carriedOut), func(t *testing.T) {
					killAt(t, published, at, carriedOut)
				})
			}
		}
	}
}

// operations counts those of the publication after as many others.
func operations(t *testing.T, published uint64) int {
	s := storetest.NewMemory()
	p := publishedTo(t, s, published)
	n := 0
	s.Before = func(context.Context, storetest.Op, string) error { n++; return nil }
	if _, err := p.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n
}

func publishedTo(t *testing.T, s *storetest.Memory, revisions uint64) *Publication {
	t.Helper()
	p := newPublication(t, s, 1)
	for range revisions {
		if _, err := p.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func killAt(t *testing.T, published uint64, at int, carriedOut bool) {
	s := storetest.NewMemory()
	p := publishedTo(t, s, published)
	killed := errors.New("killed")
	n, committed := 0, false
	s.Before = func(context.Context, storetest.Op, string) error {
		if n++; n > at+1 || n == at+1 && !carriedOut {
			return killed
		}
		return nil
	}
	s.After = func(_ context.Context, op storetest.Op, name string) error {
		committed = committed || op == storetest.OpCreate && name == bundle.ManifestName(1, published+1)
		if n > at {
			return killed
		}
		return nil
	}
	r, err := p.Publish(t.Context())
	s.Before, s.After = nil, nil
	if n <= at {
		t.Fatal("nobody was killed: the case tests nothing")
	}
	if err == nil && (!r.Published || !committed) {
		t.Errorf("a publication is reported that was not committed: %+v", r)
	}
	now := published
	if committed {
		now++
	}
	mustLive(t, p, now)
	mustVerify(t, p, now)
	if _, err := p.Publish(t.Context()); err != nil {
		t.Fatalf("the next publication: %v", err)
	}
	mustLive(t, p, now+1)
	mustVerify(t, p, now+1)
}

// mustVerify checks the whole audit log.
func mustVerify(t *testing.T, p *Publication, entries uint64) {
	t.Helper()
	r, err := audit.Verify(t.Context(), p.Store, bundle.NewChain(p.Root), p.Environment)
	if err != nil || len(r.Problems) != 0 || r.Entries != entries {
		t.Errorf("the audit log has %d entries, want %d; %v, %v", r.Entries, entries, r.Problems, err)
	}
}
