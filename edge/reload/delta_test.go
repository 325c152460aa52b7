package reload

import (
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
)

// publishAfter publishes revision n with deltas from the revisions before, newest first.
func (w *world) publishAfter(n uint64, before ...uint64) *bundle.Sealed {
	w.t.Helper()
	var earlier [][]byte
	for _, b := range before {
		earlier = append(earlier, payloadOf(b))
	}
	s, err := bundle.SealAfter(manifest(n), payloadOf(n), earlier, publisherKey)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(s.Manifest.Payload.Deltas) != len(before) {
		w.t.Fatalf("revision %d has %d deltas", n, len(s.Manifest.Payload.Deltas))
	}
	w.upload(s)
	w.put(bundle.LatestName, s.Envelope)
	return s
}

// asked reports whether the last poll requested an object of a folder.
func (w *world) asked(folder string) bool {
	return slices.ContainsFunc(w.requests, func(name string) bool { return strings.HasPrefix(name, folder) })
}

// came checks how many payloads were fetched as deltas, and how many as a whole.
func (w *world) came(byDelta, whole uint64) {
	w.t.Helper()
	f := w.Status().Fetched
	if got := f[bundle.FetchDelta].Payloads; got != byDelta {
		w.t.Errorf("%d payloads came by a delta, want %d", got, byDelta)
	}
	if got := f[bundle.FetchZstd].Payloads + f[bundle.FetchGzip].Payloads; got != whole {
		w.t.Errorf("%d payloads came whole, want %d", got, whole)
	}
}

func TestDeltas(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.came(0, 1)
	s := w.publishAfter(2, 1)
	w.look()
	w.serves(2)
	w.came(1, 1)
	if !w.asked("d/") || w.asked("b/") {
		t.Errorf("it asked for %v", w.requests)
	}
	if got, want := w.Status().Fetched[bundle.FetchDelta].Bytes, s.Manifest.Payload.Deltas[0].Packed.Size; got != uint64(want) {
		t.Errorf("%d bytes by deltas, want %d", got, want)
	}

	w.publishAfter(4, 3, 2) // 3 was missed
	w.look()
	w.serves(4)
	w.came(2, 1)

	w.publishAfter(6, 5) // from what it does not have
	w.look()
	w.serves(6)
	w.came(2, 2)
	w.rejected(nil)
}

// After a restart, a host applies deltas to the bundle that it kept.
func TestDeltaFromTheLastKnownGood(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.publishAfter(2, 1)
	w.restart()
	w.serves(2)
	w.came(1, 0)
	w.rejected(nil)
}

// A heartbeat names the active payload again, so that the host does not fetch it.
func TestHeartbeatFetchesNoPayload(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	s, err := bundle.Seal(manifest(2), payloadOf(1), publisherKey)
	if err != nil {
		t.Fatal(err)
	}
	w.upload(s)
	w.put(bundle.LatestName, s.Envelope)
	w.look()
	if w.active.Manifest.Revision != 2 || w.asked("b/") || w.Status().Fetched[bundle.FetchKept].Payloads != 1 {
		t.Errorf("revision %d is active, it asked for %v", w.active.Manifest.Revision, w.requests)
	}
}

func TestBadDeltas(t *testing.T) {
	for name, spoil := range map[string]func(w *world, delta string){
		"missing": func(w *world, delta string) { w.delete(delta) },
		"damaged": func(w *world, delta string) { w.put(delta, flip(w.get(delta))) },
		"endless": func(w *world, delta string) { w.put(delta, make([]byte, 1<<20)) },
		"failing": func(w *world, delta string) {
			w.broken = func(name string) error {
				if name == delta {
					return errDown
				}
				return nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.publish(1)
			w.look()
			s := w.publishAfter(2, 1)
			spoil(w, bundle.DeltaName(s.Manifest.Payload.Deltas[0].Packed.SHA256))
			w.look()
			w.serves(2)
			w.came(0, 2)
			w.rejected(map[Reason]uint64{ReasonDelta: 1})
			if !strings.Contains(w.log.String(), ReasonDelta.Advice()) {
				t.Errorf("the log gives no advice:\n%s", &w.log)
			}
		})
	}
}

func TestBadDeltaAndBadPayload(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	s := w.publishAfter(2, 1)
	for _, o := range s.Objects {
		w.put(o.Name, flip(o.Data))
	}
	w.look()
	w.serves(1)
	w.rejected(map[Reason]uint64{ReasonPayload: 1})
}
