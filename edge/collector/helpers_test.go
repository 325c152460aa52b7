package collector_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/eventfile"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/collector"
	parquet "github.com/sortition-dev/sortition/edge/collector/sink/bucket"
)

const apiKey = "a test's API key"

var hashKey = []byte("a test's hash key of 32 bytes ok")

// noon is a time that all of these tests may use; event times are checked against it.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// bucket is a bucket in memory. fault, if set, can make Create fail before or after the object is
// stored.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	fault   func(name string) (before, after error)
}

func newBucket() *bucket { return &bucket{objects: make(map[string][]byte)} }

func (b *bucket) Create(_ context.Context, name string, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var before, after error
	if b.fault != nil {
		before, after = b.fault(name)
	}
	if before != nil {
		return before
	}
	if _, ok := b.objects[name]; ok {
		return store.ErrExists
	}
	b.objects[name] = bytes.Clone(data)
	return after
}

func (b *bucket) Put(_ context.Context, name string, data []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fault != nil {
		if before, after := b.fault(name); before != nil || after != nil {
			return errors.Join(before, after)
		}
	}
	b.objects[name] = bytes.Clone(data)
	return nil
}

func (b *bucket) names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Sorted(maps.Keys(b.objects))
}

func readRows[R eventfile.Row](t *testing.T, data []byte) []R {
	t.Helper()
	rows, err := eventfile.Decode[R](data)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func (b *bucket) exposures(t *testing.T) []event.StoredExposure {
	t.Helper()
	var rows []event.StoredExposure
	for _, name := range b.names() {
		if strings.HasPrefix(name, event.ExposuresPrefix) {
			rows = append(rows, readRows[event.StoredExposure](t, b.objects[name])...)
		}
	}
	return rows
}

func (b *bucket) outcomes(t *testing.T) []event.StoredOutcome {
	t.Helper()
	var rows []event.StoredOutcome
	for _, name := range b.names() {
		if strings.HasPrefix(name, event.OutcomesPrefix) {
			rows = append(rows, readRows[event.StoredOutcome](t, b.objects[name])...)
		}
	}
	return rows
}

func config(t *testing.T, b *bucket, spoil ...func(*collector.Config)) collector.Config {
	files := parquet.New(b)
	c := collector.Config{
		Sink: files, Metrics: files.Metrics(), Bucket: b, Dir: t.TempDir(), APIKeys: []string{"another key", apiKey}, HashKey: hashKey,
		Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
	}
	for _, f := range spoil {
		f(&c)
	}
	return c
}

func start(t *testing.T, c collector.Config) *collector.Collector {
	t.Helper()
	col, err := collector.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return col
}

func post(h http.Handler, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+apiKey)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func mustPost(t *testing.T, h http.Handler, path, body string) {
	t.Helper()
	if w := post(h, path, body); w.Code != http.StatusAccepted {
		t.Fatalf("POST %s: %d %s", path, w.Code, w.Body)
	}
}

func get(h http.Handler, path string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// hashOf recomputes a unit hash from its definition.
func hashOf(unit, id string) string {
	mac := hmac.New(sha256.New, hashKey)
	io.WriteString(mac, unit+"\x00"+id)
	return hex.EncodeToString(mac.Sum(nil))[:event.UnitHashHexLength]
}

var errBucket = errors.New("the bucket is down")
