package assign

import (
	"math"
	"math/bits"
)

// MaxVersionLength is the largest length of a version string in bytes. A longer one is invalid. It
// limits the scratch space of a request.
const MaxVersionLength = 128

const (
	maxVersionComponents = 4                      // 1.2.3.4, as browsers number themselves
	maxVersionDigits     = 18                     // of one numeric component or identifier
	maxVersionKey        = 2*MaxVersionLength + 8 // bytes: an identifier gains two at most
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
	key, ok := appendVersionKey(make([]byte, 0, maxVersionKey), []byte(version))
	return string(key), ok
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

// appendVersionKey appends the key of a version to key, which must have room for it. It is not
// inlined, like other functions that few requests need. So its callers stay small enough for
// compilers of WebAssembly to keep their variables in registers.
//
//go:noinline
//go:nobounds
func appendVersionKey(key, v []byte) ([]byte, bool) {
	if len(v) > MaxVersionLength {
		return key, false
	}
	if len(v) > 0 && v[0] == 'v' {
		v = v[1:]
	}
	read, end := 0, len(key)
	key = key[:cap(key)]
	for count := 1; ; count++ {
		first, length := read, end
		end++
		for read < len(v) && digit(v[read]) {
			if v[read] != '0' || end > length+1 {
				key[end] = v[read]
				end++
			}
			read++
		}
		if read == first || end-length-1 > maxVersionDigits {
			return key[:length], false
		}
		key[length] = byte(end - length - 1)
		if read < len(v) && v[read] == '.' && count < maxVersionComponents {
			read++
			continue
		}
		for ; count < maxVersionComponents; count++ {
			key[end] = 0
			end++
		}
		break
	}
	key = key[:end]
	switch {
	case read == len(v) || v[read] == '+':
		return push(key, keyRelease), true
	case v[read] == '-':
		return appendPreRelease(key, v[read+1:])
	}
	return key, false
}

//go:noinline
//go:nobounds
func appendPreRelease(key, pre []byte) ([]byte, bool) {
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
			var ok bool
			if key, ok = appendDigits(push(key, keyNumeric), id); !ok {
				return key, false
			}
		case alphanumeric(id):
			key = push(append(push(key, keyAlphanumeric), id...), keyEnd)
		default:
			return key, false
		}
	}
	return push(key, keyEnd), true
}

// push appends a byte to a slice that has room for it, without the check of append.
//
//go:nobounds
func push(key []byte, c byte) []byte {
	n := len(key)
	key = key[:n+1]
	key[n] = c
	return key
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

//go:nobounds
func appendDigits(key, digits []byte) ([]byte, bool) {
	for len(digits) > 0 && digits[0] == '0' {
		digits = digits[1:]
	}
	if len(digits) > maxVersionDigits {
		return key, false
	}
	n := len(key)
	key = key[:n+1+len(digits)]
	key[n] = byte(len(digits))
	for i := range digits { // faster than append for few digits
		key[n+1+i] = digits[i]
	}
	return key, true
}
