package automaton

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// The surrogates, which UTF-8 cannot encode, so that no text has them.
const (
	surrogateMin = 0xd800
	surrogateMax = 0xdfff
)

// alphabet divides all runes into classes. The program does not distinguish the runes of one
// class.
type alphabet struct {
	spans  []span         // all runes, in order
	sample []rune         // by class: one of its runes
	bad    int            // the class of U+FFFD, which stands for every malformed byte
	setOf  map[uint32]int // by program counter of a rune instruction: the set it matches
	sets   [][]int        // by set: its classes, ascending
}

// span is a range of runes of one class.
type span struct {
	lo, hi rune
	class  int
}

// newAlphabet returns the classes of a program.
func newAlphabet(prog *syntax.Prog, work *budget) (*alphabet, error) {
	a := &alphabet{setOf: map[uint32]int{}}
	var sets [][]rune // each is a list of ranges: first rune, last rune, first rune, …
	known := map[string]int{}
	add := func(ranges []rune) int {
		key := string(runeKey(ranges))
		set, ok := known[key]
		if !ok {
			set = len(sets)
			known[key] = set
			sets = append(sets, ranges)
		}
		return set
	}
	for pc := range prog.Inst {
		switch inst := &prog.Inst[pc]; inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			a.setOf[uint32(pc)] = add(rangesOf(inst))
		}
	}
	a.sets = make([][]int, len(sets))
	// Assertions distinguish runes, too.
	used := assertions(prog)
	if used&(syntax.EmptyBeginLine|syntax.EmptyEndLine) != 0 {
		sets = append(sets, []rune{'\n', '\n'})
	}
	if used&(syntax.EmptyWordBoundary|syntax.EmptyNoWordBoundary) != 0 {
		sets = append(sets, []rune{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'})
	}

	starts := []rune{0, surrogateMin, surrogateMax + 1, unicode.MaxRune + 1}
	for _, ranges := range sets {
		for i := 0; i < len(ranges); i += 2 {
			starts = append(starts, ranges[i], ranges[i+1]+1)
		}
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	for i, lo := range starts[:len(starts)-1] {
		if lo < surrogateMin || lo > surrogateMax {
			a.spans = append(a.spans, span{lo: lo, hi: starts[i+1] - 1})
		}
	}
	if err := work.spend(2 * len(a.spans) * (len(sets) + 1)); err != nil {
		return nil, err
	}
	for _, ranges := range sets {
		a.refine(ranges)
	}
	for _, s := range a.spans {
		if s.class == len(a.sample) {
			a.sample = append(a.sample, s.lo)
		}
		if s.lo <= utf8.RuneError && utf8.RuneError <= s.hi {
			a.bad = s.class
		}
	}
	for i := range a.sets {
		a.sets[i] = a.classesIn(sets[i])
	}
	return a, nil
}

// rangesOf returns the ranges of runes that an instruction matches.
func rangesOf(inst *syntax.Inst) []rune {
	switch {
	case inst.Op == syntax.InstRuneAny:
		return []rune{0, unicode.MaxRune}
	case inst.Op == syntax.InstRuneAnyNotNL:
		return []rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}
	case len(inst.Rune) != 1:
		return inst.Rune
	}
	r := inst.Rune[0]
	runes := []rune{r}
	if syntax.Flags(inst.Arg)&syntax.FoldCase != 0 {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			runes = append(runes, f)
		}
	}
	slices.Sort(runes)
	var ranges []rune
	for _, r := range runes {
		ranges = append(ranges, r, r)
	}
	return ranges
}

// assertions returns all assertions of a program.
func assertions(prog *syntax.Prog) syntax.EmptyOp {
	var used syntax.EmptyOp
	for i := range prog.Inst {
		if prog.Inst[i].Op == syntax.InstEmptyWidth {
			used |= syntax.EmptyOp(prog.Inst[i].Arg)
		}
	}
	return used
}

// within calls f with every span and whether it lies within the ranges. No span may lie within
// them only in part.
func (a *alphabet) within(ranges []rune, f func(s *span, within bool)) {
	for i := range a.spans {
		s := &a.spans[i]
		for len(ranges) > 0 && ranges[1] < s.lo {
			ranges = ranges[2:]
		}
		f(s, len(ranges) > 0 && ranges[0] <= s.lo)
	}
}

// refine splits every class into its runes inside and outside the ranges. Classes are numbered
// by their first rune.
func (a *alphabet) refine(ranges []rune) {
	type part struct {
		class  int
		within bool
	}
	parts := map[part]int{}
	a.within(ranges, func(s *span, within bool) {
		class, ok := parts[part{s.class, within}]
		if !ok {
			class = len(parts)
			parts[part{s.class, within}] = class
		}
		s.class = class
	})
}

// classesIn returns the classes within the ranges.
func (a *alphabet) classesIn(ranges []rune) []int {
	var classes []int
	a.within(ranges, func(s *span, within bool) {
		if within {
			classes = append(classes, s.class)
		}
	})
	slices.Sort(classes)
	return slices.Compact(classes)
}

func runeKey(runes []rune) []byte {
	key := make([]byte, 0, 4*len(runes))
	for _, r := range runes {
		key = append(key, byte(r), byte(r>>8), byte(r>>16))
	}
	return key
}
