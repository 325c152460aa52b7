//go:build tinygo

package assign

import "math/bits"

// sum64 is xxhash64 with seed 0, like that of sum_native.go, but without bounds checks, which take
// most of the time without assembly. See
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. Tests that compare decisions of
// both builds show that the functions are equal.
//
//go:noinline
func sum64(b []byte) uint64 {
	at, n := 0, len(b)
	h := uint64(prime5)
	if n >= stripe {
		v1, v2, v3, v4 := uint64(prime1), uint64(prime2), uint64(0), uint64(0)
		v1 += prime2
		v4 -= prime1
		for ; n-at >= stripe; at += stripe {
			v1 = round(v1, load64(b, at))
			v2 = round(v2, load64(b, at+8))
			v3 = round(v3, load64(b, at+16))
			v4 = round(v4, load64(b, at+24))
		}
		h = bits.RotateLeft64(v1, 1) + bits.RotateLeft64(v2, 7) + bits.RotateLeft64(v3, 12) + bits.RotateLeft64(v4, 18)
		h = merge(h, v1)
		h = merge(h, v2)
		h = merge(h, v3)
		h = merge(h, v4)
	}
	h += uint64(n)
	for ; n-at >= 8; at += 8 {
		h = bits.RotateLeft64(h^round(0, load64(b, at)), 27)*prime1 + prime4
	}
	if n-at >= 4 {
		h = bits.RotateLeft64(h^uint64(load32(b, at))*prime1, 23)*prime2 + prime3
		at += 4
	}
	for ; at < n; at++ {
		h = bits.RotateLeft64(h^uint64(load8(b, at))*prime5, 11) * prime1
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

	stripe = 32 // bytes of four words, which longer inputs are hashed by
)

func round(v, word uint64) uint64 { return bits.RotateLeft64(v+word*prime2, 31) * prime1 }

func merge(h, v uint64) uint64 { return (h^round(0, v))*prime1 + prime4 }
