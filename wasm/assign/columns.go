package assign

import "unsafe"

// Columns are flat little-endian arrays that are used in place in the payload. The exceptions are
// columns of 4 bytes, which the payload stores as differences; they are decoded at load.
type (
	u8s  []byte
	u16s []byte
	u32s []uint32
	u64s []byte
)

//go:nobounds
func (c u16s) at(i int) uint16 { return load16(c, 2*i) }

//go:nobounds
func (c u32s) at(i int) uint32 { return c[i] }

//go:nobounds
func (c u64s) at(i int) uint64 { return load64(c, 8*i) }

//go:nobounds
func (c u8s) len() int { return len(c) }

//go:nobounds
func (c u16s) len() int { return len(c) / 2 }

//go:nobounds
func (c u32s) len() int { return len(c) }

//go:nobounds
func (c u64s) len() int { return len(c) / 8 }

// span returns the i-th range of a column of ends. It begins at the end of entry i-1.
//
//go:nobounds
func (c u32s) span(i int) (from, to int) {
	if i > 0 {
		from = int(c.at(i - 1))
	}
	return from, int(c.at(i))
}

// sum decodes a column of differences.
//
//go:noinline
func sum(differences []byte) u32s {
	c := make(u32s, len(differences)/4)
	last := uint32(0)
	for i := range c {
		last += load32(differences, 4*i)
		c[i] = last
	}
	return c
}

// view returns a string that shares the memory of the bytes. The core must not allocate, and not
// every compiler avoids the allocation of a conversion for a comparison.
func view(b []byte) string { return *(*string)(unsafe.Pointer(&b)) }

// raw returns the bytes of a string, which must not be changed.
func raw(s string) []byte {
	return *(*[]byte)(unsafe.Pointer(&struct {
		string
		capacity int
	}{s, len(s)}))
}

// none marks an absent index in a column of 16 or 32 bits.
const (
	none16 = 1<<16 - 1
	none32 = 1<<32 - 1
)
