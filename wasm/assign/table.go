package assign

// table is a hash table of strings of the payload, built at load. It uses open addressing with
// linear probing, and is at most half full.
type table struct {
	entries []entry
	mask    uint32
}

type entry struct {
	fold       uint64
	index      uint32 // what find returns; 0 for an empty entry
	from, size uint32 // offset and length of the string's text
}

// newTable returns a table of n strings. The function id returns the id of each. Among equal
// strings, the table finds the first.
//
//go:noinline
func newTable(p *program, n int, id func(i int) uint32) table {
	size := 2
	for size < 2*n {
		size *= 2
	}
	t := table{entries: make([]entry, size), mask: uint32(size - 1)}
	for i := range n {
		from, to := p.textEnd.span(int(id(i)))
		f := fold(p.text[from:to])
		at := t.place(f)
		for t.entries[at].index != 0 {
			at = (at + 1) & t.mask
		}
		t.entries[at] = entry{f, uint32(i + 1), uint32(from), uint32(to - from)}
	}
	return t
}

// find returns 1 + the position of a string, or 0 if the table does not have it.
//
//go:noinline
//go:nobounds
func (t *table) find(p *program, s []byte) int {
	f := fold(s)
	for at := t.place(f); ; at = (at + 1) & t.mask {
		e := &t.entries[at]
		if e.index == 0 {
			return 0
		}
		if e.fold == f && (len(s) < wordSize || int(e.size) == len(s) && same(p.text, int(e.from), s)) {
			return int(e.index)
		}
	}
}

const wordSize = 8

// fold returns a word for a string. Strings of fewer than eight bytes have different words: the
// bytes, and above them the length. The words of longer strings have the highest bit. Those with
// the same length and the same first and last eight bytes have the same word and collide in a
// table. Collisions only cost time, and the publisher determines the strings of a table, not a
// request.
//
//go:inline
//go:nobounds
func fold(s []byte) uint64 {
	switch n := len(s); {
	case n >= wordSize:
		return (load64(s, 0)*oddFactor ^ load64(s, n-wordSize)) + uint64(n) | 1<<63
	case n >= 4:
		return uint64(load32(s, 0)) | uint64(load32(s, n-4))<<(8*(n-4)) | uint64(n)<<56
	case n > 0:
		return uint64(s[0]) | uint64(s[n/2])<<(8*(n/2)) | uint64(s[n-1])<<(8*(n-1)) | uint64(n)<<56
	}
	return 0
}

const oddFactor = 0x9e3779b97f4a7c15

// place returns the first entry of the table to try for a word.
func (t *table) place(fold uint64) uint32 { return uint32(fold*oddFactor>>32) & t.mask }

// same reports whether the text has s at an entry's offset. s has at least a word.
//
//go:nobounds
func same(text []byte, at int, s []byte) bool {
	last := len(s) - wordSize
	for i := 0; i < last; i += wordSize {
		if load64(text, at+i) != load64(s, i) {
			return false
		}
	}
	return load64(text, at+last) == load64(s, last)
}
