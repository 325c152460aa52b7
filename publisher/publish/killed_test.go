package publish

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// step is a publication by an action.
type step struct {
	action audit.Action
	build  Build
}

// killings are publications that are killed, each after others.
var killings = []struct {
	name   string
	before []step
	step
}{
	{"the first", nil, step{audit.Publish, oneMore}},
	{"another", []step{{audit.Publish, oneMore}, {audit.Publish, oneMore}}, step{audit.Publish, oneMore}},
	{"a rollback", []step{{audit.Publish, oneMore}, {audit.Publish, oneMore}}, step{audit.Rollback, goBack}},
	{"a kill", []step{{audit.Publish, oneMore}}, step{audit.Kill, kill}},
	{"a ramp", []step{{audit.Publish, oneMore}}, step{audit.JumpRamp, oneMore}},
	{"a heartbeat", []step{{audit.Publish, oneMore}}, step{audit.Heartbeat, Renew(0, func() time.Time { return now })}},
	{"the start of a canary", []step{{audit.Publish, oneMore}}, step{audit.StartCanary, oneMore}},
	{"a promotion", []step{{audit.Publish, oneMore}, {audit.StartCanary, oneMore}}, step{audit.PromoteCanary, PromoteCanary}},
	{"an abort", []step{{audit.Publish, oneMore}, {audit.StartCanary, oneMore}}, step{audit.AbortCanary, AbortCanary}},
	{"what another environment has", []step{{audit.Publish, oneMore}}, step{audit.Promote, oneMore}},
	{"a rollback of a canary", []step{{audit.Publish, oneMore}, {audit.StartCanary, oneMore}}, step{audit.Rollback, goBack}},
	{"a kill in a canary", []step{{audit.Publish, oneMore}, {audit.StartCanary, oneMore}}, step{audit.Kill, kill}},
}

// goBack takes the payload of the first revision.
func goBack(*revision.Revision) (*Built, error) { return flags(1) }

func kill(live *revision.Revision) (*Built, error) {
	raw, _, err := compile.Patch(live.Settled().Payload, compile.Kill("flag-0000", now))
	return &Built{Payload: raw}, err
}

// on is a publication of the step to a store.
func (s step) on(t *testing.T, m *storetest.Memory) *Publication {
	p := newPublication(t, m, 1)
	p.Action, p.Build, p.Force, p.Canary = s.action, s.build, s.action != audit.StartCanary, &bundle.Canary{Share: 500}
	return p
}

// TestKilled kills publishers at every operation on the store, before and after it is
// carried out. Each time the bucket is whole: what was live is live, or what was to be;
// the audit log agrees; and the next publisher goes on.
func TestKilled(t *testing.T) {
	for _, k := range killings {
		given := storetest.NewMemory()
		for _, step := range k.before {
			mustPublish(t, step.on(t, given))
		}
		before, total := mustFindLive(t, given), 0
		s := given.Clone()
		s.Before = func(context.Context, storetest.Op, string) error { total++; return nil }
		want := mustPublish(t, k.on(t, s))
		for at := range total {
			for _, carriedOut := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, operation %d of %d, carried out: %t", k.name, at+1, total, carriedOut), func(t *testing.T) {
					s := given.Clone()
					p := k.on(t, s)
					if killAt(t, p, at, carriedOut, want.Revision) {
						mustHave(t, s, want)
						p = step{audit.Heartbeat, Renew(0, p.Now)}.on(t, s)
					} else {
						mustHave(t, s, manifestOf(before))
					}
					mustHave(t, s, mustPublish(t, p))
				})
			}
		}
	}
}

// killAt publishes until the operation that kills, and tells whether the revision was
// committed.
func killAt(t *testing.T, p *Publication, at int, carriedOut bool, revision uint64) (committed bool) {
	s := p.Store.(*storetest.Memory)
	killed := errors.New("killed")
	n := 0
	s.Before = func(context.Context, storetest.Op, string) error {
		if n++; n > at+1 || n == at+1 && !carriedOut {
			return killed
		}
		return nil
	}
	s.After = func(_ context.Context, op storetest.Op, name string) error {
		committed = committed || op == storetest.OpCreate && name == bundle.ManifestName(1, revision)
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
	return committed
}

func mustPublish(t *testing.T, p *Publication) *bundle.Manifest {
	t.Helper()
	r, err := p.Publish(t.Context())
	if err != nil || !r.Published {
		t.Fatalf("%s: %+v, %v", p.Action, r, err)
	}
	return r.Manifest
}

func mustFindLive(t *testing.T, s *storetest.Memory) *revision.Revision {
	t.Helper()
	p := newPublication(t, s, 1)
	live, err := revision.Live(t.Context(), s, bundle.NewChain(p.Root), p.Environment)
	if err != nil {
		t.Fatal(err)
	}
	return live
}

func manifestOf(r *revision.Revision) *bundle.Manifest {
	if r == nil {
		return nil
	}
	return r.Manifest
}

// mustHave checks that a manifest is live, whole, and in the audit log.
func mustHave(t *testing.T, s *storetest.Memory, want *bundle.Manifest) {
	t.Helper()
	switch live := mustFindLive(t, s); {
	case want == nil && live == nil:
	case want == nil || live == nil || !live.Manifest.Equal(want):
		t.Errorf("live is %+v, want %+v", manifestOf(live), want)
	default:
		mustVerify(t, newPublication(t, s, 1), want.Revision)
	}
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

// mustVerify checks the whole audit log.
func mustVerify(t *testing.T, p *Publication, entries uint64) {
	t.Helper()
	r, err := audit.Verify(t.Context(), p.Store, bundle.NewChain(p.Root), p.Environment)
	if err != nil || len(r.Problems) != 0 || r.Entries != entries {
		t.Errorf("the audit log has %d entries, want %d; %v, %v", r.Entries, entries, r.Problems, err)
	}
}
