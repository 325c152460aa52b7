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

// BenchmarkAssign measures a request from its body to its answer, without the network.
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
	const body = `{"user_id":"u2","context":{"country":"NZ","plan":"pro","age":34}}`
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/v1/assign", strings.NewReader(body)))
			if w.Code != http.StatusOK {
				b.Fatal(w.Code, w.Body)
			}
		}
	})
}
