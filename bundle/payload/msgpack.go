package payload

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A payload uses a part of msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md):
// one map, and in it strings, bin values and integers that are not negative. Values are read in
// place, each length is compared with the bytes that are left, and nothing nests. So reading a
// payload never takes more memory than the payload itself.

// First bytes of the values of a payload. A length or a number of 1, 2, 4 or 8 bytes,
// most significant first, follows those that end in a width.
const (
	tagFixMap = 0x80 // | length, below 16
	tagFixStr = 0xa0 // | length, below 32
	tagBin8   = 0xc4
	tagUint8  = 0xcc
	tagInt8   = 0xd0
	tagStr8   = 0xd9
	tagMap16  = 0xde

	maxFixInt = 0x7f // such a byte is itself the number
	maxFixMap = 15
	maxFixStr = 31
)

// msgpackReader reads a payload from its beginning. Errors are ErrFormat.
type msgpackReader struct{ rest []byte }

// take returns the next n bytes.
func (r *msgpackReader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.rest)) {
		return nil, fmt.Errorf("%w: a length is %d bytes, only %d are left", ErrFormat, n, len(r.rest))
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken, nil
}

// number reads a number of 1<<log bytes.
func (r *msgpackReader) number(log byte) (n uint64, err error) {
	digits, err := r.take(1 << log)
	for _, d := range digits {
		n = n<<8 | uint64(d)
	}
	return n, err
}

// tag reads the first byte of a value.
func (r *msgpackReader) tag() (byte, error) {
	b, err := r.take(1)
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// mapLen reads the beginning of a map, and returns the number of its keys.
func (r *msgpackReader) mapLen() (uint64, error) {
	tag, err := r.tag()
	switch {
	case err != nil:
		return 0, err
	case tag >= tagFixMap && tag <= tagFixMap|maxFixMap:
		return uint64(tag &^ tagFixMap), nil
	case tag == tagMap16 || tag == tagMap16+1:
		return r.number(tag - tagMap16 + 1)
	}
	return 0, fmt.Errorf("%w: byte %#x does not begin a map", ErrFormat, tag)
}

func (r *msgpackReader) string() ([]byte, error) {
	tag, err := r.tag()
	switch {
	case err != nil:
		return nil, err
	case tag >= tagFixStr && tag <= tagFixStr|maxFixStr:
		return r.take(uint64(tag &^ tagFixStr))
	case tag >= tagStr8 && tag <= tagStr8+2:
		return r.long(tag - tagStr8)
	}
	return nil, fmt.Errorf("%w: byte %#x does not begin a string", ErrFormat, tag)
}

func (r *msgpackReader) bin() ([]byte, error) {
	tag, err := r.tag()
	switch {
	case err != nil:
		return nil, err
	case tag >= tagBin8 && tag <= tagBin8+2:
		return r.long(tag - tagBin8)
	}
	return nil, fmt.Errorf("%w: byte %#x does not begin a bin value", ErrFormat, tag)
}

// long reads bytes behind a length of 1<<log bytes.
func (r *msgpackReader) long(log byte) ([]byte, error) {
	n, err := r.number(log)
	if err != nil {
		return nil, err
	}
	return r.take(n)
}

func (r *msgpackReader) uint() (uint64, error) {
	tag, err := r.tag()
	switch {
	case err != nil:
		return 0, err
	case tag <= maxFixInt:
		return uint64(tag), nil
	case tag >= tagUint8 && tag <= tagUint8+3:
		return r.number(tag - tagUint8)
	case tag >= tagInt8 && tag <= tagInt8+3:
		log := tag - tagInt8
		n, err := r.number(log)
		if err == nil && n>>(8<<log-1) != 0 {
			err = fmt.Errorf("%w: a number is negative", ErrFormat)
		}
		return n, err
	}
	return 0, fmt.Errorf("%w: byte %#x does not begin an integer", ErrFormat, tag)
}

// The functions below append values in their shortest form. Lengths are below 2³².

func appendMapLen(b []byte, n int) []byte {
	switch {
	case n <= maxFixMap:
		return append(b, tagFixMap|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, tagMap16), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, tagMap16+1), uint32(n))
}

func appendString(b []byte, s string) []byte {
	if len(s) <= maxFixStr {
		return append(append(b, tagFixStr|byte(len(s))), s...)
	}
	return append(appendLength(b, tagStr8, len(s)), s...)
}

func appendBin(b, data []byte) []byte { return append(appendLength(b, tagBin8, len(data)), data...) }

// appendLength appends a length behind the tag for its width, of which tag8 is the first.
func appendLength(b []byte, tag8 byte, n int) []byte {
	switch {
	case n <= math.MaxUint8:
		return append(b, tag8, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, tag8+1), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(b, tag8+2), uint32(n))
}
