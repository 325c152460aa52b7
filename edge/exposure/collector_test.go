package exposure_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/exposure"
	"github.com/sortition-dev/sortition/edge/exposure/exposuretest"
)

const apiKey = "test-api-key"

// collector is a small collector inside the client's transport. fault, if set, gets the number of
// each request, from 0, and may make it fail.
type collector struct {
	t     testing.TB
	fault func(request int, r *http.Request, store func()) (*http.Response, error)

	mu       sync.Mutex
	requests []time.Time
	attempts []event.ExposureBatch
	sizes    []int
	stored   map[uint64]event.Exposure
}

func (c *collector) RoundTrip(r *http.Request) (*http.Response, error) {
	batch, size, err := exposuretest.Read(r)
	if err != nil {
		c.t.Errorf("the body is not a batch: %v", err)
	}
	if got, want := r.Header.Get("Authorization"), "Bearer "+apiKey; got != want {
		c.t.Errorf("Authorization %q, want %q", got, want)
	}
	if got, want := r.Method+" "+r.URL.String(), "POST http://collector.test/base/api/v1/exposures"; got != want {
		c.t.Errorf("request %q, want %q", got, want)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.requests)
	c.requests = append(c.requests, time.Now())
	c.attempts = append(c.attempts, batch)
	c.sizes = append(c.sizes, size)
	store := func() {
		for _, e := range batch.Exposures {
			if earlier, ok := c.stored[e.Seq]; ok && earlier != e {
				c.t.Errorf("sequence number %d names two exposures: %+v and %+v", e.Seq, earlier, e)
			}
			c.stored[e.Seq] = e
		}
	}
	if c.fault != nil {
		if res, err := c.fault(n, r, store); res != nil || err != nil {
			return res, err
		}
	}
	store()
	return answer(http.StatusAccepted), nil
}

func answer(status int, header ...string) *http.Response {
	res := &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: http.Header{},
		Body: io.NopCloser(bytes.NewReader([]byte(`{"title":"x","detail":"because"}`))),
	}
	for i := 0; i < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	return res
}

func newCollector(t testing.TB) *collector {
	return &collector{t: t, stored: make(map[uint64]event.Exposure)}
}

func (c *collector) queue(spoil ...func(*exposure.Config)) *exposure.Queue {
	c.t.Helper()
	config := exposure.Config{
		Endpoint:   "http://collector.test/base",
		APIKey:     apiKey,
		Source:     "edge-1",
		HTTPClient: &http.Client{Transport: c},
		Logger:     slog.New(slog.DiscardHandler),
	}
	for _, f := range spoil {
		f(&config)
	}
	q, err := exposure.New(config)
	if err != nil {
		c.t.Fatal(err)
	}
	return q
}

func checkBooks(t *testing.T, s exposure.Stats) {
	t.Helper()
	if sum := s.Sent + s.Duplicate + s.Shed + s.Rejected + s.Queued + s.Lost; s.Emitted != sum {
		t.Errorf("the books do not balance: emitted %d, accounted for %d: %+v", s.Emitted, sum, s)
	}
}

func exposureOf(unit, experiment string) event.Exposure {
	return event.Exposure{
		Experiment: experiment, Variant: "treatment", Phase: 1,
		Unit: "user", UnitID: unit, Revision: 3,
	}
}
