//go:build tinygo

package assign

import (
	"math/bits"
	"unsafe"
)

// sum64 is xxhash64 with seed 0 as sum_native.go has it, without bounds checks and
// copies, which take most of the time where there is no assembly. The formula is that of
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md; that it is the same
// function is tested by deciding in both.
//
//go:nobounds
func sum64(b []byte) uint64 {
	p, n := unsafe.Pointer(unsafe.SliceData(b)), len(b)
	h := uint64(prime5)
	if n >= 32 {
		v1, v2, v3, v4 := uint64(prime1), uint64(prime2), uint64(0), uint64(0)
		v1 += prime2
		v4 -= prime1
		for ; n >= 32; n -= 32 {
			v1 = round(v1, word(p, 0))
			v2 = round(v2, word(p, 8))
			v3 = round(v3, word(p, 16))
			v4 = round(v4, word(p, 24))
			p = unsafe.Add(p, 32)
		}
		h = bits.RotateLeft64(v1, 1) + bits.RotateLeft64(v2, 7) + bits.RotateLeft64(v3, 12) + bits.RotateLeft64(v4, 18)
		h = merge(h, v1)
		h = merge(h, v2)
		h = merge(h, v3)
		h = merge(h, v4)
	}
	h += uint64(len(b))
	for ; n >= 8; n -= 8 {
		h = bits.RotateLeft64(h^round(0, word(p, 0)), 27)*prime1 + prime4
		p = unsafe.Add(p, 8)
	}
	if n >= 4 {
		h = bits.RotateLeft64(h^uint64(*(*uint32)(p))*prime1, 23)*prime2 + prime3
		p = unsafe.Add(p, 4)
		n -= 4
	}
	for ; n > 0; n-- {
		h = bits.RotateLeft64(h^uint64(*(*byte)(p))*prime5, 11) * prime1
		p = unsafe.Add(p, 1)
	}
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}

const (
	prime1 = 11400714785074694791
	prime2 = 14029467366897019727
	prime3 = 1609587929392839161
	prime4 = 9650029242287828579
	prime5 = 2870177450012600261
)

// word reads 8 bytes, which need not be aligned in WebAssembly.
func word(p unsafe.Pointer, offset int) uint64 { return *(*uint64)(unsafe.Add(p, offset)) }

func round(v, input uint64) uint64 { return bits.RotateLeft64(v+input*prime2, 31) * prime1 }

func merge(h, v uint64) uint64 { return (h^round(0, v))*prime1 + prime4 }
