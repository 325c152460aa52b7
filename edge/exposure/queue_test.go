package exposure_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/exposure"
)

func TestDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCollector(t)
		q := c.queue()
		began := time.Now()
		const full, rest = 2 * event.MaxExposures, 7
		for i := range full + rest {
			q.Add(exposureOf(fmt.Sprint(i), "checkout"))
		}

		synctest.Wait()
		if got := q.Stats(); got.Sent < full || got.Queued != full+rest-got.Sent {
			t.Errorf("before the interval: %+v, want full batches sent and the rest waiting", got)
		}
		time.Sleep(exposure.DefaultInterval)
		synctest.Wait()
		if got, want := q.Stats(), (exposure.Stats{Emitted: full + rest, Sent: full + rest}); got != want {
			t.Errorf("after the interval: %+v, want %+v", got, want)
		}

		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
		for seq := range uint64(full + rest) {
			e, ok := c.stored[seq+1]
			if !ok || e.UnitID != fmt.Sprint(seq) || e.Time != model.MillisOf(began) {
				t.Fatalf("sequence number %d: stored %t: %+v", seq+1, ok, e)
			}
		}
		for _, b := range c.attempts {
			if b.Source != "edge-1" || b.Boot != q.Boot() || len(b.Exposures) > event.MaxExposures {
				t.Errorf("batch of %d from (%s, %s)", len(b.Exposures), b.Source, b.Boot)
			}
		}
	})
}

func TestDuplicates(t *testing.T) {
	base := exposureOf("u1", "checkout")
	with := func(change func(*event.Exposure)) event.Exposure {
		e := base
		change(&e)
		return e
	}
	tests := []struct {
		name      string
		second    event.Exposure
		after     time.Duration
		duplicate bool
	}{
		{"same", base, 0, true},
		{"same, later", with(func(e *event.Exposure) { e.Time = model.MillisOf(time.Now()) }), 59 * time.Minute, true},
		{"another revision", with(func(e *event.Exposure) { e.Revision++ }), 0, true},
		{"after two windows", base, 2 * time.Hour, false},
		{"another unit", with(func(e *event.Exposure) { e.UnitID = "u2" }), 0, false},
		{"another unit type", with(func(e *event.Exposure) { e.Unit = "device" }), 0, false},
		{"another experiment", with(func(e *event.Exposure) { e.Experiment = "search" }), 0, false},
		{"another phase", with(func(e *event.Exposure) { e.Phase = 2 }), 0, false},
		{"another variant", with(func(e *event.Exposure) { e.Variant = "control" }), 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCollector(t)
				q := c.queue()
				q.Add(base)
				time.Sleep(tt.after)
				tt.second.Time = 0
				q.Add(tt.second)
				if err := q.Close(t.Context()); err != nil {
					t.Error(err)
				}
				want := exposure.Stats{Emitted: 2, Sent: 2}
				if tt.duplicate {
					want = exposure.Stats{Emitted: 2, Sent: 1, Duplicate: 1}
				}
				if got := q.Stats(); got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
				if _, ok := c.stored[2]; ok == tt.duplicate {
					t.Errorf("sequence number 2 used: %t", ok)
				}
			})
		})
	}
}

