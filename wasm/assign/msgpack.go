package assign

// reader reads msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) from a
// byte slice without copying. After a mistake every read returns zero values and ok is
// false; nothing is allocated and no length is trusted beyond the bytes that are there.
type reader struct {
	b   []byte
	pos int
	bad bool
}

// kind is the family of a msgpack value.
type kind uint8

const (
	kindOther kind = iota // nil and extensions
	kindInt
	kindFloat
	kindBool
	kindString
	kindBin
	kindArray
	kindMap
)

// value is one msgpack value. Arrays and maps carry their count only: their contents
// follow in the reader.
type value struct {
	kind     kind
	negative bool   // kindInt: the number is -bits
	bits     uint64 // kindInt: magnitude; kindFloat: IEEE 754 double; kindBool: 0 or 1; counts
	bytes    []byte // kindString, kindBin
}

//go:nobounds
func (r *reader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.b)-r.pos {
		r.bad = true
		return nil
	}
	b := r.b[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b
}

// uint reads a big-endian integer of n bytes.
//
//go:noinline
//go:nobounds
func (r *reader) uint(n int) uint64 {
	var v uint64
	for _, c := range r.take(n) {
		v = v<<8 | uint64(c)
	}
	return v
}

// short reports whether a string of at most 31 bytes comes next: the one case that every
// request is full of, for which key is faster than next.
//
//go:nobounds
func (r *reader) short() bool {
	return !r.bad && r.pos < len(r.b) && r.b[r.pos]&0xe0 == 0xa0
}

// key reads a string, such as the key of a map.
//
//go:nobounds
func (r *reader) key() []byte {
	if r.short() {
		from := r.pos + 1
		to := from + int(r.b[r.pos]&0x1f)
		if to <= len(r.b) {
			r.pos = to
			return r.b[from:to:to]
		}
	}
	v := r.next()
	if v.kind != kindString {
		r.bad = true
	}
	return v.bytes
}

//go:noinline
//go:nobounds
func (r *reader) next() value {
	if r.bad || r.pos >= len(r.b) {
		r.bad = true
		return value{}
	}
	tag := r.b[r.pos]
	r.pos++
	switch {
	case tag < 0x80:
		return value{kind: kindInt, bits: uint64(tag)}
	case tag < 0x90:
		return value{kind: kindMap, bits: uint64(tag & 0x0f)}
	case tag < 0xa0:
		return value{kind: kindArray, bits: uint64(tag & 0x0f)}
	case tag < 0xc0:
		return value{kind: kindString, bytes: r.take(int(tag & 0x1f))}
	case tag >= 0xe0:
		return value{kind: kindInt, negative: true, bits: uint64(-int8(tag))}
	}
	switch tag {
	case 0xc2, 0xc3:
		return value{kind: kindBool, bits: uint64(tag & 1)}
	case 0xc4, 0xc5, 0xc6:
		return value{kind: kindBin, bytes: r.take(int(r.uint(1 << (tag - 0xc4))))}
	case 0xcb:
		return value{kind: kindFloat, bits: r.uint(8)}
	case 0xcc, 0xcd, 0xce, 0xcf:
		return value{kind: kindInt, bits: r.uint(1 << (tag - 0xcc))}
	case 0xd0, 0xd1, 0xd2, 0xd3:
		size := 1 << (tag - 0xd0)
		shift := 64 - 8*size
		v := int64(r.uint(size)<<shift) >> shift
		if v < 0 {
			return value{kind: kindInt, negative: true, bits: uint64(-v)}
		}
		return value{kind: kindInt, bits: uint64(v)}
	case 0xd9, 0xda, 0xdb:
		return value{kind: kindString, bytes: r.take(int(r.uint(1 << (tag - 0xd9))))}
	case 0xdc, 0xdd:
		return value{kind: kindArray, bits: r.uint(2 << (tag - 0xdc))}
	case 0xde, 0xdf:
		return value{kind: kindMap, bits: r.uint(2 << (tag - 0xde))}
	}
	return r.other(tag)
}

// other skips the values that have no meaning here: nil, single floats and extensions.
func (r *reader) other(tag byte) value {
	switch tag {
	case 0xc0:
	case 0xca:
		r.take(4)
	case 0xc7, 0xc8, 0xc9:
		n := r.uint(1 << (tag - 0xc7))
		r.take(1)
		r.take(int(n))
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		r.take(1 + 1<<(tag-0xd4))
	default:
		r.bad = true
	}
	return value{}
}

// skip passes over the contents of v. Its work is bounded by the bytes that are there,
// and it does not recurse.
//
//go:nobounds
func (r *reader) skip(v value) {
	if v.kind != kindArray && v.kind != kindMap {
		return
	}
	for pending := v.contents(); pending > 0 && !r.bad; pending-- {
		if pending > uint64(len(r.b)-r.pos) {
			r.bad = true // more values promised than bytes left
			return
		}
		pending += r.next().contents()
	}
}

func (v value) contents() uint64 {
	switch v.kind {
	case kindArray:
		return v.bits
	case kindMap:
		return 2 * v.bits
	}
	return 0
}
