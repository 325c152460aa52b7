package reload

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
)

func source(t *testing.T, handler http.HandlerFunc) *HTTPSource {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s, err := NewHTTPSource(server.URL+"/bundles/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHTTPSourceReads(t *testing.T) {
	s := source(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/bundles/m/1.json" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, "hello")
	})
	o, err := s.Get(t.Context(), "m/1.json", "", 5)
	if err != nil || string(o.Data) != "hello" || o.ETag != `"v1"` {
		t.Fatalf("got %+v, %v", o, err)
	}
	if _, err := s.Get(t.Context(), "m/1.json", o.ETag, 5); !errors.Is(err, bundle.ErrNotModified) {
		t.Errorf("with its ETag: %v", err)
	}
	if o, err := s.Get(t.Context(), "m/1.json", `"v0"`, 5); err != nil || string(o.Data) != "hello" {
		t.Errorf("with another ETag: %+v, %v", o, err)
	}
}

func TestHTTPSourceAnswers(t *testing.T) {
	answer := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			io.WriteString(w, body)
		}
	}
	for name, row := range map[string]struct {
		handler http.HandlerFunc
		etag    string
		want    error // nil: some other error
	}{
		"not found":                  {answer(404, "<html>"), "", bundle.ErrNotFound},
		"forbidden":                  {answer(403, "AccessDenied"), "", bundle.ErrNotFound},
		"broken":                     {answer(500, "{}"), "", nil},
		"busy":                       {answer(503, "{}"), "", nil},
		"no content":                 {answer(204, ""), "", nil},
		"not modified without a tag": {answer(304, ""), "", nil},
		"too long, as announced": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000000000000")
			io.WriteString(w, "x")
		}, "", bundle.ErrTooLarge},
		"endless": {func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 32<<10)); err != nil {
					return
				}
			}
		}, "", bundle.ErrTooLarge},
		"a head that does not end": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", strings.Repeat("x", 2*maxHeaderSize))
			io.WriteString(w, "hello")
		}, "", nil},
		"a server that does not know conditions": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"v1"`)
			io.WriteString(w, "hello")
		}, `"v1"`, bundle.ErrNotModified},
		"cut short": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "50")
			io.WriteString(w, "hello")
		}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := source(t, row.handler).Get(t.Context(), "latest.json", row.etag, 100)
			if err == nil {
				t.Fatalf("got %d bytes", len(o.Data))
			}
			if row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if row.want == nil && reasonOf(err) != "" {
				t.Errorf("%v is taken for a refusal: %s", err, reasonOf(err))
			}
		})
	}
}

func TestHTTPSourceWantsNoCompression(t *testing.T) {
	s := source(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			z.Write(make([]byte, 1<<20))
			z.Close()
			return
		}
		io.WriteString(w, "plain")
	})
	if o, err := s.Get(t.Context(), "b/x", "", 100); err != nil || string(o.Data) != "plain" {
		t.Errorf("got %q, %v", o.Data, err)
	}
}

func TestHTTPSourceDoesNotWaitForEver(t *testing.T) {
	release := make(chan struct{})
	s := source(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "a bit")
		w.(http.Flusher).Flush()
		<-release
	})
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Get(ctx, "b/x", "", 100); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestNewHTTPSourceRefuses(t *testing.T) {
	for _, base := range []string{"", "host/path", "ftp://host", "https://", "https://host?token=x", "https://host#x", "https://us er@host"} {
		if _, err := NewHTTPSource(base, nil); err == nil {
			t.Errorf("%q: accepted", base)
		}
	}
}

// A host follows a real web server in front of a real directory, which goes away and
// comes back.
func TestRunFollowsAWebServer(t *testing.T) {
	directory := t.TempDir()
	bucket, err := store.NewDir(directory)
	if err != nil {
		t.Fatal(err)
	}
	publish := func(n uint64) {
		s := seal(t, manifest(n), publisherKey)
		for _, o := range s.Objects {
			if err := bucket.Put(t.Context(), o.Name, o.Data); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(
			bucket.Create(t.Context(), bundle.ManifestName(1, n), s.Envelope),
			bucket.Put(t.Context(), bundle.LatestName, s.Envelope),
		); err != nil {
			t.Fatal(err)
		}
	}
	var broken atomic.Bool
	files := http.FileServer(http.Dir(directory))
	src := source(t, func(w http.ResponseWriter, r *http.Request) {
		if broken.Load() {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		http.StripPrefix("/bundles", files).ServeHTTP(w, r)
	})

	activated := make(chan uint64, 8)
	r, err := New(Config{
		Source: src, Root: newRoot(t, 1, day.Add(52*week), publisherKey), Environment: "production",
		StateDir: t.TempDir(), Poll: time.Millisecond,
		Prepare: func(_ context.Context, b *bundle.Bundle) (func(), error) {
			return func() { activated <- b.Manifest.Revision }, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	publish(1)
	ctx, cancel := context.WithCancel(t.Context())
	if err := r.Start(ctx); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.Run(ctx)
	}()
	if n := <-activated; n != 1 {
		t.Errorf("activated %d first", n)
	}
	publish(2)
	if n := <-activated; n != 2 {
		t.Errorf("activated %d second", n)
	}
	broken.Store(true)
	for r.Status().Failures == 0 {
		time.Sleep(time.Millisecond)
	}
	publish(3)
	broken.Store(false)
	if n := <-activated; n != 3 {
		t.Errorf("activated %d third", n)
	}
	cancel()
	<-done
	if s := r.Status(); s.Revision != 3 || s.Epoch != 1 || s.Environment != "production" {
		t.Errorf("status %+v", s)
	}
}
