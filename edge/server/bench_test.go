package server_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/server"
)

// BenchmarkAssign measures a request about one flag, from its body to its answer, without the
// connection.
func BenchmarkAssign(b *testing.B) {
	assign := assigning(b)
	b.ReportAllocs()
	for b.Loop() {
		assign()
	}
}

// TestAssignHardlyAllocates: a request allocates a copy of its body, of which its strings are
// parts, and what holds the functions that read it.
func TestAssignHardlyAllocates(t *testing.T) {
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("the race detector empties pools")
	}
	const most = 4
	if n := testing.AllocsPerRun(1000, assigning(t)); n > most {
		t.Errorf("%v allocations, want at most %d", n, most)
	}
}

// assigning returns a function that has a request about one flag answered.
func assigning(t testing.TB) func() {
	bucket := newBucket(t)
	bucket.publish(t, program())
	logger := slog.New(slog.DiscardHandler)
	h, err := host.Open(t.Context(), host.Options{Source: bucket, Root: bucket.root, Environment: environment, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(context.Background()) })
	s := server.New(server.Options{Host: h, Logger: logger})
	body := &reusedBody{*strings.NewReader(`{"user_id":"u2","experiments":["theme"],"context":{"country":"NZ","plan":"pro","age":34}}`)}
	r := httptest.NewRequest(http.MethodPost, "/api/v1/assign", body)
	w := &blank{header: http.Header{}}
	return func() {
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		clear(w.header)
		s.ServeHTTP(w, r)
		if w.status != 0 || w.written == 0 {
			t.Fatal(w.status, w.written)
		}
	}
}

type reusedBody struct{ strings.Reader }

func (*reusedBody) Close() error { return nil }

// blank is a [http.ResponseWriter] that forgets the answer.
type blank struct {
	header          http.Header
	status, written int
}

func (w *blank) Header() http.Header    { return w.header }
func (w *blank) WriteHeader(status int) { w.status = status }
func (w *blank) Write(b []byte) (int, error) {
	w.written += len(b)
	return len(b), nil
}
