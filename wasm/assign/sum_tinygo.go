//go:build tinygo

package assign

import "math/bits"

// sum64 is xxhash64 with seed 0, like that of sum_native.go, but without bounds checks and copies,
// which take most of the time without assembly. See
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. Tests that compare decisions of
// both builds show that the functions are equal.
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
		h = addWord(h, load64(b, at))
	}
	return finish(h, load64(b, at), n-at)
}

func merge(h, v uint64) uint64 { return (h^round(0, v))*prime1 + prime4 }
