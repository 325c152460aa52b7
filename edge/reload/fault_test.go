package reload

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

// faultyWorld returns a world with a host on revision 1. Revision 2 is in the bucket. Each has a
// core of its own. The disk fails in the steps for which fails returns an error.
func faultyWorld(t *testing.T, fails func(step int, op durable.Op) error) *world {
	w := newCoreWorld(t)
	w.publishFor(1, newerCore, 1)
	w.look()
	w.serves(1)
	step := 0
	w.disk = durable.Disk{Before: func(op durable.Op, _ string) error {
		step++
		return fails(step, op)
	}}
	w.boot()
	w.broken = down
	if err := w.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.broken = nil
	w.publishFor(2, newestCore, 1)
	step = 0
	return w
}

// stepsToKeep counts the changes of the disk when a bundle is activated.
func stepsToKeep(t *testing.T) (ops []durable.Op) {
	w := faultyWorld(t, func(step int, op durable.Op) error {
		if step == 1 {
			ops = nil
		}
		ops = append(ops, op)
		return nil
	})
	w.look()
	w.serves(2)
	files := len([]string{"payload", "core", "manifest", "current"})
	replaced, removed := 0, 0
	for _, op := range ops {
		switch op {
		case durable.OpName:
			replaced++
		case durable.OpRemove:
			removed++
		}
	}
	if replaced != files || removed != files-1 { // all old files but current
		t.Fatalf("activating takes %v", ops)
	}
	return ops
}

// TestFaultAtEveryWrite makes the disk fail, and the machine stop, at every step of writing a
// bundle. The host serves the bundle all the same. After a restart without the bucket it serves a
// complete bundle, and with the bucket the newest one.
func TestFaultAtEveryWrite(t *testing.T) {
	ops := stepsToKeep(t)
	for failing := 1; failing <= len(ops); failing++ {
		for _, stops := range []bool{false, true} {
			t.Run(fmt.Sprintf("step %d %s stops %t", failing, ops[failing-1], stops), func(t *testing.T) {
				healthy := true
				w := faultyWorld(t, func(step int, _ durable.Op) error {
					if healthy = healthy && step != failing; !healthy {
						healthy = !stops
						return syscall.ENOSPC
					}
					return nil
				})
				healthy = true
				w.look()
				w.serves(2)
				w.runs(newestCore, false)
				if w.Status().Rejected[ReasonState] == 0 || !strings.Contains(w.log.String(), ReasonState.Advice()) {
					t.Errorf("the failure is not reported: %+v", w.Status())
				}

				w.disk = durable.Disk{}
				w.broken = down
				w.restart()
				n := uint64(1)
				if w.active != nil {
					n = w.active.Manifest.Revision
				}
				w.serves(n)
				w.runs(map[uint64][]byte{1: newerCore, 2: newestCore}[n], false)
				w.rejected(nil)

				w.broken = nil
				w.publishFor(3, newerCore, 1)
				w.lookOften()
				w.serves(3)
				if files := w.files(); len(files) != 4 {
					t.Errorf("the state directory holds %v", slices.Sorted(maps.Keys(files)))
				}
			})
		}
	}
}

// TestKilledAtEveryWrite kills the process at every step of writing a bundle. After the restart,
// the host does not go back to an older revision than it has decided with, although the bucket has
// only older ones.
func TestKilledAtEveryWrite(t *testing.T) {
	steps := len(stepsToKeep(t))
	for last := range steps + 1 {
		armed := false
		w := faultyWorld(t, func(step int, _ durable.Op) error {
			if armed && step > last {
				panic("killed")
			}
			return nil
		})
		armed = true
		func() {
			defer func() {
				if killed := recover() != nil; killed != (last < steps) {
					t.Errorf("after %d of %d steps: killed %t", last, steps, killed)
				}
			}()
			w.look()
		}()
		served := w.active.Manifest.Revision

		w.disk = durable.Disk{}
		w.put(bundle.LatestName, w.get(bundle.ManifestName(1, 1)))
		w.delete(bundle.ManifestName(1, 2))
		w.restart()
		if now := w.Status().Revision; now < served {
			t.Errorf("killed after %d of %d steps: revision %d is served after %d", last, steps, now, served)
		}
	}
}

// TestDiskThatFillsUp has a disk that is full for a while.
func TestDiskThatFillsUp(t *testing.T) {
	full := true
	w := faultyWorld(t, func(_ int, op durable.Op) error {
		if full && op == durable.OpWrite {
			return syscall.ENOSPC
		}
		return nil
	})
	before := w.files()
	for n := uint64(3); n <= 6; n++ {
		w.publishFor(n, hostsCore, 1)
		w.lookOften()
		w.serves(n)
	}
	if !maps.EqualFunc(w.files(), before, bytes.Equal) {
		t.Error("a disk that is full has changed")
	}
	if s := w.Status(); s.LastReason != ReasonState || !strings.Contains(s.LastError, syscall.ENOSPC.Error()) {
		t.Errorf("status %+v", s)
	}
	full = false
	w.lookOften()
	if s := w.Status(); s.LastError != "" {
		t.Errorf("there is room again, the last error is %q", s.LastError)
	}
	w.broken = down
	w.restart()
	w.serves(6)
}

// If the quarantine cannot be written, it lasts until the restart.
func TestQuarantineOnAFullDisk(t *testing.T) {
	w := faultyWorld(t, func(_ int, op durable.Op) error {
		if op == durable.OpWrite {
			return syscall.ENOSPC
		}
		return nil
	})
	tries := 0
	w.prepare = func(b *bundle.Bundle) error {
		if b.Manifest.Revision == 2 {
			tries++
			return errors.New("useless")
		}
		return nil
	}
	for range 4 {
		w.lookOften()
	}
	w.serves(1)
	if cores := 2; tries != cores*maxActivations || w.Status().Quarantined != cores {
		t.Errorf("%d tries, %d in quarantine", tries, w.Status().Quarantined)
	}
}
