package attack_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/sortition-dev/sortition/edge/host"
)

// suite is a world and what is done to it.
type suite struct {
	world *world
	rows  []row
}

func suites(t testing.TB) []suite {
	return []suite{
		{oneKey(t), slices.Concat(replayRows(), envelopeRows(), signatureRows(), manifestRows(), payloadRows(), coreRows(), rotationRows(), rootRows(), secondRootRows(), travelRows())},
		{quorum(t), slices.Concat(signatureRows(), quorumRows(), rootRows(), quorumRootRows())},
		{twoApplications(t), applicationRows()},
	}
}

// TestAttacks runs every row against a real host: with the bundle before at hand, after
// a restart, and, once an honest publisher publishes again, to the end of the attack.
func TestAttacks(t *testing.T) {
	for _, s := range suites(t) {
		t.Run(s.world.name, func(t *testing.T) {
			for _, r := range s.rows {
				t.Run(r.attack, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { r.run(t, s.world) })
				})
			}
		})
	}
}

func (r *row) run(t *testing.T, w *world) {
	at(r.clock())
	before := w.before
	if r.cold {
		before = w.history[0]
	}
	bucket := memoryOf(t, before)
	f := followAs(t, bucket, w.root, w.application)
	defer func() { f.stop() }()
	if !r.cold {
		f.serves(atHand)
		f.rejected("")
	}
	attacked := r.attacked(t, w)
	lay(t, bucket, attacked)
	f.look()
	r.holds(t, f)
	f.rejected(r.reason)

	f.restart()
	f.look()
	if r.over {
		f.serves(0)
	} else {
		r.holds(t, f)
	}

	if !r.lasting {
		lay(t, bucket, attacked.over(w.history[afterward]))
		f.look()
		f.serves(afterward)
	}
}

// holds checks that the host serves what it must.
func (r *row) holds(t *testing.T, f *follower) {
	t.Helper()
	want := r.wanted()
	if want == nil {
		f.serves(0)
		return
	}
	if s := f.Snapshot(); s.Epoch != want.Epoch || s.Revision != want.Revision || s.Stale != r.stale {
		t.Fatalf("epoch %d, revision %d (stale %t) is active, want %+v (stale %t); last error: %s",
			s.Epoch, s.Revision, s.Stale, want, r.stale, f.Status().LastError)
	}
	f.decides(programAt(want.Revision), want.Revision)
	if d, err := f.Decide(fill(new(host.Request), visitor(0)), button); err != nil || d.Stale() != r.stale {
		t.Errorf("decision %+v, %v; want stale %t", d, err, r.stale)
	}
}

// TestNamesOfAttacksDiffer: each is referred to by its name.
func TestNamesOfAttacksDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range suites(t) {
		for _, r := range s.rows {
			name := s.world.name + ": " + r.attack
			if seen[name] || strings.TrimSpace(r.attack) != r.attack {
				t.Errorf("%q stands twice, or has space around it", name)
			}
			seen[name] = true
		}
	}
}
