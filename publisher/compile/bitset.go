package compile

import "math/bits"

// bitset is a set of the integers 0 … n-1.
type bitset struct {
	n     int
	words []uint64
}

func newBitset(n int) bitset { return bitset{n, make([]uint64, (n+63)/64)} }

func (b bitset) set(i int)      { b.words[i/64] |= 1 << (i % 64) }
func (b bitset) clear(i int)    { b.words[i/64] &^= 1 << (i % 64) }
func (b bitset) has(i int) bool { return b.words[i/64]>>(i%64)&1 == 1 }

// setUpTo adds 1 … last.
func (b bitset) setUpTo(last int) {
	for w := range last/64 + 1 {
		b.words[w] = ^uint64(0)
	}
	b.words[last/64] &= ^uint64(0) >> (63 - last%64)
	b.clear(0)
}

func (b bitset) empty() bool {
	for _, w := range b.words {
		if w != 0 {
			return false
		}
	}
	return true
}

func (b bitset) union(c bitset) bitset {
	u := newBitset(b.n)
	for i := range u.words {
		u.words[i] = b.words[i] | c.words[i]
	}
	return u
}

func (b bitset) intersection(c bitset) bitset {
	u := newBitset(b.n)
	for i := range u.words {
		u.words[i] = b.words[i] & c.words[i]
	}
	return u
}

func (b bitset) complement() bitset {
	u := newBitset(b.n)
	for i := range u.words {
		u.words[i] = ^b.words[i]
	}
	if spare := len(u.words)*64 - b.n; spare > 0 {
		u.words[len(u.words)-1] &= ^uint64(0) >> spare
	}
	return u
}

func popcount(words []uint64) int {
	n := 0
	for _, w := range words {
		n += bits.OnesCount64(w)
	}
	return n
}
