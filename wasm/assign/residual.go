package assign

// testsPass reports whether all residual tests of a clause pass. A test of a missing
// attribute does not pass, negated or not.
func (e *Engine) testsPass(clause int) bool {
	p := &e.p
	from, to := p.clauseTests.span(clause)
	for i := from; i < to; i++ {
		a := e.present(int(p.testAttr.at(i)))
		if a == nil {
			return false
		}
		s, text := a.bytes, p.string(p.testText.at(i))
		var holds bool
		switch p.testOp[i] {
		case testPrefix:
			holds = len(s) >= len(text) && view(s[:len(text)]) == view(text)
		case testSuffix:
			holds = len(s) >= len(text) && view(s[len(s)-len(text):]) == view(text)
		case testContains:
			holds = contains(s, text)
		}
		if holds == (p.testNegated[i] == 1) {
			return false
		}
	}
	return true
}

// contains is naive: values are at most a kilobyte, and the publisher bounds the text.
func contains(s, text []byte) bool {
	for i := 0; i+len(text) <= len(s); i++ {
		if view(s[i:i+len(text)]) == view(text) {
			return true
		}
	}
	return false
}
