package mirror_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/publisher/analysis/mirror"
)

const (
	nine = "events/exposures/date=2026-03-02/hour=09/a.parquet"
	ten  = "events/exposures/date=2026-03-02/hour=10/b.parquet"
	buys = "events/outcomes/date=2026-03-02/hour=10/c.parquet"
)

// bucket is a store in memory that counts what is fetched.
type bucket struct {
	*storetest.Memory
	fetched atomic.Int32
}

func newBucket(t *testing.T, names ...string) *bucket {
	t.Helper()
	b := &bucket{Memory: storetest.NewMemory()}
	b.Before = func(_ context.Context, op storetest.Op, _ string) error {
		if op == storetest.OpGet {
			b.fetched.Add(1)
		}
		return nil
	}
	for _, name := range names {
		b.put(t, name, name)
	}
	return b
}

func (b *bucket) put(t *testing.T, name, content string) {
	t.Helper()
	if err := b.Put(context.Background(), name, []byte(content)); err != nil {
		t.Fatal(err)
	}
}

// has are the names and contents of a directory's files, but for the empty ones that
// the mirror adds.
func has(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "date=1970-01-01") {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	got := has(t, dir)
	for _, name := range want {
		if got[name] != name {
			t.Errorf("%s holds %q", name, got[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("files %v, want %v", got, want)
	}
}

func TestUpdateIsIncremental(t *testing.T) {
	ctx := context.Background()
	b := newBucket(t, nine, buys, "m/1.json", "events/exposures/README")
	m := &mirror.Mirror{Source: b, Dir: t.TempDir()}
	update := func(fetches int32) {
		t.Helper()
		b.fetched.Store(0)
		if _, err := m.Update(ctx); err != nil {
			t.Fatal(err)
		}
		if n := b.fetched.Load(); n != fetches {
			t.Errorf("%d files fetched, want %d", n, fetches)
		}
	}
	update(2)
	wantFiles(t, m.Dir, nine, buys)
	update(0)

	b.put(t, ten, ten)
	update(1)
	wantFiles(t, m.Dir, nine, ten, buys)

	// What retention or a person's right removes from the bucket goes here too.
	if err := b.Delete(ctx, nine); err != nil {
		t.Fatal(err)
	}
	update(0)
	wantFiles(t, m.Dir, ten, buys)

	// A file that was replaced, or damaged here, comes again.
	time.Sleep(2 * time.Millisecond) // beyond the resolution of the times compared
	b.put(t, ten, ten)
	if err := os.WriteFile(filepath.Join(m.Dir, filepath.FromSlash(buys)), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	update(2)
	wantFiles(t, m.Dir, ten, buys)
}

func TestNamesThatAreNotEventFilesAreLeft(t *testing.T) {
	b := newBucket(t,
		"events/exposures/date=2026-03-02/hour=09/deep/a.parquet",
		"events/exposures/date=2026-3-2/hour=09/a.parquet",
		"events/exposures/date=2026-03-02/hour=09/a.parquet.tmp",
		"events/exposures/a.parquet",
	)
	m := &mirror.Mirror{Source: b, Dir: t.TempDir()}
	if _, err := m.Update(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, m.Dir)
}

func TestLimit(t *testing.T) {
	b := newBucket(t, nine, ten, buys)
	size := int64(len(nine) + len(ten) + len(buys))
	m := &mirror.Mirror{Source: b, Dir: t.TempDir(), MaxBytes: size - 1}
	if _, err := m.Update(context.Background()); !errors.Is(err, mirror.ErrTooMuch) || !strings.Contains(err.Error(), "--sql") {
		t.Errorf("got %v", err)
	}
	if n := b.fetched.Load(); n != 0 {
		t.Errorf("%d files fetched", n)
	}
	m.MaxBytes = size
	if _, err := m.Update(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestProgress(t *testing.T) {
	b := newBucket(t, nine, ten, buys)
	var seen []mirror.Progress
	m := &mirror.Mirror{Source: b, Dir: t.TempDir(), Progress: func(p mirror.Progress) { seen = append(seen, p) }}
	if _, err := m.Update(context.Background()); err != nil {
		t.Fatal(err)
	}
	total := int64(len(nine) + len(ten) + len(buys))
	if len(seen) != 3 || seen[2] != (mirror.Progress{Files: 3, TotalFiles: 3, Bytes: total, TotalBytes: total}) {
		t.Errorf("%+v", seen)
	}
}

// A file that goes between the listing and the fetching, as when files are merged, makes
// the mirror look again: what replaced it must not be missed.
func TestFileVanishes(t *testing.T) {
	b := newBucket(t, nine, ten)
	b.Before = func(ctx context.Context, op storetest.Op, name string) error {
		if op == storetest.OpGet && name == nine {
			if err := b.Delete(ctx, nine); err != nil {
				return err
			}
			return b.Put(ctx, buys, []byte(buys))
		}
		return nil
	}
	m := &mirror.Mirror{Source: b, Dir: t.TempDir()}
	if _, err := m.Update(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, m.Dir, ten, buys)
}

func TestBucketThatNeverRests(t *testing.T) {
	b := newBucket(t, nine)
	b.Before = func(_ context.Context, op storetest.Op, _ string) error {
		if op == storetest.OpGet {
			return bundle.ErrNotFound
		}
		return nil
	}
	m := &mirror.Mirror{Source: b, Dir: t.TempDir()}
	if _, err := m.Update(context.Background()); err == nil || !strings.Contains(err.Error(), "try again") {
		t.Errorf("got %v", err)
	}
}

func TestErrorsNameTheFile(t *testing.T) {
	down := errors.New("connection refused")
	for op, part := range map[storetest.Op]string{storetest.OpGet: nine, storetest.OpList: event.ExposuresPrefix} {
		b := newBucket(t, nine)
		b.Before = func(_ context.Context, o storetest.Op, _ string) error {
			if o == op {
				return down
			}
			return nil
		}
		m := &mirror.Mirror{Source: b, Dir: t.TempDir()}
		if _, err := m.Update(context.Background()); !errors.Is(err, down) || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: got %v", op, err)
		}
	}
}
