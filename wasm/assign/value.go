package assign

import (
	"math"
	"math/bits"
)

// MaxVersionLength is the largest length of a version string in bytes. A longer one is invalid. It
// limits the scratch space of a request.
const MaxVersionLength = 128

const (
	maxVersionComponents = 4                       // 1.2.3.4, as browsers number themselves
	maxVersionDigits     = 18                      // of one numeric component or identifier
	maxVersionKey        = 2*MaxVersionLength + 16 // bytes: an identifier gains two at most, and a word may be stored at the end
	signBit              = 1 << 63
)

// NumberKey maps a number to an integer with the same order, so that the core can compare numbers
// without floating point. Negative zero equals zero. It reports false for NaN, which has no order.
func NumberKey(f float64) (uint64, bool) {
	return numberKeyOfBits(math.Float64bits(f))
}

// TimeKey maps milliseconds since the Unix epoch to an integer with the same order.
func TimeKey(ms int64) uint64 { return uint64(ms) ^ signBit }

// VersionKey maps a version to a byte string with the order of Semantic Versioning 2.0 (semver.org,
// item 11), and reports whether the version is valid. A version has an optional "v", one to four
// numeric components of at most 18 digits, an optional pre-release of dot-separated identifiers
// after "-", and optional build metadata after "+", which is ignored. Missing components are zero.
// Leading zeros are ignored.
func VersionKey(version string) (string, bool) {
	key := make([]byte, maxVersionKey)
	n := putVersionKey(key, []byte(version))
	return string(key[:n]), n > 0
}

func numberKeyOfBits(b uint64) (uint64, bool) {
	const exponent, negativeZero = 0x7ff << 52, signBit
	if b&^signBit > exponent {
		return 0, false
	}
	if b == negativeZero {
		b = 0
	}
	if b&signBit != 0 {
		return ^b, true
	}
	return b | signBit, true
}

// bitsOfInt returns the bits of the IEEE 754 double nearest to an integer, ties to even. It uses
// integer arithmetic only.
func bitsOfInt(v int64) uint64 {
	if v == 0 {
		return 0
	}
	magnitude := uint64(max(v, -v)) // also correct for the least integer, whose negative overflows
	exponent := 63 - bits.LeadingZeros64(magnitude)
	var b uint64
	if exponent <= 52 {
		b = uint64(1023+exponent)<<52 + magnitude<<(52-exponent)&(1<<52-1)
	} else {
		drop := exponent - 52
		kept, rest, half := magnitude>>drop, magnitude&(1<<drop-1), uint64(1)<<(drop-1)
		// Rounding up may carry into the exponent, which then is correct.
		b = uint64(1023+exponent)<<52 + kept&(1<<52-1)
		if rest > half || rest == half && kept&1 == 1 {
			b++
		}
	}
	if v < 0 {
		b |= signBit
	}
	return b
}

// A version key has the four components, each as a length and the digits without leading zeros.
// Then follow either 0xff for a release, or the identifiers of the pre-release and a zero byte. An
// identifier is 1, a length and digits; or 2, the characters and a zero byte.
const (
	keyEnd          = 0x00
	keyNumeric      = 0x01
	keyAlphanumeric = 0x02
	keyRelease      = 0xff
)

// putVersionKey writes the key of a version to key, which has maxVersionKey bytes. It returns the
// length of the key, or 0 if the version is invalid. It is not inlined, like other functions that
// few requests need. So its callers stay small enough for compilers of WebAssembly to keep their
// variables in registers.
//
//go:noinline
//go:nobounds
func putVersionKey(key, v []byte) int {
	if len(v) > MaxVersionLength {
		return 0
	}
	read, end := 0, 0
	if len(v) > 0 && v[0] == 'v' {
		read++
	}
	for count := 1; ; count++ {
		first, length := read, end
		end++
		// Digits gather in a word. It is stored whole, and what is too much is overwritten.
		digits, size := uint64(0), uint(0)
		for ; read < len(v); read++ {
			c := uint64(v[read]) - '0'
			if c > 9 {
				break
			}
			if c|uint64(size) == 0 {
				continue // a leading zero
			}
			digits |= (c + '0') << (size * 8 & 63)
			if size++; size&7 == 0 {
				store64(key, end, digits)
				digits = 0
				end += wordSize
			}
		}
		if read == first || size > maxVersionDigits {
			return 0
		}
		store64(key, end, digits)
		end += int(size & 7)
		key[length] = byte(size)
		if count < maxVersionComponents && read < len(v) && v[read] == '.' {
			read++
			continue
		}
		store64(key, end, 0) // the components that are missing
		end += maxVersionComponents - count
		break
	}
	switch {
	case read == len(v) || v[read] == '+':
		key[end] = keyRelease
		return end + 1
	case v[read] == '-':
		return putPreRelease(key, end, v[read+1:])
	}
	return 0
}

// putPreRelease writes the key of a pre-release at an offset of key. It returns where the key ends,
// or 0 if the pre-release is invalid.
//
//go:noinline
//go:nobounds
func putPreRelease(key []byte, end int, pre []byte) int {
	for i := range pre {
		if pre[i] == '+' {
			pre = pre[:i]
			break
		}
	}
	for more := true; more; {
		var id []byte
		id, pre, more = cutDot(pre)
		switch {
		case numeric(id):
			for len(id) > 0 && id[0] == '0' {
				id = id[1:]
			}
			if len(id) > maxVersionDigits {
				return 0
			}
			key[end], key[end+1] = keyNumeric, byte(len(id))
			end += 2
			end += copy(key[end:], id)
		case alphanumeric(id):
			key[end] = keyAlphanumeric
			end++
			end += copy(key[end:], id)
			key[end] = keyEnd
			end++
		default:
			return 0
		}
	}
	key[end] = keyEnd
	return end + 1
}

//go:nobounds
func cutDot(s []byte) (before, after []byte, found bool) {
	for i := range s {
		if s[i] == '.' {
			return s[:i], s[i+1:], true
		}
	}
	return s, nil, false
}

//go:nobounds
func numeric(s []byte) bool {
	for _, c := range s {
		if !digit(c) {
			return false
		}
	}
	return len(s) > 0
}

//go:nobounds
func alphanumeric(s []byte) bool {
	for _, c := range s {
		if !(digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-') {
			return false
		}
	}
	return len(s) > 0
}
