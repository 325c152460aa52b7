package assign

// check verifies at load that every index and offset is within its table, so that decisions need
// no further checks. It also checks the limits on counts.
func (p *program) check() Status {
	ok := p.checkText() && p.checkTables() && p.checkExperiments() && p.checkRules() && p.checkIndex()
	if !ok {
		return BadReference
	}
	return OK
}

// ends reports whether the ends in a column do not decrease and the last one is total.
//
//go:noinline
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

// below reports whether every element is less than n.
//
//go:noinline
func (c u32s) below(n int) bool {
	for i := range c.len() {
		if int64(c.at(i)) >= int64(n) {
			return false
		}
	}
	return true
}

// below reports whether every element is less than n or, if that is allowed, none.
//
//go:noinline
func (c u16s) below(n int, orNone bool) bool {
	for i := range c.len() {
		if v := c.at(i); int(v) >= n && !(orNone && v == none16) {
			return false
		}
	}
	return true
}

//go:noinline
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
		p.unitName.below(n) && p.attrName.below(n) &&
		p.layerSalt.below(n) && p.holdoutSalt.below(n) &&
		p.expSalt.below(n)
}

func (p *program) checkTables() bool {
	units, attributes := p.unitName.len(), p.attrName.len()
	if units > MaxUnits || attributes >= none16 || p.attrType.len() != attributes {
		return false
	}
	for _, t := range p.attrType {
		if t < typeString || t > typeList {
			return false
		}
	}
	return p.segmentUnit.len() == p.segmentEnd.len() && p.segmentUnit.below(units) &&
		p.optOut.below(p.segmentUnit.len()) &&
		p.segmentEnd.ends(p.segmentHash.len()) &&
		p.holdoutSlots.len() == p.holdoutSalt.len() && p.holdoutSlots.below(Slots+1, false)
}

func (p *program) checkExperiments() bool {
	n := p.expKind.len()
	if n > MaxExperiments ||
		p.expKilled.len() != n || p.expUnit.len() != n || p.expSalt.len() != n ||
		p.expLayer.len() != n || p.expHoldouts.len() != n || p.expStart.len() != n ||
		p.expEnd.len() != n || p.expVariants.len() != n || p.expDefault.len() != n ||
		p.expRules.len() != n || p.expPrerequisites.len() != n {
		return false
	}
	if !p.expKind.below(2) || !p.expKilled.below(2) || !p.expUnit.below(p.unitName.len()) ||
		!p.expLayer.below(p.layerSalt.len(), true) || !p.expHoldouts.ends(p.expHoldout.len()) || !p.expHoldout.below(p.holdoutSalt.len(), false) {
		return false
	}
	variants, rules := 0, 0
	for i := range n {
		if variants, rules = p.checkExperiment(i, variants, rules); rules < 0 {
			return false
		}
	}
	// The rules after those of the experiments are those of the exclusions.
	if p.exclusionRule.len() != exclusions {
		return false
	}
	for i := range exclusions {
		if r := p.exclusionRule.at(i); r != none32 && (int64(r) < int64(rules) || int64(r) >= int64(p.ruleTraffic.len())) {
			return false
		}
	}
	return p.checkOverrides() && p.checkPrerequisites()
}

// checkExperiment checks the experiment after those that have the given numbers of variants and
// rules. It returns the numbers with this one's, or -1 rules.
//
//go:noinline
func (p *program) checkExperiment(i, variantsBefore, rulesBefore int) (variants, rules int) {
	from, to := p.expVariants.span(i)
	if from != variantsBefore || to <= from || to-from > maxVariants {
		return 0, -1
	}
	count := to - from

	from, to = p.expRules.span(i)
	if from != rulesBefore || to < from || to-from > maxRules {
		return 0, -1
	}
	if to > p.ruleTraffic.len() {
		return 0, -1
	}

	isFlag := p.expKind[i] == flagKind
	def := p.expDefault.at(i)
	if isFlag && int(def) >= count || !isFlag && (def != none16 || to-from != 1) {
		return 0, -1
	}
	for rule := from; rule < to; rule++ {
		if !p.checkShares(rule, count) {
			return 0, -1
		}
	}
	return variantsBefore + count, to
}

