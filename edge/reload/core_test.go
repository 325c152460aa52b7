package reload

import (
	"bytes"
	"errors"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
)

var (
	hostsCore  = []byte("the core that the host brings")
	newerCore  = []byte("a core that travels")
	newestCore = []byte("another core that travels")
)

// newCoreWorld returns a world whose host has hostsCore as its own core.
func newCoreWorld(t *testing.T) *world {
	w := newWorld(t)
	w.core = bundle.CoreOf(hostsCore, 1)
	w.restart()
	return w
}

// publishFor publishes revision n for a core, and the core unless that is the host's.
func (w *world) publishFor(n uint64, core []byte, abi int) {
	w.t.Helper()
	m := manifest(n)
	m.Core = bundle.CoreOf(core, abi)
	s := seal(w.t, m, publisherKey)
	w.upload(s)
	w.put(bundle.LatestName, s.Envelope)
	if !bytes.Equal(core, hostsCore) {
		w.put(bundle.CoreName(m.Core.SHA256), core)
	}
}

// runs checks which core decides. Nil is the host's own.
func (w *world) runs(core []byte, behind bool) {
	w.t.Helper()
	if !bytes.Equal(w.active.Core, core) {
		w.t.Errorf("the core is %q, want %q", w.active.Core, core)
	}
	if got := w.Status().CoreBehind; got != behind {
		w.t.Errorf("the core is behind: %t, want %t", got, behind)
	}
}

func coreName(core []byte) string { return bundle.CoreName(bundle.HashOf(core)) }

func TestCoresTravel(t *testing.T) {
	w := newCoreWorld(t)
	w.publishFor(1, hostsCore, 1)
	w.look()
	w.runs(nil, false)
	if w.asked("c/") {
		t.Error("it asked for the core that it has")
	}
	w.publishFor(2, newerCore, 1)
	w.look()
	w.serves(2)
	w.runs(newerCore, false)

	w.publishFor(3, newerCore, 1)
	w.look()
	w.serves(3)
	w.runs(newerCore, false)
	if w.asked("c/") {
		t.Error("it asked for the core that is active")
	}
	w.broken = down
	w.restart()
	w.serves(3)
	w.runs(newerCore, false) // from the disk

	w.broken = nil
	w.publishFor(4, newestCore, 1)
	w.look()
	w.runs(newestCore, false)
	w.publishFor(5, hostsCore, 1)
	w.look()
	w.runs(nil, false)
	for name := range w.files() {
		if strings.HasPrefix(name, corePrefix) {
			t.Errorf("%s is still kept", name)
		}
	}
	w.rejected(nil)
}

// If a core is missing or fails, the host activates the payload with its own core. It changes to
// the other core as soon as that is available.
func TestCoreBehind(t *testing.T) {
	refusing := func(b *bundle.Bundle) error {
		if b.Core != nil {
			return errors.New("a vector disagrees")
		}
		return nil
	}
	for name, c := range map[string]struct {
		spoil func(*world)
		mend  func(*world)
	}{
		"missing": {func(w *world) { w.delete(coreName(newerCore)) }, func(w *world) { w.put(coreName(newerCore), newerCore) }},
		"damaged": {func(w *world) { w.put(coreName(newerCore), flip(newerCore)) }, func(w *world) { w.put(coreName(newerCore), newerCore) }},
		"endless": {func(w *world) { w.put(coreName(newerCore), make([]byte, 1<<20)) }, func(w *world) { w.put(coreName(newerCore), newerCore) }},
		"refused": {func(w *world) { w.prepare = refusing }, func(w *world) { w.prepare = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newCoreWorld(t)
			w.publishFor(1, hostsCore, 1)
			w.look()
			w.publishFor(2, newerCore, 1)
			c.spoil(w)
			w.look()
			w.serves(2)
			w.runs(nil, true)
			w.rejected(map[Reason]uint64{ReasonCore: 1})
			if !strings.Contains(w.log.String(), ReasonCore.Advice()) {
				t.Errorf("the log gives no advice:\n%s", &w.log)
			}
			c.mend(w)
			w.lookOften()
			w.serves(2)
			w.runs(newerCore, false)
			w.broken = down
			w.restart()
			w.runs(newerCore, false)
		})
	}
}

// After a payload has failed twice with a core, the host neither tries nor fetches that core for
// it.
func TestCoreThatFailsIsQuarantined(t *testing.T) {
	w := newCoreWorld(t)
	tries := 0
	w.prepare = func(b *bundle.Bundle) error {
		if b.Core != nil {
			tries++
			return errors.New("a vector disagrees")
		}
		return nil
	}
	w.publishFor(1, newerCore, 1)
	for range 3 {
		w.lookOften()
		w.serves(1)
		w.runs(nil, true)
	}
	if s := w.Status(); tries != maxActivations || s.Quarantined != 1 || s.LastReason != ReasonQuarantine {
		t.Errorf("%d tries, %+v", tries, s)
	}
	w.restart()
	w.lookOften()
	w.serves(1)
	w.runs(nil, true)
	if tries != maxActivations || w.asked("c/") {
		t.Errorf("%d tries after a restart, it asked for %v", tries, w.requests)
	}
	w.publishFor(2, newerCore, 1) // another payload
	w.look()
	w.serves(2)
	if tries != maxActivations+1 {
		t.Errorf("%d tries with another payload", tries)
	}
}

func TestCoreOfAnotherABIIsRefused(t *testing.T) {
	w := newCoreWorld(t)
	w.publishFor(1, hostsCore, 1)
	w.look()
	w.publishFor(2, newerCore, 2)
	w.look()
	w.serves(1)
	w.rejected(map[Reason]uint64{ReasonCore: 2}) // as the hint, and as the next manifest
	if w.asked("b/") || w.asked("c/") {
		t.Errorf("it asked for %v", w.requests)
	}

	w.delete(bundle.ManifestName(1, 2))
	w.publish(3)
	w.core = bundle.CoreOf(newestCore, 3) // the host is upgraded, the bucket is not
	w.broken = down
	w.restart()
	w.serves(0)
	w.rejected(map[Reason]uint64{ReasonCore: 1})
}

// If the core in the state directory is corrupt, the host uses its own.
func TestRottenCore(t *testing.T) {
	w := newCoreWorld(t)
	w.publishFor(1, newerCore, 1)
	w.look()
	kept := w.files()
	name := corePrefix + bundle.HashOf(newerCore).String()
	if !bytes.Equal(kept[name], newerCore) || len(kept) != 4 {
		t.Fatalf("it kept %d files", len(kept))
	}
	for what, rotten := range map[string][]byte{"flipped": flip(newerCore), "cut": newerCore[:3], "empty": {}, "missing": nil} {
		state := maps.Clone(kept)
		if state[name] = rotten; rotten == nil {
			delete(state, name)
		}
		w.lay(state)
		w.broken = down
		w.restart()
		w.serves(1)
		w.runs(nil, true)
		if what == "missing" {
			w.rejected(nil)
		} else {
			w.rejected(map[Reason]uint64{ReasonState: 1})
		}
		w.broken = nil
		w.lookOften()
		w.runs(newerCore, false)
		if !maps.EqualFunc(w.files(), kept, bytes.Equal) {
			t.Errorf("%s: the state was not mended in %s", what, filepath.Join(w.state, keeperDirectory))
		}
	}
}
