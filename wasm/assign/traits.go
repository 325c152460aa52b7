package assign

// traits say which parts an experiment has, so that a decision can skip parts that it does not
// have.
type traits struct {
	has  uint8
	unit uint8

	// The common case: the first rule of the experiment or flag owns all slots of its own
	// draw and has no ramp.
	traffic uint16
	rule    uint32
	shares  uint32
	clause  uint32 // the rule's only clause, if it has no tests; otherwise none32
	salt    salt
}

const (
	hasKillSwitch    = 1 << iota
	hasSchedule      // start or end
	hasHoldouts      // at least one
	hasPrerequisites // at least one
	isFlag
	isSimple // it has one rule, of the kind above
)

func (e *Engine) prepareTraits() {
	p := &e.p
	e.traits = make([]traits, p.expKind.len())
	salts := p.prepareSalts(p.expSalt)
	e.simples = make([]simple, p.expKind.len())
	for i := range e.traits {
		e.prepareTraitsOf(i, salts[i])
	}
}

//go:noinline
func (e *Engine) prepareTraitsOf(i int, s salt) {
	p, t := &e.p, &e.traits[i]
	t.unit, t.salt = p.expUnit[i], s
	if p.expKilled[i] == 1 {
		t.has |= hasKillSwitch
	}
	if p.expStart.at(i) != 0 || p.expEnd.at(i) != 0 {
		t.has |= hasSchedule
	}
	if from, to := p.expHoldouts.span(i); from < to {
		t.has |= hasHoldouts
	}
	if from, to := p.expPrerequisites.span(i); from < to {
		t.has |= hasPrerequisites
	}
	if p.expKind[i] == flagKind {
		t.has |= isFlag
	}
	from, to := p.expRules.span(i)
	if p.expLayer.at(i) == none16 && to-from == 1 && p.ownsAll(from) {
		t.has |= isSimple
		t.rule, t.traffic = uint32(from), p.ruleTraffic.at(from)
		shares, _ := p.ruleShares.span(from)
		t.shares, t.clause = uint32(shares), p.onlyClause(from)
		e.simples[i] = p.prepareSimple(t)
	}
}

// onlyClause returns the clause of a rule that has one, without tests, or none32.
func (p *program) onlyClause(rule int) uint32 {
	from, to := p.ruleClauses.span(rule)
	if to-from != 1 {
		return none32
	}
	clause := p.ruleClause.at(from)
	if from, to := p.clauseTests.span(int(clause)); from < to {
		return none32
	}
	return clause
}

// ownsAll reports whether a rule owns all slots in order and has no ramp.
func (p *program) ownsAll(rule int) bool {
	from, to := p.ruleRanges.span(rule)
	steps, last := p.ruleSteps.span(rule)
	return to-from == 1 && p.rangeFrom.at(from) == 0 && p.rangeTo.at(from) == Slots && steps == last
}
