package reload

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
)

// keptRoots returns a world that trusts roots 2 and 3, of epoch 2, and serves revision 2. It also
// returns the files of the roots.
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

// The roots on disk are corrupt. An attacker with an old copy of the bucket cannot exploit that:
// the host accepts nothing until the bucket has the roots again. It serves the bundle on disk if it
// can still verify it.
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

// A host starts with a root of another chain. The roots that it kept of the first one are ignored.
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

// A host that starts with a newer root than it has kept continues from the newer one.
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

// A host with a full disk still stops trusting revoked keys.
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

// If the machine stops while a root is written, the roots before are complete.
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
