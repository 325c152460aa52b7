package automaton

import (
	"math"
	"sort"
	"unicode/utf8"
)

// byteDFA is an automaton over bytes. Its first states are those of the runeDFA that it
// spells, between runes; the others are within a rune.
type byteDFA struct {
	next [][256]int32 // by state and byte
	end  []bool       // by state: whether a text that ends here matches
}

// partial is the state of having read the first bytes of a rune.
type partial struct {
	next    [64]int32 // by continuation byte, less 0x80: the state after it, or invalid
	instead int32     // the state if it does not become a rune, and each byte reads as U+FFFD
}

// invalid marks bytes that cannot continue a rune.
const invalid = -1

// speller spells the runes of a runeDFA as bytes.
type speller struct {
	runes    *runeDFA
	work     *budget
	partials []partial
	index    map[partial]int32
}

// leaving is what is particular to the state between runes that is being spelled.
type leaving struct {
	spans   []span           // the runes, with the state that each leads to as its class
	instead [4]int32         // by number of bytes: the state after as many times U+FFFD
	uniform map[prefix]int32 // by prefixes all of whose runes lead to one state
}

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
	leads = 0xf8 // and above: never part of a rune
)

// row is what follows a state between runes.
func (s *speller) row(state int) (row [256]int32, err error) {
	next := s.runes.next[state]
	l := &leaving{uniform: map[prefix]int32{}}
	l.instead[0] = int32(state)
	for i := 1; i < len(l.instead); i++ {
		l.instead[i] = int32(s.runes.next[l.instead[i-1]][s.runes.bad])
	}
	for _, sp := range s.runes.spans {
		to := next[sp.class]
		if n := len(l.spans); n > 0 && l.spans[n-1].class == to && l.spans[n-1].hi+1 == sp.lo {
			l.spans[n-1].hi = sp.hi
		} else {
			l.spans = append(l.spans, span{sp.lo, sp.hi, to})
		}
	}
	for b := range row {
		to := int32(invalid)
		switch {
		case b < utf8.RuneSelf:
			to = int32(l.spanOf(rune(b)).class)
		case b < lead2:
		case b < lead3:
			to, err = s.partial(l, rune(b-lead2), 1, 2)
		case b < lead4:
			to, err = s.partial(l, rune(b-lead3), 2, 3)
		case b < leads:
			to, err = s.partial(l, rune(b-lead4), 3, 4)
		}
		if err != nil {
			return row, err
		}
		if to == invalid {
			to = l.instead[1]
		}
		row[b] = to
	}
	return row, nil
}

// spanOf is the span with the rune r, or the first one after it, which may be beyond all
// runes.
func (l *leaving) spanOf(r rune) span {
	i := sort.Search(len(l.spans), func(i int) bool { return l.spans[i].hi >= r })
	if i == len(l.spans) {
		return span{lo: math.MaxInt32, hi: math.MaxInt32}
	}
	return l.spans[i]
}

// partial is the state with the bits of a rune of the given length read, except for the
// last ones, which are left to as many bytes; or invalid if there is no such rune.
func (s *speller) partial(l *leaving, bits rune, left, length int) (int32, error) {
	shortest := [...]rune{2: utf8.RuneSelf, 3: 1 << 11, 4: 1 << 16}[length]
	lo, hi := bits<<(6*left), (bits+1)<<(6*left)-1
	if hi < shortest {
		return invalid, nil
	}
	at := l.spanOf(max(lo, shortest))
	if at.lo > hi {
		return invalid, nil
	}
	if left == 0 {
		return int32(at.class), nil
	}
	whole := lo >= shortest && at.lo <= lo && hi <= at.hi
	key := prefix{left, length, at.class}
	if to, ok := l.uniform[key]; ok && whole {
		return to, nil
	}
	p := partial{instead: l.instead[length-left]}
	for i := range p.next {
		to, err := s.partial(l, bits<<6|rune(i), left-1, length)
		if err != nil {
			return 0, err
		}
		p.next[i] = to
	}
	to, err := s.intern(p)
	if whole {
		l.uniform[key] = to
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
