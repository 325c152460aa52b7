package automaton

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// runeDFA is an automaton over the classes of an alphabet. Dead, Matched and Start have the same
// meaning as in an Automaton, but other states may be equivalent to Dead.
type runeDFA struct {
	*alphabet
	next [][]int // by state and class: the state after a rune of the class
	end  []bool  // by state: whether a text that ends here matches
}

// runeState is the set of instructions that matches may have reached. The matches may have begun
// at this rune of the text or at an earlier one.
type runeState struct {
	runes  []uint32 // instructions that take the next rune, ascending
	looks  []uint32 // assertions that look at the next rune, ascending
	before rune     // the previous rune, as assertions see it; see remember
}

// Assertions look at the rune on either side. One of these runes represents all runes that they
// do not distinguish. Before and after the text is edge, as in syntax.Inst.MatchEmptyWidth.
const (
	edge    = -1
	newline = '\n'
	word    = 'a'
	other   = ' '

	unread = -2 // the next rune is not known yet
)

// likeness returns the rune that represents r in assertions.
func likeness(r rune) rune {
	switch {
	case r == newline:
		return newline
	case syntax.IsWordChar(r):
		return word
	}
	return other
}

// subsets builds a runeDFA by the subset construction.
type subsets struct {
	prog *syntax.Prog
	used syntax.EmptyOp // the assertions of the program
	work *budget

	dfa     *runeDFA
	states  []runeState
	index   map[string]int // by runeState
	reached map[string]int // by the rune before and the instructions reached: the state

	visited []bool // by program counter, during a closure
	stack   []uint32
}

func determinize(prog *syntax.Prog, work *budget) (*runeDFA, error) {
	alphabet, err := newAlphabet(prog, work)
	if err != nil {
		return nil, err
	}
	s := &subsets{
		prog:    prog,
		used:    assertions(prog),
		work:    work,
		dfa:     &runeDFA{alphabet: alphabet},
		index:   map[string]int{},
		reached: map[string]int{},
		visited: make([]bool, len(prog.Inst)),
	}
	first, matched, err := s.closure([]uint32{uint32(prog.Start)}, edge, unread)
	if err != nil {
		return nil, err
	}
	s.addConstant(Dead, false)
	s.addConstant(Matched, true)
	if matched {
		s.addConstant(Matched, true)
		return s.dfa, nil
	}
	s.intern(first)
	for state := Start; state < len(s.states); state++ {
		if len(s.states) > maxDraft {
			return nil, errTooManyStates
		}
		if err := s.expand(state); err != nil {
			return nil, err
		}
	}
	return s.dfa, nil
}

// addConstant adds a state that leads to the state to for every rune.
func (s *subsets) addConstant(to int, end bool) {
	s.states = append(s.states, runeState{})
	s.dfa.next = append(s.dfa.next, slices.Repeat([]int{to}, len(s.dfa.sample)))
	s.dfa.end = append(s.dfa.end, end)
}

// expand computes the next states of a state.
func (s *subsets) expand(state int) error {
	from := s.states[state]
	seeds := slices.Concat(from.runes, from.looks)

	// The instructions that take the next rune depend on how assertions see that rune.
	takers := map[rune][]uint32{}
	won := map[rune]bool{}
	for _, after := range []rune{newline, word, other, edge} {
		if len(from.looks) == 0 {
			takers[after] = from.runes
			continue
		}
		now, matched, err := s.closure(seeds, from.before, after)
		if err != nil {
			return err
		}
		takers[after], won[after] = now.runes, matched
	}

	outs := make([][]uint32, len(s.dfa.sample))
	for _, after := range []rune{newline, word, other} {
		for _, pc := range takers[after] {
			set := s.dfa.sets[s.dfa.setOf[pc]]
			if err := s.work.spend(len(set)); err != nil {
				return err
			}
			for _, class := range set {
				if likeness(s.dfa.sample[class]) == after {
					outs[class] = append(outs[class], s.prog.Inst[pc].Out)
				}
			}
		}
	}
	next := make([]int, len(outs))
	for class, pcs := range outs {
		before := likeness(s.dfa.sample[class])
		if won[before] {
			next[class] = Matched
			continue
		}
		// A match may also begin here.
		to, err := s.after(append(pcs, uint32(s.prog.Start)), before)
		if err != nil {
			return err
		}
		next[class] = to
	}
	s.dfa.next = append(s.dfa.next, next)
	s.dfa.end = append(s.dfa.end, won[edge])
	return nil
}

// after returns the state in which the instructions have been reached.
func (s *subsets) after(pcs []uint32, before rune) (int, error) {
	if err := s.work.spend(len(pcs)); err != nil {
		return 0, err
	}
	key := string(appendKey([]byte{byte(before)}, pcs))
	if state, ok := s.reached[key]; ok {
		return state, nil
	}
	reached, matched, err := s.closure(pcs, before, unread)
	if err != nil {
		return 0, err
	}
	state := Matched
	if !matched {
		state = s.intern(reached)
	}
	s.reached[key] = state
	return state, nil
}

// intern returns the number of a state, and adds the state if it is new.
func (s *subsets) intern(state runeState) int {
	key := appendKey([]byte{byte(state.before)}, state.runes)
	key = appendKey(append(key, 0xff, 0xff, 0xff, 0xff), state.looks)
	number, ok := s.index[string(key)]
	if !ok {
		number = len(s.states)
		s.index[string(key)] = number
		s.states = append(s.states, state)
	}
	return number
}

// closure returns the instructions that can be reached from others without taking a rune, at the
// place between the runes before and after. It also reports whether that is a match. If after is
// unread, it stops at assertions that depend on it.
func (s *subsets) closure(from []uint32, before, after rune) (to runeState, matched bool, err error) {
	var order []uint32
	push := func(pc uint32) {
		if !s.visited[pc] {
			s.visited[pc] = true
			order = append(order, pc)
			s.stack = append(s.stack, pc)
		}
	}
	for _, pc := range from {
		push(pc)
	}
	for len(s.stack) > 0 {
		pc := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		switch inst := &s.prog.Inst[pc]; inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			push(inst.Out)
			push(inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			push(inst.Out)
		case syntax.InstEmptyWidth:
			const backward = syntax.EmptyBeginText | syntax.EmptyBeginLine
			if after == unread && syntax.EmptyOp(inst.Arg)&backward == 0 {
				to.looks = append(to.looks, pc)
			} else if inst.MatchEmptyWidth(before, after) {
				push(inst.Out)
			}
		case syntax.InstMatch:
			matched = true
		case syntax.InstFail:
		default:
			to.runes = append(to.runes, pc)
		}
	}
	for _, pc := range order {
		s.visited[pc] = false
	}
	slices.Sort(to.runes)
	slices.Sort(to.looks)
	to.before = s.remember(before, to.looks)
	return to, matched, s.work.spend(len(order))
}

// remember returns the rune that represents the previous one in a state. States with different
// previous runes are distinct only if an assertion can distinguish them.
func (s *subsets) remember(before rune, looks []uint32) rune {
	const boundary = syntax.EmptyWordBoundary | syntax.EmptyNoWordBoundary
	switch {
	case len(looks) == 0:
	case before == edge && s.used&syntax.EmptyBeginText != 0:
		return edge
	case (before == edge || before == newline) && s.used&syntax.EmptyBeginLine != 0:
		return newline
	case before == word && s.used&boundary != 0:
		return word
	}
	return other
}

func appendKey(key []byte, pcs []uint32) []byte {
	for _, pc := range pcs {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	return key
}
