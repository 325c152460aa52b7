package assign

// reader reads msgpack (https://github.com/msgpack/msgpack/blob/master/spec.md) from a byte slice
// without copying. After a mistake every read returns zero values, and ok is false. It does not
// allocate, and it checks each length against the remaining bytes.
type reader struct {
	b   []byte
	pos int
	bad bool
}

// kind is the family of a msgpack value.
type kind uint8

const (
	kindOther kind = iota // a value without a meaning in a payload
	kindInt               // not negative
	kindString
	kindBin
	kindArray
	kindMap
)

// token is a msgpack value. For an array or a map it has only the count; the elements follow in the
// reader.
type token struct {
	kind  kind
	n     uint64 // kindInt: the number; kindArray, kindMap: the count
	bytes []byte // kindString, kindBin
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

//go:noinline
//go:nobounds
func (r *reader) next() token {
	if r.bad || r.pos >= len(r.b) {
		r.bad = true
		return token{}
	}
	tag := r.b[r.pos]
	r.pos++
	switch {
	case tag < 0x80:
		return token{kind: kindInt, n: uint64(tag)}
	case tag < 0x90:
		return token{kind: kindMap, n: uint64(tag & 0x0f)}
	case tag < 0xa0:
		return token{kind: kindArray, n: uint64(tag & 0x0f)}
	case tag < 0xc0:
		return token{kind: kindString, bytes: r.take(int(tag & 0x1f))}
	case tag >= 0xe0: // a small negative int
		return token{}
	}
	switch tag {
	case 0xc4, 0xc5, 0xc6:
		return token{kind: kindBin, bytes: r.take(int(r.uint(1 << (tag - 0xc4))))}
	case 0xcc, 0xcd, 0xce, 0xcf:
		return token{kind: kindInt, n: r.uint(1 << (tag - 0xcc))}
	case 0xd0, 0xd1, 0xd2, 0xd3:
		size := 1 << (tag - 0xd0)
		if n := r.uint(size); n>>(8*size-1) == 0 {
			return token{kind: kindInt, n: n}
		}
		return token{} // negative
	case 0xd9, 0xda, 0xdb:
		return token{kind: kindString, bytes: r.take(int(r.uint(1 << (tag - 0xd9))))}
	case 0xdc, 0xdd:
		return token{kind: kindArray, n: r.uint(2 << (tag - 0xdc))}
	case 0xde, 0xdf:
		return token{kind: kindMap, n: r.uint(2 << (tag - 0xde))}
	}
	return r.other(tag)
}

// other skips values without a meaning in a payload: nil, bools, floats and extensions.
func (r *reader) other(tag byte) token {
	switch tag {
	case 0xc0, 0xc2, 0xc3:
	case 0xca, 0xcb:
		r.take(4 << (tag - 0xca))
	case 0xc7, 0xc8, 0xc9:
		n := r.uint(1 << (tag - 0xc7))
		r.take(1)
		r.take(int(n))
	case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8:
		r.take(1 + 1<<(tag-0xd4))
	default:
		r.bad = true
	}
	return token{}
}

// skip skips the contents of v. Its work is at most proportional to the remaining bytes, and it
// does not recurse.
//
//go:nobounds
func (r *reader) skip(v token) {
	if v.kind != kindArray && v.kind != kindMap {
		return
	}
	for pending := v.contents(); pending > 0 && !r.bad; pending-- {
		if pending > uint64(len(r.b)-r.pos) {
			r.bad = true // more values than remaining bytes
			return
		}
		pending += r.next().contents()
	}
}

func (v token) contents() uint64 {
	switch v.kind {
	case kindArray:
		return v.n
	case kindMap:
		return 2 * v.n
	}
	return 0
}
