package reload

import (
	"errors"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
)

// A canary with a share of 500 includes only the first of the two.
var (
	inside  = bundle.Identity{ID: "edge-24"}
	outside = bundle.Identity{ID: "edge-8"}
)

// offer publishes revision n for a canary. Other hosts stay on the stable revision.
func (w *world) offer(n, stable uint64) *bundle.Sealed {
	w.t.Helper()
	m := manifest(n)
	m.Canary = &bundle.Canary{Stable: stable, Salt: "canary-1-12", Share: 500}
	s := seal(w.t, m, publisherKey)
	w.upload(s)
	w.put(bundle.LatestName, s.Envelope)
	return s
}

// become restarts the host with another identity.
func (w *world) become(host bundle.Identity) {
	w.t.Helper()
	w.host = host
	w.restart()
}

func TestCanary(t *testing.T) {
	for _, row := range []struct {
		why  string
		host bundle.Identity
		want uint64
	}{{"inside", inside, 2}, {"outside", outside, 1}, {"without an id", bundle.Identity{}, 1}} {
		t.Run(row.why, func(t *testing.T) {
			w := newWorld(t)
			w.publish(1)
			w.become(row.host)
			w.serves(1)
			w.offer(2, 1)
			w.lookOften()
			w.serves(row.want)
			if got := w.Status().Canary; got != (row.want == 2) {
				t.Errorf("status says canary %t", got)
			}
			w.restart()
			w.serves(row.want)
			w.publish(3)
			w.look()
			w.serves(3)
			if w.Status().Canary {
				t.Error("the canary is over")
			}
			w.rejected(nil)
		})
	}
}

// TestCanaryOfNewHosts: a new host in a canary activates the canary's revision, or the stable
// revision if that fails.
func TestCanaryOfNewHosts(t *testing.T) {
	newHost := func(host bundle.Identity) *world {
		w := newWorld(t)
		w.publish(1)
		w.publish(4)
		w.offer(5, 4)
		w.host = host
		return w
	}
	w := newHost(outside)
	w.restart()
	w.serves(4)
	w.rejected(nil)

	w = newHost(inside)
	w.restart()
	w.serves(5)
	w.rejected(nil)

	w = newHost(inside)
	w.prepare = func(b *bundle.Bundle) error {
		if b.Manifest.Revision == 5 {
			return errors.New("out of memory")
		}
		return nil
	}
	w.restart()
	w.serves(4)
	w.rejected(map[Reason]uint64{ReasonActivation: 1})
}

// TestCanaryNeverGoesBack: a host that has activated a canary's revision follows the canary, also
// after it no longer belongs to it.
func TestCanaryNeverGoesBack(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.offer(2, 1)
	w.become(inside)
	w.serves(2)
	w.become(outside)
	w.serves(2)
	w.lookOften()
	w.serves(2)
	w.offer(3, 1) // the same canary, renewed
	w.look()
	w.serves(3)
	w.rejected(nil)
}

// TestCanaryAcrossRevisions: a host outside the canary activates the stable revision if that is
// newer than its own.
func TestCanaryAcrossRevisions(t *testing.T) {
	w := newWorld(t)
	w.become(outside)
	w.publish(1)
	w.look()
	w.serves(1)
	w.publish(2)
	w.publish(3)
	w.offer(4, 3)
	w.look()
	w.serves(3)
	w.rejected(nil)
}

func TestStableRevisionIsVerified(t *testing.T) {
	for _, row := range []struct {
		why    string
		change func(w *world)
		reason Reason
	}{
		{"it is missing", func(w *world) { w.delete(bundle.ManifestName(1, 2)) }, ReasonPayloadMissing},
		{"a stranger signed it", func(w *world) {
			w.put(bundle.ManifestName(1, 2), seal(t, manifest(2), strangerKey).Envelope)
		}, ReasonSignature},
		{"it is another revision", func(w *world) {
			w.put(bundle.ManifestName(1, 2), w.get(bundle.ManifestName(1, 1)))
		}, ReasonManifest},
		{"it is a canary itself", func(w *world) {
			m := manifest(2)
			m.Canary = &bundle.Canary{Stable: 1, Salt: "x", Share: 1}
			w.put(bundle.ManifestName(1, 2), seal(t, m, publisherKey).Envelope)
		}, ReasonManifest},
		{"it is of another environment", func(w *world) {
			m := manifest(2)
			m.Environment = "staging"
			w.put(bundle.ManifestName(1, 2), seal(t, m, publisherKey).Envelope)
		}, ReasonEnvironment},
	} {
		t.Run(row.why, func(t *testing.T) {
			w := newWorld(t)
			w.become(outside)
			w.publish(1)
			w.look()
			honest := w.publish(2)
			w.offer(3, 2)
			row.change(w)
			w.look()
			w.serves(1)
			n := w.Status().Rejected[row.reason]
			if n == 0 {
				t.Errorf("no rejection for %s; last error: %s", row.reason, w.Status().LastError)
			}
			w.rejected(map[Reason]uint64{row.reason: n})
			w.upload(honest)
			w.lookOften()
			w.serves(2)
		})
	}
}
