package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// frugal is how much memory of Go the program tries not to exceed, in bytes, and how much it uses
// before the collector runs at all. By itself the collector lets the heap grow to twice what is in
// use, and runs often while that is little. A project of ten thousand experiments stays below.
const frugal = 144 << 20

// usual is the collector's setting by default: the heap may grow by so many percent of what is in
// use.
const usual = 100

// limitMemory makes the collector keep to frugal, unless the environment says something else, until
// more than that is in use. The limit would then cost time and save nothing.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") != "" || os.Getenv("GOGC") != "" {
		return
	}
	debug.SetMemoryLimit(frugal)
	debug.SetGCPercent(-1) // only the limit counts
	afterCollection(func() (again bool) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		if live[0].Value.Kind() == metrics.KindUint64 && live[0].Value.Uint64() < frugal/16*15 {
			return true
		}
		debug.SetGCPercent(usual)
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
