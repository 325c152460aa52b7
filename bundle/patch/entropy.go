package patch

import "math/bits"

// Finite-state entropy coding with the predefined tables, which blocks need not contain: see
// section 4.1 of RFC 8878.

// distribution is the expected frequency of each symbol: counts that add up to 1<<log. A count of
// -1 stands for less than one.
type distribution struct {
	log    int
	counts []int8
}

// defaults are the predefined distributions, by field.
var defaults = [3]distribution{
	fieldLiterals: {6, []int8{
		4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1}},
	fieldOffset: {5, []int8{
		1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1}},
	fieldMatch: {6, []int8{
		1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1}},
}

// coder is the encoder state of one field. The zero coder is for a field without bits.
type coder struct {
	log     int
	next    []uint16 // states, by symbol and previous state
	symbols []transition
	state   uint32
	started bool
}

// transition says how a symbol changes the state.
type transition struct{ bits, next int32 }

func newCoder(d distribution) coder {
	size := 1 << d.log
	c := coder{log: d.log, next: make([]uint16, size), symbols: make([]transition, len(d.counts))}
	table := d.spread()
	starts := make([]int, len(d.counts))
	total := 0
	for s, n := range d.counts {
		starts[s] = total
		count := max(int(n), -int(n))
		c.symbols[s] = transition{bits: int32(d.log<<16 - size), next: int32(total - 1)}
		if count > 1 {
			most := d.log - (bits.Len(uint(count-1)) - 1)
			c.symbols[s] = transition{bits: int32(most<<16 - count<<most), next: int32(total - count)}
		}
		total += count
	}
	for i, s := range table {
		c.next[starts[s]] = uint16(size + i)
		starts[s]++
	}
	return c
}

// spread returns the symbol of each state.
func (d distribution) spread() []byte {
	size := 1 << d.log
	table := make([]byte, size)
	high := size
	for s, n := range d.counts {
		if n == -1 {
			high--
			table[high] = byte(s)
		}
	}
	step, at := size>>1+size>>3+3, 0
	for s, n := range d.counts {
		for range max(0, int(n)) {
			table[at] = byte(s)
			for at = (at + step) % size; at >= high; at = (at + step) % size {
			}
		}
	}
	return table
}

// encode writes the bits that lead to a state of the symbol. The first symbol takes no bits.
func (c *coder) encode(w *bitWriter, symbol byte) {
	if c.log == 0 {
		return
	}
	t := c.symbols[symbol]
	n := (int32(c.state) + t.bits) >> 16
	if !c.started {
		c.started = true
		n = (t.bits + 1<<15) >> 16
		c.state = uint32(n<<16 - t.bits)
	} else {
		w.add(c.state&(1<<n-1), int(n))
	}
	c.state = uint32(c.next[int32(c.state>>n)+t.next])
}

// flush writes the state in which the decoder starts.
func (c *coder) flush(w *bitWriter) { w.add(c.state&(1<<c.log-1), c.log) }

// bitWriter appends bits, the least significant first.
type bitWriter struct {
	bytes []byte
	bits  uint64
	n     int
}

// add appends the n lowest bits of v; n is at most 32. The other bits of v must be zero.
func (w *bitWriter) add(v uint32, n int) {
	w.bits |= uint64(v) << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.bytes = append(w.bytes, byte(w.bits))
		w.bits >>= 8
	}
}

// close appends the bit that marks the end, and returns all bytes.
func (w *bitWriter) close() []byte {
	w.add(1, 1)
	if w.n > 0 {
		w.bytes = append(w.bytes, byte(w.bits))
	}
	return w.bytes
}
