// Package assign is the core: it decides which variant a request gets, from the columns of a
// payload. It does no I/O, reads no clock, starts no goroutine and allocates nothing after
// [Load]. The publisher, tests and benchmarks run it as Go code; hosts run it as WebAssembly,
// built from wasm/guest. Both give the same records for every request.
//
// This package is internal to Sortition and may change without notice.
package assign
