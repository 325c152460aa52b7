package spool

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var roomy = Options{Budget: 1 << 30, SegmentSize: 1 << 20}

func open(t *testing.T, dir string, o Options) *Spool {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeSpool(t *testing.T, s *Spool) {
	t.Helper()
	s.Stop()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func appendAll(t *testing.T, s *Spool, blobs ...string) {
	t.Helper()
	for _, r := range blobs {
		if err := s.Append([]byte(r)); err != nil {
			t.Fatal(err)
		}
	}
}

// read returns the blobs of a sealed segment before an error.
func read(s *Spool, seg Segment) (blobs []string, err error) {
	for blob, err := range s.Blobs(seg) {
		if err != nil {
			return blobs, err
		}
		blobs = append(blobs, string(blob))
	}
	return blobs, nil
}

// contents reads all sealed segments.
func contents(t *testing.T, s *Spool) []string {
	t.Helper()
	var all []string
	for _, seg := range s.Sealed() {
		blobs, err := read(s, seg)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, blobs...)
	}
	return all
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("blobs %q, want %q", got, want)
	}
}

func TestBlobsSurviveReopening(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "spool")
	s := open(t, dir, roomy)
	appendAll(t, s, "one", "two")
	s.Seal()
	appendAll(t, s, "three")
	closeSpool(t, s)

	s = open(t, dir, roomy)
	defer closeSpool(t, s)
	select {
	case <-s.Ready():
	default:
		t.Error("not ready although segments wait")
	}
	expect(t, contents(t, s), "one", "two", "three")
	appendAll(t, s, "four")
	s.Seal()
	expect(t, contents(t, s), "one", "two", "three", "four")

	segments := s.Sealed()
	if len(segments) != 3 || segments[1].Boot == segments[2].Boot || segments[1].Number >= segments[2].Number {
		t.Errorf("segments %+v, want three, ascending, the last of another boot", segments)
	}
	for _, seg := range segments {
		if err := s.Remove(seg); err != nil {
			t.Error(err)
		}
	}
	if u := s.Usage(); u.Bytes != 0 || u.Sealed != 0 {
		t.Errorf("usage %+v after everything was removed", u)
	}
}

// All blobs that arrive during an fsync share the next one.
func TestCallersShareAnFsync(t *testing.T) {
	s := open(t, t.TempDir(), roomy)
	defer closeSpool(t, s)
	appendAll(t, s, "opens the segment")

	var syncs atomic.Int32
	entered, release := make(chan struct{}), make(chan struct{})
	s.sync = func(f *os.File) error {
		if syncs.Add(1) == 1 {
			close(entered)
			<-release
		}
		return f.Sync()
	}
	var callers sync.WaitGroup
	var returned atomic.Int32
	call := func(i int) {
		callers.Go(func() {
			if err := s.Append(fmt.Appendf(nil, "blob %d", i)); err != nil {
				t.Error(err)
			}
			returned.Add(1)
		})
	}
	call(0)
	<-entered
	const more = 50
	for i := range more {
		call(i + 1)
	}
	for waiting := 0; waiting < more; runtime.Gosched() {
		s.mu.Lock()
		waiting = bytes.Count(s.pending, []byte("blob "))
		s.mu.Unlock()
	}
	if n := returned.Load(); n != 0 {
		t.Errorf("%d calls returned before their blobs were synced", n)
	}
	close(release)
	callers.Wait()
	if n := syncs.Load(); n != 2 {
		t.Errorf("%d fsyncs for %d blobs, want 2", n, more+1)
	}
	s.Seal()
	if got := contents(t, s); len(got) != more+2 {
		t.Errorf("%d blobs stored, want %d", len(got), more+2)
	}
}

// A blob is durable only if the name of its segment is durable. So the directory is synced before
// the first blob of a new segment is acknowledged.
func TestWhatIsSynced(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, roomy)
	defer closeSpool(t, s)
	var synced []string
	s.sync = func(f *os.File) error {
		if f.Name() == dir {
			synced = append(synced, "directory")
		} else {
			info, err := f.Stat()
			if err != nil {
				t.Error(err)
			}
			synced = append(synced, fmt.Sprint(info.Size()))
		}
		return f.Sync()
	}
	appendAll(t, s, "one", "three")
	first := len(magic) + frameHeader + len("one")
	second := first + frameHeader + len("three")
	expect(t, synced, fmt.Sprint(len(magic)), "directory", fmt.Sprint(first), fmt.Sprint(second))
}

