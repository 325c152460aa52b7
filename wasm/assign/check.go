package assign

// check verifies once, at load, that everything that deciding follows stays within its
// table, so that no request can lead it astray. It also bounds the counts.
func (p *program) check() Status {
	ok := p.checkText() && p.checkTables() && p.checkExperiments() && p.checkRules() && p.checkIndex()
	if !ok {
		return BadReference
	}
	return OK
}

// ends reports whether a column of ends rises from zero or more to exactly total.
func (c u32s) ends(total int) bool {
	last := 0
	for i := range c.len() {
		end := int(c.at(i))
		if end < last || end > total {
			return false
		}
		last = end
	}
	return last == total
}

// below reports whether every element is less than n, or is none where that may be.
func (c u32s) below(n int, orNone bool) bool {
	for i := range c.len() {
		if v := c.at(i); int64(v) >= int64(n) && !(orNone && v == none32) {
			return false
		}
	}
	return true
}

func (c u16s) below(n int, orNone bool) bool {
	for i := range c.len() {
		if v := c.at(i); int(v) >= n && !(orNone && v == none16) {
			return false
		}
	}
	return true
}

func (c u8s) below(n int) bool {
	for _, v := range c {
		if int(v) >= n {
			return false
		}
	}
	return true
}

func (p *program) checkText() bool {
	n := p.textEnd.len()
	return p.textEnd.ends(len(p.text)) &&
		p.unitName.below(n, false) && p.attrName.below(n, false) &&
		p.layerSalt.below(n, false) && p.holdoutSalt.below(n, false) &&
		p.expSalt.below(n, false) && p.testText.below(n, false)
}

func (p *program) checkTables() bool {
	units, attributes := p.unitName.len(), p.attrName.len()
	if units > maxUnits || attributes >= none16 || p.attrType.len() != attributes {
		return false
	}
	for _, t := range p.attrType {
		if t < typeString || t > typeList {
			return false
		}
	}
	return p.segmentUnit.len() == p.segmentEnd.len() && p.segmentUnit.below(units) &&
		p.segmentEnd.ends(p.segmentHash.len()) &&
		p.holdoutSlots.len() == p.holdoutSalt.len() && p.holdoutSlots.below(Slots+1, false)
}

func (p *program) checkExperiments() bool {
	n := p.expKind.len()
	if n > MaxExperiments ||
		p.expKilled.len() != n || p.expUnit.len() != n || p.expSalt.len() != n ||
		p.expLayer.len() != n || p.expHoldout.len() != n || p.expStart.len() != n ||
		p.expEnd.len() != n || p.expVariants.len() != n || p.expDefault.len() != n ||
		p.expRules.len() != n {
		return false
	}
	if !p.expKind.below(2) || !p.expKilled.below(2) || !p.expUnit.below(p.unitName.len()) ||
		!p.expLayer.below(p.layerSalt.len(), true) || !p.expHoldout.below(p.holdoutSalt.len(), true) {
		return false
	}
	variants, rules := 0, 0
	for i := range n {
		from, to := p.expVariants.span(i)
		if from != variants || to <= from || to-from > maxVariants {
			return false
		}
		count := to - from
		variants = to

		from, to = p.expRules.span(i)
		if from != rules || to < from || to-from > maxRules {
			return false
		}
		rules = to
		if rules > p.ruleTraffic.len() {
			return false
		}

		isFlag := p.expKind[i] == flagKind
		def := p.expDefault.at(i)
		if isFlag && int(def) >= count || !isFlag && (def != none16 || to-from != 1) {
			return false
		}
		for rule := from; rule < to; rule++ {
			if !p.checkShares(rule, count) {
				return false
			}
		}
	}
	// What is left after the experiments' rules are the exclusions'.
	if p.exclusionRule.len() != exclusions {
		return false
	}
	for i := range exclusions {
		if r := p.exclusionRule.at(i); r != none32 && (int64(r) < int64(rules) || int64(r) >= int64(p.ruleTraffic.len())) {
			return false
		}
	}
	return p.checkOverrides()
}

