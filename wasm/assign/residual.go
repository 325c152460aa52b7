package assign

// testsPass reports whether all residual tests of a clause pass. A test of a missing attribute does
// not pass, even if negated.
//
//go:nobounds
func (e *Engine) testsPass(clause int) bool {
	from, to := e.p.clauseTests.span(clause)
	for i := from; i < to; i++ {
		e.work.Tests++
		if !e.testPasses(i) {
			return false
		}
	}
	return true
}

//go:nobounds
func (e *Engine) testPasses(i int) bool {
	p := &e.p
	a := e.present(int(p.testAttr.at(i)))
	if a == nil {
		return false
	}
	op, argument := p.testOp[i], p.testArg.at(i)
	var holds bool
	switch op {
	case testPrefix:
		text := p.string(uint32(argument))
		holds = len(a.text) >= len(text) && a.text[:len(text)] == view(text)
	case testSuffix:
		text := p.string(uint32(argument))
		holds = len(a.text) >= len(text) && a.text[len(a.text)-len(text):] == view(text)
	case testContains:
		holds = contains(a.text, p.string(uint32(argument)))
	case testMatches:
		holds = p.matches(int(argument), a.text)
	case testElapsed:
		holds = elapsed(int64(a.bits^signBit), e.now, int64(argument))
	default:
		other := e.present(int(argument))
		if other == nil {
			return false
		}
		order := compare(a, other)
		holds = order == 0 && op != testBefore || order < 0 && op != testSame
	}
	return holds != (p.testNegated[i] == 1)
}

// contains reports whether s contains a text. A simple search is enough: values have at most 1 KiB,
// and the publisher limits the text.
//
//go:nobounds
func contains(s string, text []byte) bool {
	for i := 0; i+len(text) <= len(s); i++ {
		if s[i:i+len(text)] == view(text) {
			return true
		}
	}
	return false
}

// Special states of an automaton.
const (
	automatonMatched = 1
	automatonStart   = 2 // lower states are final
)

// matches reports whether an automaton matches a string. It takes a step for each byte and one for
// the end.
//
//go:nobounds
func (p *program) matches(automaton int, s string) bool {
	classes := p.automatonClasses[automaton*256:]
	from, to := p.automatonNexts.span(automaton)
	next, width := p.automatonNext[2*from:2*to], int(p.automatonWidth.at(automaton))
	state := automatonStart
	for i := 0; i < len(s) && state >= automatonStart; i++ {
		state = int(next.at(state*width + int(classes[s[i]])))
	}
	if state >= automatonStart {
		state = int(next.at(state*width + width - 1))
	}
	return state == automatonMatched
}

// elapsed reports whether now is at least span after then. It handles overflow of the difference
// and the sum.
func elapsed(then, now, span int64) bool {
	passed := now - then
	if (now < 0) != (then < 0) && (passed < 0) != (now < 0) {
		return now >= 0
	}
	return passed >= span
}

// compare compares two values of one type. Times and numbers have only bits; strings and versions
// have only a text.
func compare(a, b *attribute) int {
	if a.bits != b.bits {
		if a.bits < b.bits {
			return -1
		}
		return 1
	}
	switch x, y := a.text, b.text; {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
