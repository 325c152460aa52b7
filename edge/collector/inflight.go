package collector

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Limits of the requests that are answered at the same time.
const (
	// MaxInFlight is the number of bytes of request bodies, as received, that are being read,
	// decoded and made durable. A request above it waits. A body that does not say its size
	// counts as the largest.
	MaxInFlight = 8 << 20
	// MaxWait is how long a request waits for its turn before it is answered 503.
	MaxWait = 5 * time.Second
)

// inFlight counts the bytes of request bodies in memory.
type inFlight struct {
	free  *semaphore.Weighted
	bytes atomic.Int64
}

func newInFlight() *inFlight { return &inFlight{free: semaphore.NewWeighted(MaxInFlight)} }

// take waits until there is room for so many bytes. It returns false after MaxWait, and if ctx
// ends.
func (f *inFlight) take(ctx context.Context, bytes int64) bool {
	if !f.free.TryAcquire(bytes) {
		ctx, cancel := context.WithTimeout(ctx, MaxWait)
		defer cancel()
		if f.free.Acquire(ctx, bytes) != nil {
			return false
		}
	}
	f.bytes.Add(bytes)
	return true
}

func (f *inFlight) give(bytes int64) {
	f.bytes.Add(-bytes)
	f.free.Release(bytes)
}
