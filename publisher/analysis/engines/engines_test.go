package engines

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sortition-dev/sortition/publisher/analysis/enginetest"
	"github.com/sortition-dev/sortition/publisher/analysis/mirror"
)

// A bucket can be queried before the first event and after it, even if the name of the
// cache has characters that mean something in a glob or in SQL.
func TestOpen(t *testing.T) {
	bucket := t.TempDir()
	o := Options{Cache: filepath.Join(t.TempDir(), "it's [a] b*cket?")}
	stored := func() int64 {
		t.Helper()
		e, err := Open(t.Context(), bucket, o)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		c, err := e.Completeness(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return c.Stored
	}
	if n := stored(); n != 0 {
		t.Errorf("%d exposures in an empty bucket", n)
	}
	var l enginetest.Log
	l.Expose("checkout_test", "control", "ann", 0)
	l.Expose("checkout_test", "control", "bob", 0)
	l.WriteFiles(t, bucket)
	var fetched mirror.Progress
	o.Progress = func(p mirror.Progress) { fetched = p }
	if n := stored(); n != 2 {
		t.Errorf("%d exposures, want 2", n)
	}
	if fetched.Files != 4 || fetched.TotalFiles != 4 {
		t.Errorf("progress %+v", fetched)
	}
}

// Without a directory given, each bucket has its own in the user's cache.
func TestDefaultCache(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
	for range 2 {
		e, err := Open(t.Context(), t.TempDir(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
	}
	caches, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if dirs, err := os.ReadDir(filepath.Join(caches, "sortition", "events")); err != nil || len(dirs) != 2 {
		t.Errorf("%v, %v", dirs, err)
	}
	if _, err := Open(t.Context(), "ftp://bucket", Options{}); err == nil {
		t.Error("no error for a bucket that cannot be opened")
	}
}
