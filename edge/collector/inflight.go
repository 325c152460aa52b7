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
	// decoded and made durable. A request above it waits.
	MaxInFlight = 8 << 20
	// MaxFirstStep is how many bytes of MaxInFlight a body takes before its first byte arrives.
	// When they are full, it takes as many again, and so on up to its size. So a client that sends
	// nothing holds little, and another one at most twice what it has sent.
	MaxFirstStep = 64 << 10
	// MaxWait is how long a request waits for room in MaxInFlight, all of its steps together,
	// before it is answered 503.
	MaxWait = 5 * time.Second
)

// inFlight counts the bytes of request bodies in memory. Whoever comes first gets room first: while
// a large body waits, small ones wait behind it. So large ones do not starve. Bodies that have a
// part of the room and wait for more may wait for each other, but for MaxWait at most: then the
// first of them is refused, and what it gives back lets the next one go on.
type inFlight struct {
	free  *semaphore.Weighted
	bytes atomic.Int64
}

func newInFlight() *inFlight { return &inFlight{free: semaphore.NewWeighted(MaxInFlight)} }

// take waits until there is room for so many bytes. It returns false after patience, and if ctx
// ends. It subtracts from patience how long it has waited.
func (f *inFlight) take(ctx context.Context, bytes int64, patience *time.Duration) bool {
	if !f.free.TryAcquire(bytes) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(ctx, *patience)
		defer cancel()
		err := f.free.Acquire(ctx, bytes)
		*patience -= time.Since(began)
		if err != nil {
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
