package patch

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sort"
)

// index finds the places of eight bytes in a string. Strings that hardly differ need only a few
// places: the index finds these by reading the string, and is built when there are more.
type index struct {
	data  []byte
	shift int
	read  map[uint64][]uint32 // by hash: the places that were found by reading, ascending
	reads int                 // so far

	ends   []uint32 // by hash: the end of its places; nil until the index is built
	places []uint32 // grouped by hash, ascending within each group
}

const (
	// minIndexBits is the least number of bits of a hash.
	minIndexBits = 8

	// maxReads is how often the string is read before the index is built, which takes as long
	// as about twenty reads, and eight times the memory of the string.
	maxReads = 12

	// readAhead is for how many words, of which each begins one byte later, a read finds the
	// places: most differences are longer than a byte.
	readAhead = 64
)

func newIndex(data []byte) index {
	log := max(minIndexBits, bits.Len(uint(max(1, len(data)-wordSize+1)))-1)
	return index{data: data, shift: 64 - log, read: map[uint64][]uint32{}}
}

// build fills ends and places.
func (x *index) build() {
	n := max(0, len(x.data)-wordSize+1)
	x.ends, x.places = make([]uint32, 1<<(64-x.shift)), make([]uint32, n)
	for i := range n {
		x.ends[x.hash(x.data[i:])]++
	}
	total := uint32(0)
	for h, count := range x.ends {
		x.ends[h] = total
		total += count
	}
	for i := range n { // moves each end from the start of its group to the end
		h := x.hash(x.data[i:])
		x.places[x.ends[h]] = uint32(i)
		x.ends[h]++
	}
}

// withHash returns the places whose eight bytes have the same hash as those of b, ascending.
func (x *index) withHash(b []byte) []uint32 {
	h := x.hash(b)
	if places, known := x.read[h]; known {
		return places
	}
	if x.reads < maxReads {
		x.find(b)
		return x.read[h]
	}
	if x.ends == nil {
		x.build()
	}
	from := uint32(0)
	if h > 0 {
		from = x.ends[h-1]
	}
	return x.places[from:x.ends[h]]
}

// find reads the string for the places of the first words of b.
func (x *index) find(b []byte) {
	x.reads++
	var wanted []uint64           // the hashes of the words
	var first [1 << 12]uint8      // by the low bits of a hash: the number of a wanted one, from 1
	var next [readAhead + 1]uint8 // by the number of one: that of another with the same low bits
	for i := 0; i < readAhead && i+wordSize <= len(b); i++ {
		if h := x.hash(b[i:]); !slices.Contains(wanted, h) {
			wanted = append(wanted, h)
			low := h % uint64(len(first))
			next[len(wanted)], first[low] = first[low], uint8(len(wanted))
		}
	}
	places := make([][]uint32, len(wanted))
	for i := range max(0, len(x.data)-wordSize+1) {
		h := x.hash(x.data[i : i+wordSize])
		for n := first[h%uint64(len(first))]; n != 0; n = next[n] {
			if wanted[n-1] == h {
				places[n-1] = append(places[n-1], uint32(i))
				break
			}
		}
	}
	for i, h := range wanted {
		x.read[h] = places[i]
	}
}

func (x *index) hash(b []byte) uint64 {
	return binary.LittleEndian.Uint64(b) * 0x9e3779b97f4a7c15 >> x.shift
}

// near returns possible places of the first eight bytes of b: up to n before the expected place,
// and up to n at or after it.
func (x *index) near(b []byte, expected, n int) []uint32 {
	places := x.withHash(b)
	at := sort.Search(len(places), func(i int) bool { return int(places[i]) >= expected })
	return places[max(0, at-n):min(len(places), at+n)]
}
