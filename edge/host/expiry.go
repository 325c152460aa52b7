package host

import (
	"sync"
	"sync/atomic"
	"time"
)

// expiryCheck is the longest time between two readings of the clock, before and after an expiry:
// somebody may correct a machine's clock.
const expiryCheck = time.Minute

// expiry reports whether a time has come, without reading the clock for each decision.
type expiry struct {
	at   time.Time
	now  func() time.Time
	come atomic.Bool

	mu    sync.Mutex
	timer *time.Timer // nil after stop
}

// watch returns an expiry that follows the clock now until stop.
func watch(at time.Time, now func() time.Time) *expiry {
	e := &expiry{at: at, now: now}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.timer = time.AfterFunc(e.look(), e.tick)
	return e
}

// look reads the clock, and returns the time until it has to be read again.
func (e *expiry) look() time.Duration {
	left := e.at.Sub(e.now())
	e.come.Store(left <= 0)
	if left <= 0 {
		return expiryCheck
	}
	return min(left, expiryCheck)
}

func (e *expiry) tick() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.timer != nil {
		e.timer.Reset(e.look())
	}
}

func (e *expiry) reached() bool { return e.come.Load() }

func (e *expiry) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.timer.Stop()
	e.timer = nil
}
