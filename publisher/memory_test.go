package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// TestLimitIsGivenUp holds that a program which needs more memory than it would like gets it.
func TestLimitIsGivenUp(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	percent := debug.SetGCPercent(usual)
	defer debug.SetGCPercent(percent)
	limitMemory()
	limit := func(want func(int64) bool) bool {
		for range 100 {
			runtime.GC()
			if want(debug.SetMemoryLimit(-1)) {
				return true
			}
			time.Sleep(10 * time.Millisecond)
		}
		return false
	}
	runtime.GC()
	if got := debug.SetMemoryLimit(-1); got != frugal {
		t.Fatalf("the limit is %d", got)
	}
	large := make([]byte, 2*frugal)
	if !limit(func(n int64) bool { return n > 4*frugal }) {
		t.Error("the limit stays, though twice as much is in use")
	}
	if got := debug.SetGCPercent(usual); got != usual {
		t.Errorf("without the limit, the heap may grow by %d%% of what is in use, want %d%%", got, usual)
	}
	runtime.KeepAlive(large)
}
