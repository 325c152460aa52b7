package reload

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

// newKey publishes once publisherKey was replaced.
var newKey = bundle.KeyFromSeed([32]byte{3})

// rotate puts the root after before into the bucket, in which newKey publishes, and
// returns it.
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

// A thief publishes far ahead. A root of the next epoch puts that into the past, for
// hosts that run and for those that start.
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

// The newest root is found in the same poll that would have used the bundle on disk.
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

// The hint has not changed, but the root that vouches for it comes late.
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

// An expired root can be followed, and the next one makes what is active fresh again.
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

// keptRoots returns a world that has followed roots 2 and 3, of epoch 2, and serves
// revision 2 of it, together with the files of the roots.
func keptRoots(t *testing.T) (w *world, files map[string][]byte) {
	w = newWorld(t)
	w.publish(1)
	w.look()
	w.rotate(w.rotate(w.root, epochTwo(1)), sameEpoch)
	w.publishIn(2, 2, newKey)
	w.look()
	w.serves(2)
	w.trusts(3)
	return w, w.rootFiles()
}

func (w *world) rootFiles() map[string][]byte {
	w.t.Helper()
	files := map[string][]byte{}
	entries, err := os.ReadDir(filepath.Join(w.state, rootsDirectory))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(w.state, rootsDirectory, e.Name())); err != nil {
			w.t.Fatal(err)
		}
	}
	return files
}

// Kept roots rot. A bucket that shows the past cannot use that: nothing is taken from it
// until it shows the roots again. What is on disk may serve if it can still be verified.
func TestRottenRoots(t *testing.T) {
	for what, damage := range map[string]func([]byte) []byte{
		"missing": nil,
		"empty":   func([]byte) []byte { return nil },
		"cut":     func(data []byte) []byte { return data[:len(data)-1] },
		"flipped": flip,
		"zeroed":  func(data []byte) []byte { return make([]byte, len(data)) },
		"endless": func(data []byte) []byte { return append(data, make([]byte, bundle.MaxEnvelopeSize)...) },
	} {
		for _, name := range []string{"2.json", "3.json"} {
			if what == "missing" && name == "3.json" {
				continue // nothing shows that it ever was
			}
			t.Run(what+" "+name, func(t *testing.T) {
				w, files := keptRoots(t)
				path := filepath.Join(w.state, rootsDirectory, name)
				if damage == nil {
					if err := os.Remove(path); err != nil {
						t.Fatal(err)
					}
				} else if err := os.WriteFile(path, damage(files[name]), 0o644); err != nil {
					t.Fatal(err)
				}
				latest := w.get(bundle.LatestName)
				w.put(bundle.LatestName, w.get(bundle.ManifestName(1, 1)))
				w.broken = hideRoots
				w.restart()
				if name == "3.json" {
					w.serves(2) // root 2 vouches for it
				} else {
					w.serves(0)
				}
				if w.Status().Rejected[ReasonState] == 0 {
					t.Error("not counted")
				}
				w.publish(3) // in epoch 1
				w.lookOften()
				if got := w.Status().Revision; got != 2 && got != 0 {
					t.Fatalf("revision %d was taken", got)
				}

				w.broken = nil
				w.put(bundle.LatestName, latest)
				w.lookOften()
				w.serves(2)
				w.trusts(3)
				if got := w.rootFiles(); !maps.EqualFunc(got, files, func(a, b []byte) bool { return string(a) == string(b) }) {
					t.Error("the roots on disk were not mended")
				}
			})
		}
	}
}

// A host is given the root of another chain: what it kept of the first is no obstacle.
func TestAnotherChain(t *testing.T) {
	w, _ := keptRoots(t)
	w.root = newRoot(t, 1, day.Add(26*week), publisherKey)
	for version := uint64(2); version <= 3; version++ {
		w.delete(bundle.RootName(version))
	}
	w.restart()
	w.trusts(1)
	if w.Status().Rejected[ReasonState] == 0 {
		t.Error("not counted")
	}
	w.publish(3)
	w.look()
	w.serves(3)
	w.rotate(w.root, sameEpoch)
	w.lookOften()
	w.trusts(2)
	if files := w.rootFiles(); len(files) != 1 {
		t.Errorf("%d roots are kept, want the one of this chain", len(files))
	}
	w.broken = down
	w.restart()
	w.trusts(2)
	w.serves(3)
	w.rejected(nil)
}

// A host that is given a newer root than it has kept begins there.
func TestNewerRootGiven(t *testing.T) {
	w, _ := keptRoots(t)
	for _, r := range w.chain.Roots() {
		if r.Version == 3 {
			w.root = r
		}
	}
	w.broken = down
	w.restart()
	w.trusts(3)
	w.serves(2)
	w.rejected(nil)
}

// A full disk does not make a host stay with revoked keys.
func TestRootsOnAFullDisk(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	obstacle := filepath.Join(w.state, rootsDirectory, "2.json", "in the way")
	if err := os.MkdirAll(obstacle, 0o755); err != nil {
		t.Fatal(err)
	}
	w.rotate(w.root, epochTwo(1))
	w.publishIn(2, 2, newKey)
	w.look()
	w.serves(2)
	w.trusts(2)
	w.rejected(map[Reason]uint64{ReasonState: 1})

	if err := os.RemoveAll(filepath.Dir(obstacle)); err != nil {
		t.Fatal(err)
	}
	w.lookOften()
	if s := w.Status(); s.LastError != "" {
		t.Errorf("last error %q", s.LastError)
	}
	w.broken = down
	w.restart()
	w.trusts(2)
	w.serves(2)
}

// The machine stops while roots are written: those before are whole.
func TestCrashWhileRootsAreKept(t *testing.T) {
	w, files := keptRoots(t)
	directory := filepath.Join(w.state, rootsDirectory)
	names := []string{"2.json", "3.json"}
	for written := range names {
		for _, name := range names[written:] {
			if err := os.Remove(filepath.Join(directory, name)); err != nil {
				t.Fatal(err)
			}
		}
		torn := files[names[written]][:100]
		if err := os.WriteFile(filepath.Join(directory, ".tmp-123"), torn, 0o644); err != nil {
			t.Fatal(err)
		}
		w.broken = down
		w.restart()
		w.trusts(uint64(1 + written))
		w.broken = nil
		w.restart()
		w.trusts(3)
		w.serves(2)
	}
}

// The roots do not answer: everything else goes on.
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
