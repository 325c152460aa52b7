package server_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/server"
)

// BenchmarkAssign measures a request about one flag, from its body to its answer, without the
// connection.
func BenchmarkAssign(b *testing.B) {
	bucket := newBucket(b)
	bucket.publish(b, program())
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	h, err := host.Open(b.Context(), host.Options{Source: bucket, Root: bucket.root, Environment: environment, Logger: logger})
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close(b.Context())
	s := server.New(server.Options{Host: h, Logger: logger})
	body := strings.NewReader(`{"user_id":"u2","experiments":["theme"],"context":{"country":"NZ","plan":"pro","age":34}}`)
	r := httptest.NewRequest(http.MethodPost, "/api/v1/assign", body)
	r.ContentLength = body.Size()
	w := &blank{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		r.Body = io.NopCloser(body)
		clear(w.header)
		s.ServeHTTP(w, r)
		if w.status != 0 || w.written == 0 {
			b.Fatal(w.status, w.written)
		}
	}
}

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
