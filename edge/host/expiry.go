package host

import (
	"sync"
	"sync/atomic"
	"time"
)

// expiryCheck is how often the clock is looked at again before and after an expiry: a
// machine's clock may be put right.
const expiryCheck = time.Minute

// expiry tells whether a time has come, without reading the clock for each decision.
type expiry struct {
	at   time.Time
	now  func() time.Time
	come atomic.Bool

	mu    sync.Mutex
	timer *time.Timer // nil once it is no longer watched
}

// watch follows the clock now until stop.
func watch(at time.Time, now func() time.Time) *expiry {
	e := &expiry{at: at, now: now}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.timer = time.AfterFunc(e.look(), e.tick)
	return e
}

// look looks at the clock, and returns how long it can be left alone.
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
