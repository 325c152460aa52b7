package assign

// table finds strings of the payload: open addressing with linear probing, at most half
// full, made once at load.
type table struct {
	entries []entry
	mask    uint32
}

type entry struct {
	index      uint32 // 1 + the position that find returns; 0 for an empty place
	from, size uint32 // where the string's text lies
}

// newTable makes a table of n strings whose ids id gives. Of equal strings the first
// is found.
//
//go:noinline
func newTable(p *program, n int, id func(i int) uint32) table {
	size := 2
	for size < 2*n {
		size *= 2
	}
	t := table{entries: make([]entry, size), mask: uint32(size - 1)}
	for i := range n {
		at := mix(p.string(id(i))) & t.mask
		for t.entries[at].index != 0 {
			at = (at + 1) & t.mask
		}
		from, to := p.textEnd.span(int(id(i)))
		t.entries[at] = entry{uint32(i + 1), uint32(from), uint32(to - from)}
	}
	return t
}

//go:noinline
//go:nobounds
func (t *table) find(p *program, s []byte) (int, bool) {
	for at := mix(s) & t.mask; ; at = (at + 1) & t.mask {
		e := &t.entries[at]
		if e.index == 0 {
			return 0, false
		}
		if int(e.size) == len(s) && view(p.text[e.from:][:e.size]) == view(s) {
			return int(e.index - 1), true
		}
	}
}

// mix spreads strings over a table. Strings that agree in length and in the first, the
// middle and the last eight bytes meet in one place; that costs time, not truth, and
// which strings a table has is the publisher's choice, not a request's.
//
//go:nobounds
func mix(s []byte) uint32 {
	const odd = 0x9e3779b97f4a7c15
	n := len(s)
	h := uint64(n) * odd
	if n < 8 {
		for _, c := range s {
			h = (h ^ uint64(c)) * odd
		}
	} else {
		h = (h ^ load64(s, 0)) * odd
		h = (h ^ h>>32 ^ load64(s, n/2-4)) * odd
		h = (h ^ h>>32 ^ load64(s, n-8)) * odd
	}
	return uint32(h >> 32)
}
