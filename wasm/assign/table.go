package assign

// table finds strings of the payload: open addressing with linear probing, at most half
// full, made once at load.
type table struct {
	entries []entry
	mask    uint32
}

type entry struct {
	index uint32 // 1 + the position that find returns; 0 for an empty place
	text  uint32
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
		at := uint32(sum64(p.string(id(i)))) & t.mask
		for t.entries[at].index != 0 {
			at = (at + 1) & t.mask
		}
		t.entries[at] = entry{index: uint32(i + 1), text: id(i)}
	}
	return t
}

//go:noinline
//go:nobounds
func (t *table) find(p *program, s []byte) (int, bool) {
	for at := uint32(sum64(s)) & t.mask; ; at = (at + 1) & t.mask {
		e := t.entries[at]
		if e.index == 0 {
			return 0, false
		}
		if view(p.string(e.text)) == view(s) {
			return int(e.index - 1), true
		}
	}
}
