//go:build !tinygo

package assign

import "github.com/cespare/xxhash/v2"

// sum64 is xxhash64 with seed 0.
func sum64(b []byte) uint64 { return xxhash.Sum64(b) }
