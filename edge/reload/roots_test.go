package reload

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

// newKey is the publisher's key after publisherKey was replaced.
var newKey = bundle.KeyFromSeed([32]byte{3})

// rotate puts the root after before into the bucket, and returns it. It trusts newKey.
func (w *world) rotate(before *bundle.Root, change func(*bundle.Root)) *bundle.Root {
	w.t.Helper()
	holder := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{newKey.Public()}}
	next := before.Next(day, day.Add(52*week), before.Holders(before.Roles.Root), holder)
	change(&next)
	return w.putRoot(next)
}

func (w *world) putRoot(r bundle.Root) *bundle.Root {
	w.t.Helper()
	envelope, err := bundle.SignRoot(r, publisherKey)
	if err != nil {
		w.t.Fatal(err)
	}
	w.put(bundle.RootName(r.Version), envelope)
	root, err := bundle.ParseRoot(envelope)
	if err != nil {
		w.t.Fatal(err)
	}
	return root
}

// epochTwo begins an epoch after revision base.
func epochTwo(base uint64) func(*bundle.Root) {
	return func(r *bundle.Root) { r.Epoch, r.Base = 2, base }
}

func sameEpoch(*bundle.Root) {}

// publishIn publishes a revision of an epoch with a key.
func (w *world) publishIn(epoch, revision uint64, key *bundle.PrivateKey) {
	w.t.Helper()
	m := manifest(revision)
	m.Epoch = epoch
	s := seal(w.t, m, key)
	w.upload(s)
	w.put(bundle.LatestName, s.Envelope)
}

func (w *world) trusts(version uint64) {
	w.t.Helper()
	if got := w.Status().RootVersion; got != version {
		w.t.Fatalf("root %d is trusted, want %d; last error: %s", got, version, w.Status().LastError)
	}
}

func hideRoots(name string) error {
	if strings.HasPrefix(name, "root/") {
		return bundle.ErrNotFound
	}
	return nil
}

// An attacker with a stolen key publishes a very high revision. A root of the next epoch makes it
// obsolete, for running hosts and for new ones.
func TestRecoveryFromAStolenKey(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.publish(2)
	w.look()
	w.publishIn(1, 1_000_000, publisherKey)
	w.look()
	w.serves(1_000_000)

	w.rotate(w.root, epochTwo(2))
	w.publishIn(2, 3, newKey)
	w.look()
	w.serves(3)
	w.trusts(2)

	w.publishIn(1, 1_000_001, publisherKey)
	w.look()
	w.serves(3)
	w.rejected(map[Reason]uint64{ReasonEpoch: 1})
	w.publishIn(2, 4, publisherKey)
	w.look()
	w.serves(3)
	w.rejected(map[Reason]uint64{ReasonEpoch: 1, ReasonSignature: 2}) // as the hint and by its name

	// With the new root hidden and the old revisions back, a restart changes nothing.
	w.put(bundle.LatestName, w.get(bundle.ManifestName(1, 1_000_000)))
	w.broken = hideRoots
	w.restart()
	w.serves(3)
	w.trusts(2)
	w.broken = down
	w.restart()
	w.serves(3)
	w.trusts(2)
	w.broken = nil

	// A host without a memory, given the first root, finds its way.
	w.state = t.TempDir()
	w.restart()
	w.serves(3)
	w.trusts(2)
}

func TestAnEpochEndsOnceTheNextHasARevision(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.rotate(w.root, epochTwo(1))
	w.lookOften()
	w.trusts(2)
	w.serves(1) // still: it is the last good one
	w.publish(2)
	w.look()
	w.serves(1)
	w.rejected(map[Reason]uint64{ReasonEpoch: 1})

	// After a restart it is not used: its keys may be stolen.
	w.restart()
	w.serves(0)
	if got := w.Status().Rejected[ReasonEpoch]; got == 0 {
		t.Errorf("not counted: %v", w.Status().Rejected)
	}
	w.publishIn(2, 2, newKey)
	w.look()
	w.serves(2)
}

// The first poll reads the newest root before the host uses the bundle on disk.
func TestStartFindsThatTheEpochHasEnded(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.rotate(w.root, epochTwo(1))
	w.restart()
	w.serves(0)
	w.rejected(map[Reason]uint64{ReasonEpoch: 1})

	w.publishIn(2, 2, newKey)
	w.look()
	w.serves(2)
}

