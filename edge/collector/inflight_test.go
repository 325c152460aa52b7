package collector_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/collector"
)

const track = `{"user_id":"u","event_name":"e"}`

// stream is a request whose body arrives bit by bit.
type stream struct {
	body   *io.PipeWriter
	answer *httptest.ResponseRecorder
}

// streams sends requests whose bodies arrive bit by bit. A test calls done to wait for the answers.
func streams(col *collector.Collector, n int, size int64) (sent []stream, done func()) {
	var all sync.WaitGroup
	for range n {
		body, w := io.Pipe()
		s := stream{w, httptest.NewRecorder()}
		sent = append(sent, s)
		all.Go(func() {
			r := httptest.NewRequest(http.MethodPost, "/api/v1/track", body)
			r.ContentLength = size
			r.Header.Set("Authorization", "Bearer "+apiKey)
			col.Handler().ServeHTTP(s.answer, r)
			body.Close()
		})
	}
	return sent, all.Wait
}

func checkInFlight(t *testing.T, col *collector.Collector, want string) {
	t.Helper()
	if _, text := get(col.Handler(), "/metrics"); !strings.Contains(text, "sortition_collector_in_flight_bytes "+want+"\n") {
		t.Errorf("/metrics does not show %s bytes in flight", want)
	}
}

// Clients that announce the largest bodies and send nothing do not keep others out.
func TestIdleBodiesHoldLittle(t *testing.T) {
	for name, size := range map[string]int64{"of unknown size": -1, "of the largest size": event.MaxBatchBytes} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				col := start(t, config(t, newBucket()))
				defer col.Close(t.Context())
				idle, done := streams(col, collector.MaxInFlight/event.MaxBatchBytes, size)
				synctest.Wait()
				checkInFlight(t, col, "524288") // eight times MaxFirstStep
				began := time.Now()
				mustPost(t, col.Handler(), "/api/v1/track", track)
				if waited := time.Since(began); waited != 0 {
					t.Errorf("a small request waits %v", waited)
				}
				for _, s := range idle {
					s.body.Close()
				}
				done()
				for _, s := range idle {
					if s.answer.Code != http.StatusBadRequest {
						t.Errorf("a body without a byte: %d %s", s.answer.Code, s.answer.Body)
					}
				}
				checkInFlight(t, col, "0")
			})
		})
	}
}

// Bodies that arrive slowly take all of the memory for bodies. The next one waits, and is told to
// come again. When they are done, there is room.
func TestBodiesInFlightAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		col := start(t, config(t, newBucket()))
		defer col.Close(t.Context())
		slow, done := streams(col, collector.MaxInFlight/collector.MaxFirstStep, -1)
		synctest.Wait()

		began := time.Now()
		w := post(col.Handler(), "/api/v1/track", track)
		checkProblem(t, w, http.StatusServiceUnavailable, "too many requests are in progress; send the same events again later")
		if waited := time.Since(began); waited != collector.MaxWait || w.Header().Get("Retry-After") != "5" {
			t.Errorf("after %v, Retry-After %q", waited, w.Header().Get("Retry-After"))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		gone := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/v1/track", strings.NewReader(track))
		gone.Header.Set("Authorization", "Bearer "+apiKey)
		began = time.Now()
		col.Handler().ServeHTTP(httptest.NewRecorder(), gone)
		if waited := time.Since(began); waited != 0 {
			t.Errorf("a request whose client has gone waits %v", waited)
		}
		checkInFlight(t, col, "8.388608e+06")

		for _, s := range slow {
			io.WriteString(s.body, track)
			s.body.Close()
		}
		done()
		for _, s := range slow {
			if s.answer.Code != http.StatusAccepted {
				t.Errorf("a slow body: %d %s", s.answer.Code, s.answer.Body)
			}
		}
		mustPost(t, col.Handler(), "/api/v1/track", track)
		checkInFlight(t, col, "0")
	})
}

// Bodies that hold all of the memory and wait for more do not wait for each other for ever. The
// first one is refused after MaxWait, and the others go on.
func TestBodiesDoNotLockEachOtherOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		col := start(t, config(t, newBucket()))
		defer col.Close(t.Context())
		large := strings.Repeat(" ", event.MaxBatchBytes-len(track)) + track
		const half = event.MaxBatchBytes/2 - 1 // a byte before the next step
		bodies, done := streams(col, 2*collector.MaxInFlight/event.MaxBatchBytes, event.MaxBatchBytes)
		for _, s := range bodies {
			io.WriteString(s.body, large[:half])
		}
		synctest.Wait()
		checkInFlight(t, col, "8.388608e+06")
		began := time.Now()
		for _, s := range bodies {
			go io.WriteString(s.body, large[half:])
			time.Sleep(time.Millisecond) // so that one is the first
		}
		done()
		if waited := time.Since(began); waited != collector.MaxWait {
			t.Errorf("the bodies lock each other out for %v", waited)
		}
		for i, s := range bodies {
			if want := http.StatusAccepted; i > 0 && s.answer.Code != want || i == 0 && s.answer.Code != http.StatusServiceUnavailable {
				t.Errorf("body %d: %d %s", i, s.answer.Code, s.answer.Body)
			}
		}
		checkInFlight(t, col, "0")
	})
}

// A body of which reading panics gives its memory back.
func TestPanicsGiveMemoryBack(t *testing.T) {
	col := start(t, config(t, newBucket()))
	defer col.Close(t.Context())
	for _, path := range []string{"/api/v1/track", hostsPath} {
		r := httptest.NewRequest(http.MethodPost, path, broken{})
		r.Header.Set("Authorization", "Bearer "+apiKey)
		func() {
			defer func() {
				if recover() != "broken" {
					t.Error("no panic")
				}
			}()
			col.Handler().ServeHTTP(httptest.NewRecorder(), r)
		}()
	}
	checkInFlight(t, col, "0")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { panic("broken") }
