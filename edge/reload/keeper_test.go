package reload

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
)

// files returns the contents of the state directory by name.
func (w *world) files() map[string][]byte {
	w.t.Helper()
	found := map[string][]byte{}
	entries, err := os.ReadDir(filepath.Join(w.state, keeperDirectory))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(w.state, keeperDirectory, e.Name()))
		if err != nil {
			w.t.Fatal(err)
		}
		found[e.Name()] = data
	}
	return found
}

// lay replaces the contents of the state directory by files.
func (w *world) lay(files map[string][]byte) {
	w.t.Helper()
	directory := filepath.Join(w.state, keeperDirectory)
	if err := os.RemoveAll(directory); err != nil {
		w.t.Fatal(err)
	}
	if err := os.MkdirAll(directory, 0o755); err != nil {
		w.t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(directory, name), data, 0o644); err != nil {
			w.t.Fatal(err)
		}
	}
}

// steps returns the files of a state in the order in which they are written.
func steps(t *testing.T, files map[string][]byte) []string {
	t.Helper()
	var order []string
	for _, prefix := range []string{payloadPrefix, manifestPrefix, currentName} {
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if strings.HasPrefix(name, prefix) {
				order = append(order, name)
			}
		}
	}
	if len(order) != 3 || len(files) != 3 {
		t.Fatalf("the state directory holds %v", slices.Sorted(maps.Keys(files)))
	}
	return order
}

// keptStates returns a world with revision 2 in the bucket, and the contents of the state directory
// with revision 1 and with revision 2.
func keptStates(t *testing.T) (w *world, one, two map[string][]byte) {
	w = newWorld(t)
	w.publish(1)
	w.look()
	one = w.files()
	w.publish(2)
	w.look()
	return w, one, w.files()
}

func TestStartsFromDiskWhileTheBucketIsDown(t *testing.T) {
	w, _, two := keptStates(t)
	w.broken = down
	w.restart()
	w.serves(2)
	if s := w.Status(); s.Origin != OriginDisk || s.LastError == "" {
		t.Errorf("status %+v", s)
	}
	if got := w.files(); !maps.EqualFunc(got, two, bytes.Equal) {
		t.Error("the start changed the state directory")
	}
}

func TestStartTakesTheNewest(t *testing.T) {
	w, one, two := keptStates(t)

	w.lay(one)
	w.restart()
	w.serves(2)
	if got := w.files(); !maps.EqualFunc(got, two, bytes.Equal) {
		t.Error("the newer bundle was not kept")
	}

	w.put(bundle.LatestName, w.get(bundle.ManifestName(1, 1)))
	w.delete(bundle.ManifestName(1, 2))
	w.restart()
	w.serves(2)
	w.rejected(map[Reason]uint64{ReasonOlder: 1})
}

func TestStartFallsBackToDiskWhenTheNewestFails(t *testing.T) {
	w, _, _ := keptStates(t)
	s := w.publish(3)
	for _, o := range s.Objects {
		w.put(o.Name, flip(o.Data))
	}
	w.restart()
	w.serves(2)
	w.rejected(map[Reason]uint64{ReasonPayload: 1})
}

// The machine stops at every point while revision 2 replaces revision 1. Every write goes to a
// temporary file that is then renamed. So at each point there are complete files and at most one
// incomplete temporary file.
func TestCrashAtEveryWrite(t *testing.T) {
	w, one, two := keptStates(t)
	w.broken = down
	order := steps(t, two)
	for written := range len(order) + 1 {
		for _, torn := range []bool{false, true} {
			state := maps.Clone(one)
			for _, name := range order[:written] {
				state[name] = two[name]
			}
			if torn && written < len(order) {
				next := two[order[written]]
				state[".tmp-123"] = next[:len(next)/2]
			}
			w.lay(state)
			w.restart()
			if written == len(order) {
				w.serves(2)
			} else {
				w.serves(1)
			}
			w.rejected(nil)

			w.broken = nil
			w.publish(2)
			w.restart() // the bucket is back: the state is completed and cleaned
			w.publish(3)
			w.look()
			w.serves(3)
			steps(t, w.files())
			w.broken = down
			w.delete(bundle.ManifestName(1, 3))
		}
	}
}

