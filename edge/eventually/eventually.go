// Package eventually lets tests wait for what another goroutine or process is about to do.
//
// This package is internal to Sortition and may change without notice.
package eventually

import (
	"testing"
	"time"
)

const (
	// patience only ends a test that would hang: what is waited for comes much sooner.
	patience = time.Minute

	glance = 2 * time.Millisecond // between two looks
)

// True waits until done returns true. If that takes longer than a minute the test fails, with
// what as the name of what did not come.
func True(t testing.TB, what string, done func() bool) {
	t.Helper()
	for limit := time.Now().Add(patience); !done(); time.Sleep(glance) {
		if time.Now().After(limit) {
			t.Fatalf("%s did not come within %v", what, patience)
		}
	}
}