func (p *program) checkOverrides() bool {
	n := p.overrideHash.len()
	if p.overrideExp.len() != n || p.overrideVar.len() != n || !p.overrideExp.below(p.expKind.len()) {
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

// checkShares checks that a rule's shares ascend and end at the number of slots, so that every
// variant slot has a variant.
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
	if p.ruleSteps.len() != n || p.stepAt.len() != p.stepTraffic.len() || !p.ruleSteps.ends(p.stepAt.len()) ||
		!p.stepTraffic.below(Slots+1, false) ||
		p.ruleRanges.len() != n || p.ruleShares.len() != n || p.ruleClauses.len() != n ||
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
	if !p.checkTests() {
		return false
	}
	// Every clause belongs to exactly one rule, and blocks hold 64 clauses each.
	return p.ruleClause.len() == p.clauseTests.len() && p.ruleClause.below(p.clauseTests.len()) &&
		p.blockAxes.len() == (p.clauseTests.len()+63)/64
}

func (p *program) checkTests() bool {
	n := p.testOp.len()
	if p.testNegated.len() != n || p.testAttr.len() != n || p.testArg.len() != n ||
		!p.clauseTests.ends(n) || !p.testNegated.below(2) || !p.testAttr.below(p.attrName.len(), false) {
		return false
	}
	for i := range n {
		of, argument := p.attrType[p.testAttr.at(i)], p.testArg.at(i)
		fits := false
		switch p.testOp[i] {
		case testPrefix, testSuffix, testContains:
			fits = of == typeString && argument < uint64(p.textEnd.len())
		case testMatches:
			fits = of == typeString && argument < uint64(p.automatonWidth.len())
		case testSame:
			fits = of != typeBool && of != typeList && p.sameType(of, argument)
		case testBefore, testBeforeEq:
			fits = (of == typeNumber || of == typeVersion || of == typeTime) && p.sameType(of, argument)
		case testElapsed:
			fits = of == typeTime
		}
		if !fits {
			return false
		}
	}
	return p.checkAutomata()
}

func (p *program) sameType(of byte, attribute uint64) bool {
	return attribute < uint64(p.attrType.len()) && p.attrType[attribute] == of
}

// checkAutomata checks that every symbol leads from every state to a valid state.
func (p *program) checkAutomata() bool {
	n := p.automatonWidth.len()
	if p.automatonClasses.len() != n*256 || p.automatonNexts.len() != n || !p.automatonNexts.ends(p.automatonNext.len()) {
		return false
	}
	for i := range n {
		width := int(p.automatonWidth.at(i))
		from, to := p.automatonNexts.span(i)
		if width < 2 || (to-from)%width != 0 || (to-from)/width <= automatonStart ||
			!p.automatonClasses[i*256:(i+1)*256].below(width-1) ||
			!p.automatonNext[2*from:2*to].below((to-from)/width, false) {
			return false
		}
	}
	return true
}

// checkPrerequisites checks the depth of prerequisites, and thereby that there is no cycle.
func (p *program) checkPrerequisites() bool {
	n := p.prerequisiteExp.len()
	if !p.expPrerequisites.ends(n) || !p.prerequisiteExp.below(p.expKind.len()) ||
		p.prerequisiteVars.len() != n || !p.prerequisiteVars.ends(p.prerequisiteVar.len()) {
		return false
	}
	if n == 0 {
		return true
	}
	depth := make([]uint8, p.expKind.len())
	for pass := 0; pass <= maxPrerequisiteDepth; pass++ {
		settled := true
		for i := range depth {
			from, to := p.expPrerequisites.span(i)
			for ; from < to; from++ {
				if below := depth[p.prerequisiteExp.at(from)] + 1; below > depth[i] {
					depth[i], settled = below, false
				}
			}
		}
		if settled {
			return true
		}
	}
	return false
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
	return true
}

// layRows returns the rows with the words of each row together, and replaces the number of a row
// within its axis by the offset of its first word. In the payload, each axis has the first words of
// all rows, then the second words, and so on. It reports false if the rows of all axes do not have
// exactly the words that there are.
func (p *program) layRows() (rows []uint64, ok bool) {
	rows = make([]uint64, p.rowBits.len())
	start, total := uint64(0), uint64(p.rowBits.len())
	for i := range p.axisKind.len() {
		width, n := uint64(p.axisWidth.at(i)), uint64(0)
		first, last := p.axisCells.span(i)
		for c := first; c < last; c++ {
			n = max(n, uint64(p.cellRow.at(c))+1)
		}
		if n*width > total-start {
			return nil, false
		}
		for c := first; c < last; c++ {
			p.cellRow[c] = uint32(start + uint64(p.cellRow[c])*width)
		}
		for at := start; at < start+n*width; at += width {
			p.layRow(rows[at:][:width], int(start+(at-start)/width), int(n))
		}
		start += n * width
	}
	return rows, start == total
}

// layRow gathers the words of a row, which begin at an element and are that many elements apart.
//
//go:noinline
func (p *program) layRow(row []uint64, from, apart int) {
	for i := range row {
		row[i] = p.rowBits.at(from)
		from += apart
	}
}
