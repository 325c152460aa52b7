package exposure

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
)

// Bounds of one delivery.
const (
	requestTimeout  = 30 * time.Second
	minBackoff      = 200 * time.Millisecond
	maxBackoff      = 30 * time.Second
	maxRetryAfter   = 5 * time.Minute // a collector that asks for more is asked again sooner
	maxResponseSize = 16 << 10        // bytes of a refusal that are read, for the log
)

// sender is the goroutine that empties a queue.
type sender struct {
	*Queue
	batch  []event.Exposure
	hurry  <-chan struct{} // ends the wait in progress when the queue is closed; then nil
	failed bool            // the latest attempt failed
}

func newSender(q *Queue) *sender {
	return &sender{Queue: q, batch: make([]event.Exposure, 0, event.MaxExposures), hurry: q.closing}
}

func (s *sender) run(ctx context.Context) {
	defer close(s.done)
	defer s.cancel()
	ticker := time.NewTicker(s.config.Interval)
	defer ticker.Stop()
	for {
		select {
		case <-s.wake:
			s.flush(ctx, event.MaxExposures)
		case <-ticker.C:
			s.flush(ctx, 1)
		case <-s.closing:
			s.flush(ctx, 1)
			s.abandon()
			return
		}
	}
}

// flush sends what waits now, as long as there are batches of at least atLeast.
func (s *sender) flush(ctx context.Context, atLeast int) {
	for left := s.waiting(); left >= atLeast && ctx.Err() == nil; {
		batch := s.take()
		if len(batch) == 0 { // shed meanwhile
			return
		}
		left -= len(batch)
		for len(batch) > 0 {
			body, n := s.encode(batch)
			s.deliver(ctx, body, n)
			batch = batch[n:]
		}
	}
}

func (s *sender) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending.n
}

func (s *sender) take() []event.Exposure {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.pending.take(s.batch[:0])
	s.inFlight = len(batch)
	s.readmit()
	return batch
}

// abandon counts what is left after the last flush.
func (s *sender) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Lost += uint64(s.pending.n)
	s.pending = ring{}
}

// encode writes as many exposures as fit into one request body and returns their number.
func (s *sender) encode(batch []event.Exposure) ([]byte, int) {
	var body bytes.Buffer
	head, _ := json.Marshal(struct { // strings: cannot fail
		Source string `json:"source"`
		Boot   string `json:"boot"`
	}{s.config.Source, s.boot})
	body.Write(head[:len(head)-1])
	body.WriteString(`,"exposures":[`)
	const tail = "]}"
	for i := range batch {
		one, _ := json.Marshal(&batch[i]) // strings and numbers: cannot fail
		if i > 0 {
			if body.Len()+len(",")+len(one)+len(tail) > event.MaxBatchBytes {
				body.WriteString(tail)
				return body.Bytes(), i
			}
			body.WriteByte(',')
		}
		body.Write(one)
	}
	body.WriteString(tail)
	return body.Bytes(), len(batch)
}

// deliver sends n exposures until they are acknowledged or refused, or ctx ends.
func (s *sender) deliver(ctx context.Context, body []byte, n int) {
	for attempt := 0; ; attempt++ {
		v, err := s.post(ctx, body)
		switch v.fate {
		case acknowledged:
			if s.failed {
				s.failed = false
				s.config.Logger.Info("the collector accepts exposures again", "endpoint", s.url, "shed", s.Stats().Shed)
			}
			s.settle(&s.stats.Sent, n)
			return
		case refused:
			s.config.Logger.Error("the collector refused exposures; they are not sent again",
				"endpoint", s.url, "exposures", n, "error", err)
			s.settle(&s.stats.Rejected, n)
			return
		}
		if !s.failed && ctx.Err() == nil {
			s.failed = true
			s.config.Logger.Warn("the collector does not accept exposures; they wait in memory and are sent again", "endpoint", s.url, "error", err)
		}
		if !s.sleep(ctx, max(backoff(attempt), v.retryAfter)) {
			s.settle(&s.stats.Lost, n)
			return
		}
		s.mu.Lock()
		s.stats.Retried++
		s.mu.Unlock()
	}
}

// settle moves n exposures from the batch on its way to a counter of stats.
func (s *sender) settle(counter *uint64, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*counter += uint64(n)
	s.inFlight -= n
}

// fate is what one request did to its exposures.
type fate uint8

const (
	undecided fate = iota // to be sent again
	acknowledged
	refused
)

type verdict struct {
	fate       fate
	retryAfter time.Duration // as the collector asked; zero if it did not
}

func (s *sender) post(ctx context.Context, body []byte) (verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return verdict{fate: refused}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+s.config.APIKey)
	res, err := s.config.HTTPClient.Do(req)
	if err != nil {
		return verdict{fate: undecided}, err
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, maxResponseSize)) // only for the log
	switch {
	case res.StatusCode/100 == 2:
		return verdict{fate: acknowledged}, nil
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode >= 500:
		wait := retryAfter(res.Header.Get("Retry-After"), s.config.Now())
		return verdict{undecided, wait}, refusal(res.Status, text)
	default:
		return verdict{fate: refused}, refusal(res.Status, text)
	}
}

// refusal is a collector's answer as an error, with the detail of its problem document.
func refusal(status string, body []byte) error {
	var doc struct {
		Detail string `json:"detail"`
	}
	if json.Unmarshal(body, &doc) == nil && doc.Detail != "" {
		return fmt.Errorf("%s: %s", status, doc.Detail)
	}
	return fmt.Errorf("answered %s", status)
}

// sleep reports false if ctx ended first.
func (s *sender) sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.hurry:
		s.hurry = nil
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// backoff doubles with each attempt; half of it is random, so that hosts that failed
// together do not come back together.
func backoff(attempt int) time.Duration {
	d := maxBackoff
	if doubled := minBackoff << min(attempt, 16); doubled < maxBackoff {
		d = doubled
	}
	return d/2 + rand.N(d/2)
}

// retryAfter reads the header of that name: seconds or a date.
func retryAfter(value string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = max(0, at.Sub(now))
	}
	return min(wait, maxRetryAfter)
}