func TestKeysReplacedWithinAnEpoch(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.rotate(w.root, sameEpoch)
	w.lookOften()
	w.trusts(2)
	w.broken = down
	w.restart()
	w.serves(1) // which the first root vouched for
	w.trusts(2)

	w.broken = nil
	w.publish(2)
	w.look()
	w.serves(1)
	w.rejected(map[Reason]uint64{ReasonSignature: 2}) // as the hint and by its name
	w.delete(bundle.ManifestName(1, 2))
	w.publishIn(1, 2, newKey)
	w.look()
	w.serves(2)
}

// The root that vouches for the hint appears later than the hint.
func TestRootThatComesLate(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.broken = hideRoots
	w.rotate(w.root, epochTwo(1))
	w.publishIn(2, 7, newKey) // with a gap, so that only the hint shows it
	w.look()
	w.serves(1)
	w.rejected(map[Reason]uint64{ReasonSignature: 1})

	w.broken = nil
	w.lookOften()
	w.look()
	w.serves(7)
}

func TestRootsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	signed := func(r bundle.Root, key *bundle.PrivateKey) []byte {
		envelope, err := bundle.SignRoot(r, key)
		if err != nil {
			t.Fatal(err)
		}
		return envelope
	}
	next := func(change func(*bundle.Root)) bundle.Root {
		r := w.root.Next(day, day.Add(week), w.root.Holders(w.root.Roles.Root), w.root.Holders(w.root.Roles.Publish))
		change(&r)
		return r
	}
	stranger := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{strangerKey.Public()}}
	good := signed(next(sameEpoch), publisherKey)

	for attack, root := range map[string][]byte{
		"junk":            []byte("junk"),
		"nothing":         {},
		"endless":         make([]byte, bundle.MaxEnvelopeSize+1),
		"a flipped bit":   flip(good),
		"another form":    pad(t, good),
		"the first again": signed(*w.root, publisherKey),
		"a manifest":      seal(t, manifest(2), publisherKey).Envelope,
		"a version later": signed(next(func(r *bundle.Root) { r.Version = 3 }), publisherKey),
		"a stranger's":    signed(w.root.Next(day, day.Add(week), stranger, stranger), strangerKey),
		"another chain's": signed(next(func(r *bundle.Root) { r.Previous = bundle.Hash{1} }), publisherKey),
	} {
		t.Run(attack, func(t *testing.T) {
			w := newWorld(t)
			w.publish(1)
			w.look()
			w.put(bundle.RootName(2), root)
			w.publish(2)
			w.look()
			w.serves(2)
			w.trusts(1)
			w.rejected(map[Reason]uint64{ReasonRoot: 1})
			if s := w.Status(); s.LastReason != ReasonRoot {
				t.Errorf("last reason %s", s.LastReason)
			}
			w.put(bundle.RootName(2), good)
			w.lookOften()
			w.trusts(2)
		})
	}
}

// A host follows an expired root. After the next root, the active bundle is no longer stale.
func TestRootsRenewFreshness(t *testing.T) {
	w := newWorld(t)
	w.root = newRoot(t, 1, day.Add(time.Hour), publisherKey)
	w.restart()
	w.publish(1)
	w.look()
	w.now = day.Add(2 * time.Hour)
	if !w.Status().Stale {
		t.Fatal("not stale although the root has expired")
	}
	renewed := w.rotate(w.root, sameEpoch)
	w.lookOften()
	w.serves(1)
	if s := w.Status(); s.Stale || !s.RootExpires.Equal(renewed.Expires) || !s.Expires.Equal(day.Add(week)) {
		t.Errorf("status %+v", s)
	}
}

func TestManyRoots(t *testing.T) {
	w := newWorld(t)
	const last = 2*rootSteps + 3
	for r := w.root; r.Version < last; {
		r = w.rotate(r, sameEpoch)
	}
	w.publishIn(1, 1, newKey)
	for range 3 {
		if w.look(); len(w.requests) > 3+rootSteps {
			t.Fatalf("one poll asked for %d objects", len(w.requests))
		}
	}
	w.trusts(last)
	w.look()
	w.serves(1)
	w.broken = down
	w.restart()
	w.trusts(last)
	w.serves(1)
}

// If the roots cannot be read, the host still follows the manifests.
func TestRootsThatDoNotAnswer(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.broken = func(name string) error {
		if strings.HasPrefix(name, "root/") {
			return fmt.Errorf("%s: %w", name, errDown)
		}
		return nil
	}
	w.publish(2)
	w.look()
	w.serves(2)
	if s := w.Status(); s.Failures != 1 || !strings.Contains(s.LastError, "root/2.json") {
		t.Errorf("status %+v", s)
	}
	w.broken = nil
	w.rotate(w.root, sameEpoch)
	w.poll(context.Background(), pollTimeout, nil)
	w.trusts(2)
}
