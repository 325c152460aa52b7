// Package eventually lets tests wait for another goroutine or process.
//
// This package is internal to Sortition and may change without notice.
package eventually

import (
	"testing"
	"time"
)

const (
	timeout  = time.Minute // only reached by a test that hangs
	interval = 2 * time.Millisecond
)

// True waits until done returns true. It fails the test if that takes more than a minute. What
// names the event in the message.
func True(t testing.TB, what string, done func() bool) {
	t.Helper()
	for limit := time.Now().Add(timeout); !done(); time.Sleep(interval) {
		if time.Now().After(limit) {
			t.Fatalf("waited %v for %s", timeout, what)
		}
	}
}
