package automaton

import (
	"math"
	"sort"
	"unicode/utf8"
)

// byteDFA is an automaton over bytes. Its first states are those of the runeDFA, before and after
// runes. The other states are within the encoding of a rune.
type byteDFA struct {
	next [][256]int32 // by state and byte
	end  []bool       // by state: whether a text that ends here matches
}

// partial is the state after the first bytes of a rune.
type partial struct {
	next    [64]int32 // by continuation byte minus 0x80: the next state, or invalid
	instead int32     // the state if no rune follows, so that each byte so far reads as U+FFFD
}

// invalid marks bytes that cannot continue a rune.
const invalid = -1

// speller turns a runeDFA into a byteDFA.
type speller struct {
	runes    *runeDFA
	work     *budget
	partials []partial
	index    map[partial]int32
}

// source is the state before a rune whose encoding is being built.
type source struct {
	spans   []span           // all runes; the class of a span is the next state
	instead [4]int32         // by number: the state after so many runes U+FFFD
	uniform map[prefix]int32 // the partial states by prefix, if all runes with the prefix lead to one state
}

// prefix describes the first bytes of a rune if every rune with them leads to the state to. The
// rune has length bytes, and left bytes follow.
type prefix struct{ left, length, to int }

func spell(runes *runeDFA, work *budget) (*byteDFA, error) {
	s := &speller{runes: runes, work: work, index: map[partial]int32{}}
	d := &byteDFA{}
	for state := range runes.next {
		row, err := s.row(state)
		if err != nil {
			return nil, err
		}
		d.next = append(d.next, row)
		d.end = append(d.end, runes.end[state])
	}
	for _, p := range s.partials {
		row := d.next[p.instead]
		for i, to := range p.next {
			if to != invalid {
				row[utf8.RuneSelf+i] = to
			}
		}
		d.next = append(d.next, row)
		d.end = append(d.end, d.end[p.instead])
	}
	return d, nil
}

// The first bytes of runes of two, three and four bytes.
const (
	lead2 = 0xc0
	lead3 = 0xe0
	lead4 = 0xf0
	leads = 0xf8 // from here on, bytes that no rune has
)

// shortest is the first rune of each length in bytes.
var shortest = [...]rune{2: utf8.RuneSelf, 3: 1 << 11, 4: 1 << 16}

// row returns the next states of a state between runes.
func (s *speller) row(state int) (row [256]int32, err error) {
	next := s.runes.next[state]
	from := &source{uniform: map[prefix]int32{}}
	from.instead[0] = int32(state)
	for i := 1; i < len(from.instead); i++ {
		from.instead[i] = int32(s.runes.next[from.instead[i-1]][s.runes.bad])
	}
	for _, sp := range s.runes.spans {
		to := next[sp.class]
		if n := len(from.spans); n > 0 && from.spans[n-1].class == to && from.spans[n-1].hi+1 == sp.lo {
			from.spans[n-1].hi = sp.hi
		} else {
			from.spans = append(from.spans, span{sp.lo, sp.hi, to})
		}
	}
	for b := range row {
		to := int32(invalid)
		switch {
		case b < utf8.RuneSelf:
			to = int32(from.spanOf(rune(b)).class)
		case b < lead2:
		case b < lead3:
			to, err = s.partial(from, rune(b-lead2), 1, 2)
		case b < lead4:
			to, err = s.partial(from, rune(b-lead3), 2, 3)
		case b < leads:
			to, err = s.partial(from, rune(b-lead4), 3, 4)
		}
		if err != nil {
			return row, err
		}
		if to == invalid {
			to = from.instead[1]
		}
		row[b] = to
	}
	return row, nil
}

// spanOf returns the span with the rune r, or the first span after it, which may be after all
// runes.
func (from *source) spanOf(r rune) span {
	i := sort.Search(len(from.spans), func(i int) bool { return from.spans[i].hi >= r })
	if i == len(from.spans) {
		return span{lo: math.MaxInt32, hi: math.MaxInt32}
	}
	return from.spans[i]
}

// partial returns the state after the first bytes of a rune of the given length. These bytes
// have the given bits of the rune, and left bytes follow. It returns invalid if no rune begins
// with these bytes.
func (s *speller) partial(from *source, bits rune, left, length int) (int32, error) {
	first := shortest[length]
	lo, hi := bits<<(6*left), (bits+1)<<(6*left)-1
	if hi < first {
		return invalid, nil
	}
	at := from.spanOf(max(lo, first))
	if at.lo > hi {
		return invalid, nil
	}
	if left == 0 {
		return int32(at.class), nil
	}
	whole := lo >= first && at.lo <= lo && hi <= at.hi
	key := prefix{left, length, at.class}
	if to, ok := from.uniform[key]; whole && ok {
		return to, nil
	}
	p := partial{instead: from.instead[length-left]}
	for i := range p.next {
		to, err := s.partial(from, bits<<6|rune(i), left-1, length)
		if err != nil {
			return 0, err
		}
		p.next[i] = to
	}
	to, err := s.intern(p)
	if whole {
		from.uniform[key] = to
	}
	return to, err
}

func (s *speller) intern(p partial) (int32, error) {
	if err := s.work.spend(len(p.next)); err != nil {
		return 0, err
	}
	to, ok := s.index[p]
	if !ok {
		to = int32(len(s.runes.next) + len(s.partials))
		if to >= maxDraft {
			return 0, errTooManyStates
		}
		s.index[p] = to
		s.partials = append(s.partials, p)
	}
	return to, nil
}