// After a failed write or fsync, the callers whose blobs were in it get the error. Other blobs are
// not affected, and no failed blob appears later.
func TestDiskErrors(t *testing.T) {
	broken := errors.New("broken disk")
	breakNext := map[string]func(*Spool){
		"fsync": func(s *Spool) {
			s.sync = func(f *os.File) error {
				s.sync = (*os.File).Sync
				return broken
			}
		},
		"write": func(s *Spool) {
			s.write = func(f *os.File, p []byte) (int, error) {
				s.write = (*os.File).Write
				n, _ := f.Write(p[:len(p)/2])
				return n, broken
			}
		},
	}
	for name, breakIt := range breakNext {
		for _, first := range []bool{false, true} { // does the error meet a new segment?
			t.Run(fmt.Sprintf("%s, new segment %t", name, first), func(t *testing.T) {
				dir := t.TempDir()
				s := open(t, dir, roomy)
				appendAll(t, s, "before")
				if first {
					s.Seal()
				}
				breakIt(s)
				if err := s.Append([]byte("fails")); !errors.Is(err, broken) {
					t.Errorf("Append: %v, want the disk's error", err)
				}
				appendAll(t, s, "after")
				s.Seal()
				expect(t, contents(t, s), "before", "after")
				bytes := s.Usage().Bytes
				closeSpool(t, s)

				s = open(t, dir, roomy)
				defer closeSpool(t, s)
				expect(t, contents(t, s), "before", "after")
				if got := s.Usage().Bytes; got != bytes {
					t.Errorf("%d bytes in use after reopening, %d before", got, bytes)
				}
			})
		}
	}
}

func TestBudget(t *testing.T) {
	blob := bytes.Repeat([]byte("x"), 1000)
	const frames = 5
	s := open(t, t.TempDir(), Options{Budget: int64(len(magic) + frames*(frameHeader+len(blob))), SegmentSize: 1 << 20})
	defer closeSpool(t, s)
	for range frames {
		if err := s.Append(blob); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Append([]byte("one too many")); !errors.Is(err, ErrFull) {
		t.Errorf("over budget: %v, want ErrFull", err)
	}
	s.Seal()
	if err := s.Remove(s.Sealed()[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(blob); err != nil {
		t.Errorf("after a segment was removed: %v", err)
	}
}

func TestSegmentsAreSealedBySize(t *testing.T) {
	s := open(t, t.TempDir(), Options{Budget: 1 << 20, SegmentSize: 100})
	defer closeSpool(t, s)
	for i := range 10 {
		appendAll(t, s, fmt.Sprintf("%040d", i))
	}
	if n := len(s.Sealed()); n != 5 {
		t.Errorf("%d segments sealed, want 5 of two blobs", n)
	}
	select {
	case <-s.Ready():
	default:
		t.Error("not ready although segments were sealed")
	}
}

func TestRefusedBlobs(t *testing.T) {
	s := open(t, t.TempDir(), roomy)
	for _, size := range []int{0, MaxBlob + 1} {
		if err := s.Append(make([]byte, size)); err == nil {
			t.Errorf("a blob of %d bytes was accepted", size)
		}
	}
	appendAll(t, s, "good")
	s.Stop()
	if err := s.Append([]byte("late")); !errors.Is(err, ErrClosed) {
		t.Errorf("after Stop: %v, want ErrClosed", err)
	}
	expect(t, contents(t, s), "good")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestDirectoryHasOneOwner(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, roomy)
	if _, err := Open(dir, roomy); err == nil || !strings.Contains(err.Error(), "another process uses this directory") {
		t.Errorf("second Open: %v", err)
	}
	closeSpool(t, s)
	closeSpool(t, open(t, dir, roomy))
}

func TestForeignFilesAreLeftAlone(t *testing.T) {
	dir := t.TempDir()
	names := []string{"notes.txt", "x-y.seg", "12.seg", "7-.seg"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir, roomy)
	defer closeSpool(t, s)
	if n := len(s.Sealed()); n != 0 {
		t.Errorf("%d segments found", n)
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	s := open(t, t.TempDir(), Options{Budget: 1 << 30, SegmentSize: 4 << 10})
	const writers, each = 16, 40
	var work, reader sync.WaitGroup
	got := make(map[string]int)
	stop := make(chan struct{})
	reader.Go(func() {
		for done := false; !done; {
			select {
			case <-s.Ready():
			case <-stop:
				done = true
			}
			for _, seg := range s.Sealed() {
				blobs, err := read(s, seg)
				if err != nil {
					t.Error(err)
				}
				for _, r := range blobs {
					got[r]++
				}
				if err := s.Remove(seg); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for w := range writers {
		work.Go(func() {
			for i := range each {
				if err := s.Append(fmt.Appendf(nil, "%d/%d", w, i)); err != nil {
					t.Error(err)
				}
				if i%10 == 0 {
					s.Seal()
				}
			}
		})
	}
	work.Wait()
	s.Stop()
	close(stop)
	reader.Wait()
	for w := range writers {
		for i := range each {
			if n := got[fmt.Sprintf("%d/%d", w, i)]; n != 1 {
				t.Fatalf("blob %d/%d was read %d times", w, i, n)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
