package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
)

const limit = 1 << 20

func TestDir(t *testing.T) {
	s, err := store.Open(t.Context(), t.TempDir()+"/made/on/demand")
	if err != nil {
		t.Fatal(err)
	}
	conformance(t, s)
}

func TestMemory(t *testing.T) { conformance(t, storetest.NewMemory()) }

func TestEmbeddedS3(t *testing.T) {
	server := startEmbedded(t)
	t.Run("bucket", func(t *testing.T) {
		s, err := server.Store("bucket", "")
		if err != nil {
			t.Fatal(err)
		}
		conformance(t, s)
	})
	t.Run("prefix, from a URL", func(t *testing.T) {
		s, err := store.Open(t.Context(), server.URL("other", "team/web"))
		if err != nil {
			t.Fatal(err)
		}
		conformance(t, s)
	})
}

func startEmbedded(t *testing.T) *storetest.S3 {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, err := storetest.NewS3(l, "bucket", "other")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return server
}

// conformance is what every store must do. The store must be empty.
func conformance(t *testing.T, s store.Store) {
	ctx := t.Context()
	get := func(t *testing.T, name string) bundle.Object {
		t.Helper()
		o, err := s.Get(ctx, name, "", limit)
		if err != nil {
			t.Fatalf("get %s: %v", name, err)
		}
		return o
	}
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	t.Run("an object that is not there", func(t *testing.T) {
		for _, etag := range []string{"", "d41d8cd98f00b204e9800998ecf8427e"} {
			if _, err := s.Get(ctx, "m/1.json", etag, limit); !errors.Is(err, bundle.ErrNotFound) {
				t.Errorf("get: %v", err)
			}
		}
		must(t, s.Delete(ctx, "m/1.json"))
		if got := list(t, s, ""); len(got) != 0 {
			t.Errorf("an empty store lists %v", got)
		}
	})

	t.Run("create once", func(t *testing.T) {
		must(t, s.Create(ctx, "m/2.json", []byte("first")))
		if err := s.Create(ctx, "m/2.json", []byte("second")); !errors.Is(err, store.ErrExists) {
			t.Errorf("second create: %v", err)
		}
		if err := s.Create(ctx, "m/2.json", []byte("first")); !errors.Is(err, store.ErrExists) {
			t.Errorf("create of the same again: %v", err)
		}
		if got := get(t, "m/2.json"); string(got.Data) != "first" {
			t.Errorf("it holds %q", got.Data)
		}
		must(t, s.Delete(ctx, "m/2.json"))
		must(t, s.Create(ctx, "m/2.json", []byte("after delete")))
	})

	t.Run("one winner", func(t *testing.T) {
		const writers, rounds = 8, 5
		for round := range rounds {
			name := fmt.Sprintf("race/%d.json", round)
			var won atomic.Int32
			var winner atomic.Value
			var wait sync.WaitGroup
			for w := range writers {
				wait.Go(func() {
					data := fmt.Sprintf("writer %d", w)
					switch err := s.Create(ctx, name, []byte(data)); {
					case err == nil:
						won.Add(1)
						winner.Store(data)
					case !errors.Is(err, store.ErrExists):
						t.Errorf("writer %d: %v", w, err)
					}
				})
			}
			wait.Wait()
			if n := won.Load(); n != 1 {
				t.Fatalf("%d writers created %s", n, name)
			}
			if got := get(t, name); string(got.Data) != winner.Load() {
				t.Errorf("%s holds %q, the winner wrote %q", name, got.Data, winner.Load())
			}
		}
	})

	t.Run("put replaces", func(t *testing.T) {
		must(t, s.Put(ctx, "latest.json", []byte("one")))
		first := get(t, "latest.json")
		must(t, s.Put(ctx, "latest.json", []byte("two")))
		second := get(t, "latest.json")
		if string(first.Data) != "one" || string(second.Data) != "two" {
			t.Errorf("got %q, then %q", first.Data, second.Data)
		}
		if first.ETag == "" || first.ETag == second.ETag {
			t.Errorf("ETags %q and %q", first.ETag, second.ETag)
		}
	})

	t.Run("not modified", func(t *testing.T) {
		must(t, s.Put(ctx, "etag.json", []byte("one")))
		etag := get(t, "etag.json").ETag
		if _, err := s.Get(ctx, "etag.json", etag, limit); !errors.Is(err, bundle.ErrNotModified) {
			t.Errorf("unchanged: %v", err)
		}
		must(t, s.Put(ctx, "etag.json", []byte("two")))
		if o, err := s.Get(ctx, "etag.json", etag, limit); err != nil || string(o.Data) != "two" {
			t.Errorf("changed: %q, %v", o.Data, err)
		}
	})

	t.Run("limits", func(t *testing.T) {
		must(t, s.Put(ctx, "b/limit", make([]byte, 100)))
		for _, limit := range []int64{100, 101, 1 << 40} {
			if o, err := s.Get(ctx, "b/limit", "", limit); err != nil || len(o.Data) != 100 {
				t.Errorf("limit %d: %d bytes, %v", limit, len(o.Data), err)
			}
		}
		for _, limit := range []int64{0, 99} {
			if _, err := s.Get(ctx, "b/limit", "", limit); !errors.Is(err, bundle.ErrTooLarge) {
				t.Errorf("limit %d: %v", limit, err)
			}
		}
	})

	t.Run("any bytes", func(t *testing.T) {
		noise := make([]byte, 18<<20) // beyond where S3 clients begin to send in parts
		rand.NewChaCha8([32]byte{}).Read(noise)
		for name, data := range map[string][]byte{"b/empty": {}, "b/zero": {0}, "b/noise": noise} {
			must(t, s.Create(ctx, name, data))
			o, err := s.Get(ctx, name, "", int64(len(data)))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !bytes.Equal(o.Data, data) {
				t.Errorf("%s: %d bytes came back as %d others", name, len(data), len(o.Data))
			}
			must(t, s.Delete(ctx, name))
		}
	})

	t.Run("list", func(t *testing.T) {
		names := []string{
			"events/a-b.parquet", "events/a.parquet", "events/a/1.parquet", "events/a/2.parquet",
			"events/date=2026-03-01/hour=09/x_1.parquet", "events/date=2026-03-01/hour=10/x.parquet", "eventsnot",
		}
		for i, name := range slices.Backward(names) {
			must(t, s.Put(ctx, name, make([]byte, i)))
		}
		for prefix, want := range map[string][]string{
			"events":                             names,
			"events/":                            names[:6],
			"events/a":                           names[:4],
			"events/a/":                          names[2:4],
			"events/date=2026-03-01/hour=1":      names[5:6],
			"events/date=2026-03-01/hour=10/x.p": names[5:6],
			"events/b":                           nil,
			"absent/":                            nil,
		} {
			if got := list(t, s, prefix); !slices.Equal(got, want) {
				t.Errorf("list %s: %v, want %v", prefix, got, want)
			}
		}
		for e, err := range s.List(ctx, "events/a/") {
			must(t, err)
			if e.Name != names[2] || e.Size != 2 || time.Since(e.Modified).Abs() > time.Hour {
				t.Errorf("first entry is %+v", e)
			}
			break
		}
		must(t, s.Delete(ctx, names[2]))
		if got := list(t, s, "events/a/"); !slices.Equal(got, names[3:4]) {
			t.Errorf("after a delete: %v", got)
		}
	})

	t.Run("more objects than a page", func(t *testing.T) {
		const n = 1100
		var wait sync.WaitGroup
		next := make(chan int)
		for range 8 {
			wait.Go(func() {
				for i := range next {
					if err := s.Put(ctx, fmt.Sprintf("pages/%04d", i), nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for i := range n {
			next <- i
		}
		close(next)
		wait.Wait()
		if got := list(t, s, "pages/"); len(got) != n || !slices.IsSorted(got) {
			t.Errorf("%d objects are listed, sorted: %t; want %d", len(got), slices.IsSorted(got), n)
		}
	})

	t.Run("names", func(t *testing.T) {
		for _, name := range []string{
			"", "/", "/m", "m/", "m//1", "../x", "m/../../x", ".hidden", "a b", "a\x00b", `a\b`, "é", "a?b", "a#b", "a%2fb",
			strings.Repeat("x", store.MaxNameLength+1),
		} {
			_, getErr := s.Get(ctx, name, "", limit)
			for op, err := range map[string]error{
				"get": getErr, "put": s.Put(ctx, name, nil), "create": s.Create(ctx, name, nil), "delete": s.Delete(ctx, name),
			} {
				if err == nil || errors.Is(err, bundle.ErrNotFound) {
					t.Errorf("%s %q: %v", op, name, err)
				}
			}
		}
	})

	t.Run("a cancelled context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		_, getErr := s.Get(ctx, "latest.json", "", limit)
		var listErr error
		for _, err := range s.List(ctx, "") {
			listErr = err
		}
		for op, err := range map[string]error{
			"get": getErr, "list": listErr, "put": s.Put(ctx, "latest.json", []byte("no")),
			"create": s.Create(ctx, "m/9.json", nil), "delete": s.Delete(ctx, "latest.json"),
		} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", op, err)
			}
		}
		if got := get(t, "latest.json"); string(got.Data) != "two" {
			t.Errorf("the object became %q", got.Data)
		}
	})
}

func list(t *testing.T, s store.Store, prefix string) (names []string) {
	t.Helper()
	for e, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("list %s: %v", prefix, err)
		}
		names = append(names, e.Name)
	}
	return names
}
