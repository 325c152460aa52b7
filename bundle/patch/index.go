package patch

import (
	"encoding/binary"
	"math/bits"
	"sort"
)

// index finds the places of eight bytes in a string.
type index struct {
	ends   []uint32 // by hash: the end of its places
	places []uint32 // grouped by hash, ascending within each group
	shift  int
	data   []byte
}

// minIndexBits is the least number of bits of a hash.
const minIndexBits = 8

func newIndex(data []byte) index {
	n := len(data) - wordSize + 1
	if n <= 0 {
		return index{shift: 63, ends: make([]uint32, 2)}
	}
	log := max(minIndexBits, bits.Len(uint(n))-1)
	x := index{ends: make([]uint32, 1<<log), places: make([]uint32, n), shift: 64 - log, data: data}
	for i := range n {
		x.ends[x.hash(data[i:])]++
	}
	total := uint32(0)
	for h, count := range x.ends {
		x.ends[h] = total
		total += count
	}
	for i := range n { // moves each end from the start of its group to the end
		h := x.hash(data[i:])
		x.places[x.ends[h]] = uint32(i)
		x.ends[h]++
	}
	return x
}

func (x *index) hash(b []byte) uint64 {
	return binary.LittleEndian.Uint64(b) * 0x9e3779b97f4a7c15 >> x.shift
}

// near returns possible places of the first eight bytes of b: up to n before the expected place,
// and up to n at or after it.
func (x *index) near(b []byte, expected, n int) []uint32 {
	h := x.hash(b)
	from := uint32(0)
	if h > 0 {
		from = x.ends[h-1]
	}
	places := x.places[from:x.ends[h]]
	at := sort.Search(len(places), func(i int) bool { return int(places[i]) >= expected })
	return places[max(0, at-n):min(len(places), at+n)]
}