func (p *program) checkOverrides() bool {
	n := p.overrideHash.len()
	if p.overrideExp.len() != n || p.overrideVar.len() != n || !p.overrideExp.below(p.expKind.len(), false) {
		return false
	}
	for i := range n {
		from, to := p.expVariants.span(int(p.overrideExp.at(i)))
		if int(p.overrideVar.at(i)) >= to-from {
			return false
		}
		if i > 0 && p.overrideHash.at(i) < p.overrideHash.at(i-1) {
			return false
		}
	}
	return true
}

// checkShares requires that a rule's shares rise to exactly all slots, so that every
// variant slot finds a variant.
func (p *program) checkShares(rule, variants int) bool {
	if rule >= p.ruleShares.len() {
		return false
	}
	from, to := p.ruleShares.span(rule)
	if from < 0 || from >= to || to > p.shareTo.len() || to > p.shareVar.len() {
		return false
	}
	last := 0
	for i := from; i < to; i++ {
		if end := int(p.shareTo.at(i)); end <= last || end > Slots {
			return false
		}
		last = int(p.shareTo.at(i))
		if int(p.shareVar.at(i)) >= variants {
			return false
		}
	}
	return last == Slots
}

func (p *program) checkRules() bool {
	n := p.ruleTraffic.len()
	if p.ruleRanges.len() != n || p.ruleShares.len() != n || p.ruleClauses.len() != n ||
		!p.ruleTraffic.below(Slots+1, false) ||
		p.rangeFrom.len() != p.rangeTo.len() || !p.ruleRanges.ends(p.rangeTo.len()) ||
		p.shareTo.len() != p.shareVar.len() || !p.ruleShares.ends(p.shareTo.len()) ||
		!p.ruleClauses.ends(p.ruleClause.len()) {
		return false
	}
	for i := range p.rangeTo.len() {
		if p.rangeFrom.at(i) > p.rangeTo.at(i) || p.rangeTo.at(i) > Slots {
			return false
		}
	}
	tests := p.testOp.len()
	if p.testNegated.len() != tests || p.testAttr.len() != tests || p.testText.len() != tests ||
		!p.clauseTests.ends(tests) || !p.testOp.below(testContains+1) || !p.testNegated.below(2) ||
		!p.testAttr.below(p.attrName.len(), false) {
		return false
	}
	for i := range tests {
		if p.attrType[p.testAttr.at(i)] != typeString {
			return false
		}
	}
	// Every clause belongs to exactly one rule, and blocks hold 64 clauses each.
	return p.ruleClause.len() == p.clauseTests.len() && p.ruleClause.below(p.clauseTests.len(), false) &&
		p.blockAxes.len() == (p.clauseTests.len()+63)/64
}

func (p *program) checkIndex() bool {
	n := p.axisKind.len()
	if n >= none16 || p.axisOf.len() != n || p.axisWidth.len() != n || p.axisValues.len() != n ||
		p.axisCells.len() != n || !p.axisValues.ends(p.value.len()) || !p.axisCells.ends(p.cellRow.len()) {
		return false
	}
	for i := range n {
		if !p.checkAxis(i) {
			return false
		}
	}
	entries := p.blockAxis.len()
	if p.blockWord.len() != entries || !p.blockAxes.ends(entries) || !p.blockAxis.below(n, false) {
		return false
	}
	for i := range entries {
		if p.blockWord.at(i) >= p.axisWidth.at(int(p.blockAxis.at(i))) {
			return false
		}
	}
	return true
}

func (p *program) checkAxis(i int) bool {
	kind, of := p.axisKind[i], int(p.axisOf.at(i))
	if kind == axisSegment {
		if of >= p.segmentUnit.len() {
			return false
		}
	} else if of >= p.attrName.len() || !attributeTypeFits(kind, p.attrType[of]) {
		return false
	}
	from, to := p.axisValues.span(i)
	first, last := p.axisCells.span(i)
	if last-first != cells(kind, to-from) {
		return false
	}
	if kind != axisOrdered {
		for v := from; v < to; v++ {
			if p.value.at(v) >= uint64(p.textEnd.len()) {
				return false
			}
		}
	}
	width := uint64(p.axisWidth.at(i))
	for c := first; c < last; c++ {
		if uint64(p.cellRow.at(c))+width > uint64(p.rowBits.len()) {
			return false
		}
	}
	return true
}
