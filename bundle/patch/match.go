package patch

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

const (
	// minRecent and minMatch are the least lengths of a match that is worth a sequence, at a
	// recent offset and at any other.
	minRecent = 3
	minMatch  = 8

	// nearby is the number of places with the same eight bytes that are tried on either side
	// of the expected place.
	nearby = 4

	// wordSize is the number of bytes that the index looks up.
	wordSize = 8

	// If both strings are alike again after at most soon bytes, and then for longAlike bytes, no
	// other place is looked for: it would save less than the search costs.
	soon      = 64
	longAlike = 4 << 10

	// The approximate cost of a sequence in bits, aside from its literals.
	costRecent = 20
	costOffset = 44
)

// matcher finds matches.
type matcher struct {
	data  []byte // the dictionary and then the content
	start int    // of the content
	index index  // of the dictionary
	alike int    // offset of the last match in the dictionary
}

func newMatcher(from, to []byte) *matcher {
	m := &matcher{data: append(append(make([]byte, 0, len(from)+len(to)), from...), to...), start: len(from)}
	m.index = newIndex(from)
	m.alike = len(from)
	return m
}

// found is a match; gain is what it saves, in bits.
type found struct{ length, offset, gain int }

// parse divides n bytes of the content, from position at on, into sequences. It returns the
// literals of all sequences, followed by those after the last sequence.
func (m *matcher) parse(at, n int, recent recentOffsets) (sequences []sequence, literals []byte) {
	s := m.start + at
	end, from := s+n, s
	for s < end {
		best := m.best(s, end, s > from, recent)
		if best.gain > 0 && s+1 < end {
			// One more literal may lead to a better match.
			if next := m.best(s+1, end, true, recent); next.gain > best.gain+8 {
				best.gain = 0
			}
		}
		if best.gain <= 0 {
			s++
			continue
		}
		literals = append(literals, m.data[from:s]...)
		q := sequence{literals: s - from, match: best.length, offset: best.offset}
		recent.value(q)
		sequences = append(sequences, q)
		if best.offset > s-m.start {
			m.alike = best.offset
		}
		s += best.length
		from = s
	}
	return sequences, append(literals, m.data[from:end]...)
}

// best returns the best match for the bytes from s to end.
func (m *matcher) best(s, end int, literals bool, recent recentOffsets) (best found) {
	try := func(offset, least, cost int) {
		if offset <= 0 || offset > s {
			return
		}
		n := commonLength(m.data[s:end], m.data[s-offset:])
		if n < least {
			return
		}
		if gain := 8*n - cost; gain > best.gain {
			best = found{n, offset, gain}
		}
	}
	for i, offset := range recent {
		if i > 0 || literals {
			try(offset, minRecent, costRecent)
		}
	}
	try(m.alike, minRecent, costOffset)
	if s+wordSize > end || best.length == end-s || m.resumes(s) { // no other match is much better
		return best
	}
	try(1, minMatch, costOffset)
	try(wordSize, minMatch, costOffset)
	for _, place := range m.index.near(m.data[s:], s-m.alike, nearby) {
		try(s-int(place), minMatch, costOffset)
	}
	return best
}

// resumes reports whether the last match in the dictionary goes on soon after s.
func (m *matcher) resumes(s int) bool {
	for at := s + 1; at <= s+soon && at+longAlike <= len(m.data) && at >= m.alike; at++ {
		if commonLength(m.data[at:at+longAlike], m.data[at-m.alike:]) == longAlike {
			return true
		}
	}
	return false
}

// stride is how many bytes are compared at once as long as they are the same.
const stride = 256

// commonLength returns the length of the longest common prefix of a and b.
func commonLength(a, b []byte) int {
	n, i := min(len(a), len(b)), 0
	for i+stride <= n && bytes.Equal(a[i:i+stride], b[i:i+stride]) {
		i += stride
	}
	for ; ; i += wordSize {
		if i+wordSize > n {
			for ; i < n && a[i] == b[i]; i++ {
			}
			return i
		}
		if d := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[i:]); d != 0 {
			return i + bits.TrailingZeros64(d)/8
		}
	}
}
