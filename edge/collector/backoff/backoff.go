// Package backoff computes waits between attempts of an operation that fails.
//
// This package is internal to Sortition and may change without notice.
package backoff

import (
	"math/rand/v2"
	"time"
)

// maxDoublings keeps the product in [Backoff.Wait] from overflowing.
const maxDoublings = 16

// Backoff has the bounds of the waits. Both must be positive.
type Backoff struct {
	Min, Max time.Duration
}

// Wait returns the next wait after a number of earlier failures, which is 0 after the first one. It
// doubles with each failure, from Min to Max, less a random part of at most half of it: programs
// that failed at the same time must not try again at the same time.
func (b Backoff) Wait(failures int) time.Duration {
	d := b.Max
	if doubled := b.Min << min(failures, maxDoublings); doubled < b.Max {
		d = doubled
	}
	return d/2 + rand.N(d/2)
}
