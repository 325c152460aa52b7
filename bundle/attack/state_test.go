package attack_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// damages are what a disk, or somebody who can write to it, makes of a file.
var damages = map[string]func([]byte) []byte{
	"gone":     func([]byte) []byte { return nil },
	"empty":    func([]byte) []byte { return []byte{} },
	"torn":     func(data []byte) []byte { return data[:len(data)/2] },
	"longer":   func(data []byte) []byte { return append(data, "more"...) },
	"flipped":  func(data []byte) []byte { return flip(data, 4*len(data)) },
	"zeroed":   func(data []byte) []byte { return make([]byte, len(data)) },
	"replaced": func([]byte) []byte { return []byte("../../etc/passwd\n") },
}

// TestRottenState damages each file of a real host's state directory. The host serves
// nothing rather than anything damaged, never follows roots or manifests that it had left
// behind, and comes back as soon as the bucket does.
func TestRottenState(t *testing.T) {
	w := oneKey(t)
	for damage, do := range damages {
		t.Run(damage, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { rotEachFile(t, w, do) })
		})
	}
}

func rotEachFile(t *testing.T, w *world, damage func([]byte) []byte) {
	at(published(coming).Add(time.Second))
	a := &attacker{t: t, world: w, bucket: w.before.over(nil)}
	a.rotate(newEpoch)
	a.publishAnew(2)
	bucket := memoryOf(t, a.bucket)
	f := follow(t, bucket, w.root)
	defer func() { f.stop() }()
	f.look()
	f.serves(coming)
	f.stop()
	files := kept(t, f.state)
	for name, data := range files {
		restore(t, f.state, files)
		write(t, filepath.Join(f.state, name), damage(bytes.Clone(data)))

		// The bucket as it was before the rotation, and the old key is in other hands.
		a.bucket = w.before.over(nil)
		a.fastForward()
		lay(t, bucket, a.bucket)
		f.start()
		f.look()
		s := f.Snapshot()
		forgot := strings.HasPrefix(name, "roots") && damage(bytes.Clone(data)) == nil
		if s.Ready && (s.Epoch != 2 || s.Revision != coming) && !forgot {
			t.Errorf("%s: epoch %d, revision %d is active", name, s.Epoch, s.Revision)
		}
		if s.Ready && s.Epoch == 2 {
			f.serves(coming)
		}

		a.bucket = w.before.over(nil)
		a.rotate(newEpoch)
		a.publishAnew(2)
		lay(t, bucket, a.bucket)
		f.look()
		f.serves(coming)
		f.stop()
	}
	f.start()
}

// TestRottenPayloadKeepsTheFloor damages the payload alone: the host still knows how far
// it was, and does not go back.
func TestRottenPayloadKeepsTheFloor(t *testing.T) {
	w := oneKey(t)
	synctest.Test(t, func(t *testing.T) {
		at(published(coming))
		bucket := memoryOf(t, w.before)
		f := follow(t, bucket, w.root)
		defer func() { f.stop() }()
		f.serves(atHand)
		f.stop()
		for name, data := range kept(t, f.state) {
			if strings.HasPrefix(filepath.Base(name), "payload-") {
				write(t, filepath.Join(f.state, name), flip(data, 9))
			}
		}
		old := w.history[3].over(nil)
		lay(t, bucket, old)
		f.start()
		f.look()
		f.serves(0)
		lay(t, bucket, w.history[atHand])
		f.look()
		f.serves(atHand)
	})
}

// TestColdStart starts real hosts while the bucket does not answer: with a last known
// good bundle one decides by that, without it has nothing to decide on, and both come to
// the newest revision once the bucket answers.
func TestColdStart(t *testing.T) {
	w := oneKey(t)
	synctest.Test(t, func(t *testing.T) {
		at(published(coming))
		bucket := &downable{Source: memoryOf(t, w.before)}
		kept := follow(t, bucket, w.root)
		defer func() { kept.stop() }()
		kept.serves(atHand)
		bucket.down = true
		kept.restart()
		kept.serves(atHand)
		fresh := follow(t, bucket, w.root)
		defer func() { fresh.stop() }()
		fresh.serves(0)
		if s := fresh.Status(); s.Failures == 0 || s.LastError == "" {
			t.Errorf("a bucket that is down does not show: %+v", s)
		}
		for range looks {
			kept.look()
			fresh.look()
		}
		kept.serves(atHand)
		bucket.down, bucket.Source = false, memoryOf(t, w.history[coming])
		for _, f := range []*follower{kept, fresh} {
			f.look()
			f.serves(coming)
			f.rejected("")
		}
	})
}

// TestStaleByTheClock lets the clock go on: past the expiry decisions say so, and go on;
// a heartbeat ends it; and a clock that goes 26 hours wrong does no more than that.
func TestStaleByTheClock(t *testing.T) {
	w := oneKey(t)
	synctest.Test(t, func(t *testing.T) {
		at(published(atHand))
		bucket := memoryOf(t, w.before)
		f := follow(t, bucket, w.root)
		defer func() { f.stop() }()
		stale := func(want bool) {
			t.Helper()
			synctest.Wait()
			f.serves(f.Snapshot().Revision)
			d, err := f.Decide(fill(&f.request, visitor(0)), button)
			if err != nil || d.Stale() != want || f.Snapshot().Stale != want || f.Status().Stale != want {
				t.Fatalf("at %s: decision stale %t, snapshot %t, status %t, want %t (%v)",
					time.Now(), d.Stale(), f.Snapshot().Stale, f.Status().Stale, want, err)
			}
		}
		stale(false)
		at(published(atHand).Add(week - time.Second))
		stale(false)
		at(published(atHand).Add(week))
		stale(true)
		f.restart()
		stale(true)

		lay(t, bucket, w.history[coming])
		f.look()
		f.serves(coming)
		stale(false)
		at(time.Now().Add(clockError))
		stale(true)
	})
}

// kept reads the files below a directory.
func kept(t testing.TB, directory string) objects {
	t.Helper()
	files := objects{}
	err := filepath.WalkDir(directory, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing is kept: %v", err)
	}
	return files
}

// restore makes a directory hold these files and no others.
func restore(t testing.TB, directory string, files objects) {
	t.Helper()
	for name := range kept(t, directory) {
		if err := os.Remove(filepath.Join(directory, name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range files {
		write(t, filepath.Join(directory, name), data)
	}
}

// write writes a file, or removes it if data is nil.
func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if data == nil {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