func TestRetries(t *testing.T) {
	network := errors.New("connection reset")
	tests := []struct {
		name    string
		answers []any // a status, a response, or an error; then 202
		want    exposure.Stats
		atLeast time.Duration // between the first request and the last
		atMost  time.Duration
	}{
		{"500 then 202", []any{500}, exposure.Stats{Emitted: 1, Sent: 1, Retried: 1}, 100 * time.Millisecond, 200 * time.Millisecond},
		{"network error then 202", []any{network}, exposure.Stats{Emitted: 1, Sent: 1, Retried: 1}, 100 * time.Millisecond, 200 * time.Millisecond},
		{"back-off grows", []any{503, 503, 503, 503}, exposure.Stats{Emitted: 1, Sent: 1, Retried: 4}, 1500 * time.Millisecond, 3 * time.Second},
		{"429 with seconds", []any{answer(429, "Retry-After", "7")}, exposure.Stats{Emitted: 1, Sent: 1, Retried: 1}, 7 * time.Second, 7 * time.Second},
		{"503 with a date", []any{answer(503, "Retry-After", "Sat, 01 Jan 2000 00:00:42 GMT")}, exposure.Stats{Emitted: 1, Sent: 1, Retried: 1}, 40 * time.Second, 42 * time.Second},
		{"an absurd Retry-After", []any{answer(503, "Retry-After", "4000000000")}, exposure.Stats{Emitted: 1, Sent: 1, Retried: 1}, 5 * time.Minute, 5 * time.Minute},
		{"a broken Retry-After", []any{answer(503, "Retry-After", "soon")}, exposure.Stats{Emitted: 1, Sent: 1, Retried: 1}, 100 * time.Millisecond, 200 * time.Millisecond},
		{"400 is final", []any{400}, exposure.Stats{Emitted: 1, Rejected: 1}, 0, 0},
		{"401 is final", []any{401}, exposure.Stats{Emitted: 1, Rejected: 1}, 0, 0},
		{"413 after a retry is final", []any{502, 413}, exposure.Stats{Emitted: 1, Rejected: 1, Retried: 1}, 100 * time.Millisecond, 200 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCollector(t)
				c.fault = func(n int, _ *http.Request, _ func()) (*http.Response, error) {
					if n >= len(tt.answers) {
						return nil, nil
					}
					switch a := tt.answers[n].(type) {
					case int:
						return answer(a), nil
					case *http.Response:
						return a, nil
					default:
						return nil, a.(error)
					}
				}
				q := c.queue()
				q.Add(exposureOf("u", "checkout"))
				time.Sleep(time.Hour)
				if got := q.Stats(); got != tt.want {
					t.Errorf("%+v, want %+v", got, tt.want)
				}
				if took := c.requests[len(c.requests)-1].Sub(c.requests[0]); took < tt.atLeast || took > tt.atMost {
					t.Errorf("the last request came %v after the first, want %v to %v", took, tt.atLeast, tt.atMost)
				}
				q.Close(t.Context())
			})
		})
	}
}

// Many goroutines add exposures, and the collector fails in every possible way.
func TestBooksBalance(t *testing.T) {
	var total exposure.Stats
	for seed := range uint64(8) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(seed, 1))
				deadline := time.Duration(rng.IntN(int(20 * time.Second)))
				c := newCollector(t)
				c.fault = func(_ int, r *http.Request, store func()) (*http.Response, error) {
					time.Sleep(time.Duration(rng.IntN(int(3 * time.Second))))
					switch rng.IntN(10) {
					case 0:
						return nil, errors.New("connection refused")
					case 1:
						store()
						return nil, errors.New("connection reset after the batch was stored")
					case 2:
						return answer(429, "Retry-After", "3"), nil
					case 3:
						return answer(500), nil
					case 4:
						return answer(400), nil
					case 5:
						<-r.Context().Done()
						return nil, r.Context().Err()
					}
					return nil, nil
				}
				q := c.queue(func(c *exposure.Config) { c.Capacity = 2 * event.MaxExposures })

				var hosts sync.WaitGroup
				for host := range 4 {
					hosts.Go(func() {
						rng := rand.New(rand.NewPCG(seed, uint64(10+host)))
						for range 5_000 {
							e := exposureOf(fmt.Sprint(rng.IntN(8_000)), fmt.Sprint("e", rng.IntN(3)))
							if rng.IntN(500) == 0 {
								e.UnitID = ""
							}
							q.Add(e)
							if rng.IntN(20) == 0 {
								time.Sleep(time.Duration(rng.IntN(int(200 * time.Millisecond))))
							}
						}
					})
				}
				stop := make(chan struct{})
				go func() {
					for {
						select {
						case <-stop:
							return
						case <-time.After(100 * time.Millisecond):
							checkBooks(t, q.Stats())
						}
					}
				}()
				hosts.Wait()
				close(stop)
				ctx, cancel := context.WithTimeout(t.Context(), deadline)
				defer cancel()
				err := q.Close(ctx)
				q.Add(exposureOf("late", "checkout"))

				s := q.Stats()
				checkBooks(t, s)
				if s.Queued != 0 || s.Lost == 0 {
					t.Errorf("after Close: %+v, want nothing queued and the late one lost", s)
				}
				if lost := s.Lost - 1; (err != nil) != (lost > 0) {
					t.Errorf("Close: %v, with %d lost", err, lost)
				}
				if stored := uint64(len(c.stored)); stored < s.Sent || stored > s.Emitted-s.Duplicate {
					t.Errorf("%d stored: %+v", stored, s)
				}
				total.Sent += s.Sent
				total.Duplicate += s.Duplicate
				total.Shed += s.Shed
				total.Rejected += s.Rejected
				total.Lost += s.Lost - 1
				total.Retried += s.Retried
			})
		})
	}
	if total.Sent == 0 || total.Duplicate == 0 || total.Shed == 0 || total.Rejected == 0 || total.Lost == 0 || total.Retried == 0 {
		t.Errorf("a count of something that never happened: %+v", total)
	}
}

func TestBodiesStayUnderTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCollector(t)
		q := c.queue()
		const n = 3 * event.MaxExposures
		name := strings.Repeat("<", event.MaxNameLength)
		for i := range n {
			q.Add(event.Exposure{
				Time: model.MillisOf(time.Now()), Experiment: name, Variant: name, Phase: math.MaxInt32, Unit: name,
				UnitID: fmt.Sprintf("%0*d", event.MaxIDLength, i), Revision: math.MaxUint64, Override: true,
			})
		}
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
		largest := 0
		for _, size := range c.sizes {
			largest = max(largest, size)
		}
		if largest > event.MaxBatchBytes || largest < event.MaxBatchBytes/2 {
			t.Errorf("the largest body has %d bytes; the limit is %d", largest, event.MaxBatchBytes)
		}
		if len(c.stored) != n {
			t.Errorf("%d of %d exposures arrived", len(c.stored), n)
		}
	})
}

func TestInvalidExposureSparesItsBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		c := newCollector(t)
		q := c.queue(func(c *exposure.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
		q.Add(exposureOf("u1", "checkout"))
		long := strings.Repeat("secret", event.MaxIDLength)
		q.Add(exposureOf(long, "checkout"))
		q.Add(exposureOf(long+"2", "checkout"))
		q.Add(exposureOf("u2", "checkout"))
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if got, want := q.Stats(), (exposure.Stats{Emitted: 4, Sent: 2, Rejected: 2}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if n := strings.Count(log.String(), "unit_id: has "); n != 1 || strings.Contains(log.String(), "secret") {
			t.Errorf("want one line about unit_id, without the id:\n%s", log.String())
		}
	})
}

func TestCloseGivesUpAtItsDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCollector(t)
		c.fault = func(_ int, r *http.Request, _ func()) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		q := c.queue()
		for i := range event.MaxExposures + 5 {
			q.Add(exposureOf(fmt.Sprint(i), "checkout"))
		}
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := q.Close(ctx); err == nil || !strings.Contains(err.Error(), "1005 exposures were lost") {
			t.Errorf("Close: %v, want 1005 lost", err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("Close took %v, want 3s", took)
		}
		s := q.Stats()
		checkBooks(t, s)
		if s.Lost != event.MaxExposures+5 || s.Queued != 0 {
			t.Errorf("%+v, want all lost", s)
		}
	})
}

func TestAddAllocatesNothingForADuplicate(t *testing.T) {
	c := newCollector(t)
	q := c.queue()
	defer q.Close(t.Context())
	e := exposureOf("u", "checkout")
	q.Add(e)
	if n := testing.AllocsPerRun(1_000, func() { q.Add(e) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNewRefusesBadConfig(t *testing.T) {
	good := exposure.Config{Endpoint: "http://127.0.0.1:1", Source: "edge-1"}
	tests := []struct {
		name  string
		spoil func(*exposure.Config)
		want  string
	}{
		{"no endpoint", func(c *exposure.Config) { c.Endpoint = "" }, "Endpoint"},
		{"endpoint without scheme", func(c *exposure.Config) { c.Endpoint = "collector:8080" }, "Endpoint"},
		{"no source", func(c *exposure.Config) { c.Source = "" }, "Source"},
		{"capacity below a batch", func(c *exposure.Config) { c.Capacity = event.MaxExposures - 1 }, "Capacity"},
		{"negative window", func(c *exposure.Config) { c.Window = -1 }, "negative"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := good
			tt.spoil(&c)
			q, err := exposure.New(c)
			if err == nil {
				q.Close(t.Context())
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want one about %s", err, tt.want)
			}
		})
	}
}
