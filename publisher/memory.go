package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// frugal is how much memory of Go the program tries not to exceed, in bytes. By itself the
// collector lets the heap grow to twice what is in use. A project of ten thousand experiments stays
// below this limit, at no cost that can be measured.
const frugal = 144 << 20

// limitMemory makes the collector keep to frugal, unless the environment says something else, until
// more than that is in use. The limit would then cost time and save nothing.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") != "" || os.Getenv("GOGC") != "" {
		return
	}
	debug.SetMemoryLimit(frugal)
	afterCollection(func() (again bool) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if live[0].Value.Kind() == metrics.KindUint64 && live[0].Value.Uint64() < frugal/16*15 {
			return true
		}
		debug.SetMemoryLimit(math.MaxInt64)
		return false
	})
}

// afterCollection calls a function after each run of the collector, as long as it returns true.
func afterCollection(call func() (again bool)) {
	type garbage [64]byte
	runtime.AddCleanup(new(garbage), func(call func() bool) {
		if call() {
			afterCollection(call)
		}
	}, call)
}