// A disk corrupts files. The host never uses a corrupt file, and replaces it from the bucket.
func TestRottenState(t *testing.T) {
	w, _, two := keptStates(t)
	order := steps(t, two)
	damages := map[string]func([]byte) []byte{
		"missing":  func([]byte) []byte { return nil },
		"empty":    func([]byte) []byte { return []byte{} },
		"cut":      func(data []byte) []byte { return data[:len(data)-1] },
		"longer":   func(data []byte) []byte { return append(bytes.Clone(data), 'x') },
		"flipped":  flip,
		"zeroed":   func(data []byte) []byte { return make([]byte, len(data)) },
		"replaced": func(data []byte) []byte { return []byte("../../etc/passwd\n") },
	}
	for _, name := range order {
		for what, damage := range damages {
			t.Run(name[:7]+" "+what, func(t *testing.T) {
				w.t = t
				state := maps.Clone(two)
				delete(state, name)
				if data := damage(two[name]); data != nil {
					state[name] = data
				}
				w.lay(state)
				w.broken = down
				w.restart()
				w.serves(0)
				if name == currentName && what == "missing" {
					w.rejected(nil)
				} else {
					w.rejected(map[Reason]uint64{ReasonState: 1})
				}

				w.broken = nil
				w.lookOften()
				w.serves(2)
				if got := w.files(); !maps.EqualFunc(got, two, bytes.Equal) {
					t.Error("the state was not mended")
				}
			})
		}
	}
}

// A corrupt payload does not make the host accept older revisions.
func TestRottenPayloadDoesNotOpenTheWayBack(t *testing.T) {
	w, _, two := keptStates(t)
	payload := steps(t, two)[0]
	two[payload] = flip(two[payload])
	w.lay(two)
	w.put(bundle.LatestName, w.get(bundle.ManifestName(1, 1)))
	second := w.get(bundle.ManifestName(1, 2))
	w.delete(bundle.ManifestName(1, 2))
	w.restart()
	w.serves(0)
	w.rejected(map[Reason]uint64{ReasonState: 1, ReasonOlder: 1})

	w.put(bundle.LatestName, second)
	w.look()
	w.serves(2)
}

func TestStateOfAnotherEnvironmentOrRootIsNotUsed(t *testing.T) {
	for name, change := range map[string]func(*world){
		"root":        func(w *world) { w.root = newRoot(t, 1, day.Add(week), strangerKey) },
		"epoch":       func(w *world) { w.root = newRoot(t, 2, day.Add(week), publisherKey) },
		"environment": func(w *world) { w.environment = "staging" },
	} {
		t.Run(name, func(t *testing.T) {
			w, _, _ := keptStates(t)
			w.broken = down
			change(w)
			w.restart()
			w.serves(0)
			w.rejected(map[Reason]uint64{ReasonState: 1})
		})
	}
}

// If the state directory cannot be written, the host follows the bucket all the same. It writes the
// bundle as soon as it can.
func TestFullDisk(t *testing.T) {
	w := newWorld(t)
	obstacle := filepath.Join(w.state, keeperDirectory, currentName, "in the way")
	if err := os.MkdirAll(obstacle, 0o755); err != nil {
		t.Fatal(err)
	}
	w.publish(1)
	w.look()
	w.serves(1)
	w.look()
	w.rejected(map[Reason]uint64{ReasonState: 1})
	if s := w.Status(); s.LastReason != ReasonState {
		t.Errorf("last error %q", s.LastError)
	}

	if err := os.RemoveAll(filepath.Dir(obstacle)); err != nil {
		t.Fatal(err)
	}
	w.lookOften()
	if s := w.Status(); s.LastError != "" {
		t.Errorf("last error %q", s.LastError)
	}
	w.broken = down
	w.restart()
	w.serves(1)
}

func TestWithoutStateDirectory(t *testing.T) {
	w := newWorld(t)
	w.state = ""
	w.restart()
	w.publish(1)
	w.look()
	w.serves(1)
	w.rejected(nil)
	w.broken = down
	w.restart()
	w.serves(0)
}

// A heartbeat signs the same payload again, so that only the manifest is written.
func TestHeartbeatDoesNotWriteThePayload(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	payload := steps(t, w.files())[0]
	path := filepath.Join(w.state, keeperDirectory, payload)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	m := manifest(2)
	s, err := bundle.Seal(m, payloadOf(1), publisherKey)
	if err != nil {
		t.Fatal(err)
	}
	w.upload(s)
	w.put(bundle.LatestName, s.Envelope)
	w.look()
	after, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if w.active.Manifest.Revision != 2 || !os.SameFile(before, after) {
		t.Error("the payload's file was written anew")
	}
}
