package assign

import "github.com/sortition-dev/sortition/wasm/abi"

const (
	experimentKind = 0
	flagKind       = 1
	exclusions     = 2 // the bot rule, then the internal rule
)

// AssignOne decides one experiment or flag and returns its record, with a variant or the reason why
// there is none. The record is valid until the next call.
//
//go:nobounds
func (e *Engine) AssignOne(request []byte, experiment uint32) ([]byte, Status) {
	if s := e.begin(request); s != OK {
		return nil, s
	}
	if uint64(experiment) >= uint64(e.p.expKind.len()) {
		return nil, UnknownIndex
	}
	e.indexed = false
	e.bar()
	store64(e.records, 0, e.outcome(int(experiment)).record(int(experiment)))
	return e.records[:abi.RecordSize], OK
}

// AssignAll decides everything and returns the records that have a variant: the
// experiments that the unit takes part in, and every flag, in the order of the
// payload. The records are valid until the next call.
//
//go:nobounds
func (e *Engine) AssignAll(request []byte) ([]byte, Status) {
	if s := e.begin(request); s != OK {
		return nil, s
	}
	e.matchAll()
	e.bar()
	e.visitOverridden()
	return e.decideMatched(), OK
}

// begin reads a request.
func (e *Engine) begin(request []byte) Status {
	if s := e.parse(request); s != OK {
		return s
	}
	if !e.open {
		e.identify()
	}
	return OK
}

// visitOverridden adds the experiments with an override for one of the units. Their audiences need
// not match the request.
//
//go:nobounds
func (e *Engine) visitOverridden() {
	for u := range e.units {
		x := &e.units[u]
		if !x.present {
			continue
		}
		for at := x.overridesFrom; at < x.overridesTo; at++ {
			setBit(e.visit, e.p.overrideExp.at(at))
		}
	}
}

// outcome is the result of a decision: the upper half of its record. It is one integer, because
// compilers for WebAssembly return structs in memory.
type outcome uint32

// gives returns the outcome of a decision. The variant is abi.NoVariant for none.
func gives(variant uint16, reason abi.Reason, rule int) outcome {
	return outcome(variant) | outcome(reason)<<16 | outcome(rule)<<24
}

func (o outcome) variant() uint16 { return uint16(o) }

// record returns the record of the decision on an experiment.
func (o outcome) record(experiment int) uint64 {
	return uint64(uint32(experiment)) | uint64(o)<<32
}

// outcome decides an experiment or flag step by step.
//
//go:nobounds
func (e *Engine) outcome(i int) outcome {
	e.work.Decisions++
	t := &e.traits[i]
	x := &e.units[t.unit]
	if t.has == isSimple && x.free {
		return e.trySimple(i, t)
	}
	if !x.present {
		return e.unassigned(i, abi.ReasonNoUnit)
	}
	if t.has&hasKillSwitch != 0 {
		return e.unassigned(i, abi.ReasonKillSwitch)
	}
	if x.overridesFrom != x.overridesTo {
		if variant, ok := e.override(i, x); ok {
			return gives(variant, abi.ReasonOverride, 0)
		}
	}
	if t.has&isFlag == 0 {
		if x.barred != 0 {
			return e.unassigned(i, x.barred)
		}
		if t.has&hasHoldouts != 0 && e.heldOut(i, x) {
			return e.unassigned(i, abi.ReasonHoldout)
		}
	}
	if t.has&hasSchedule != 0 {
		if start := int64(e.p.expStart.at(i)); start != 0 && e.now < start {
			return e.unassigned(i, abi.ReasonNotStarted)
		}
		if end := int64(e.p.expEnd.at(i)); end != 0 && e.now >= end {
			return e.unassigned(i, abi.ReasonEnded)
		}
	}
	if t.has&hasPrerequisites != 0 && !e.prerequisitesHold(i) {
		return e.unassigned(i, abi.ReasonPrerequisite)
	}
	if t.has&isSimple != 0 {
		return e.trySimple(i, t)
	}
	return e.tryRules(i, t)
}

// trySimple does the same as tryRules, in the common case.
//
//go:nobounds
func (e *Engine) trySimple(i int, t *traits) outcome {
	if e.matchesSimple(i, t) {
		return e.drawSimple(i, t)
	}
	if t.has&isFlag != 0 {
		return e.unassigned(i, abi.ReasonDefault)
	}
	return e.unassigned(i, abi.ReasonAudience)
}

// matchesSimple reports whether the audience matches.
//
//go:inline
//go:nobounds
func (e *Engine) matchesSimple(i int, t *traits) bool {
	if t.clause != none32 && !e.indexed {
		return e.survivors(int(t.clause>>6), 1<<(t.clause&63)) != 0
	}
	return e.matches(int(t.rule), e.bitOf(int(t.rule), i))
}

// drawSimple is the rest of trySimple after the audience has matched.
//
//go:nobounds
func (e *Engine) drawSimple(i int, t *traits) outcome {
	draw := t.salt.draw(&e.units[t.unit])
	if Slot(draw) < int(t.traffic) {
		return gives(e.share(int(t.shares), VariantSlot(draw)), abi.ReasonSplit, 0)
	}
	if t.has&isFlag != 0 {
		return e.unassigned(i, abi.ReasonDefault)
	}
	return e.unassigned(i, abi.ReasonTraffic)
}

// tryRules finds the first rule that applies. If the only rule of an experiment does not apply, the
// reason is the step at which it failed.
//
//go:nobounds
func (e *Engine) tryRules(i int, t *traits) outcome {
	p, unit := &e.p, &e.units[t.unit]
	from, to := p.expRules.span(i)
	own := t.salt.draw(unit)
	slot := Slot(own)
	if layer := p.expLayer.at(i); layer != none16 {
		slot = Slot(e.layerSalts[layer].draw(unit))
	}
	reason := abi.ReasonDefault
	for rule := from; rule < to; rule++ {
		position, owned := e.position(rule, slot)
		switch {
		case !owned:
			reason = abi.ReasonLayer
		case !e.matches(rule, e.bitOf(rule, i)):
			reason = abi.ReasonAudience
		case position >= e.traffic(rule):
			reason = abi.ReasonTraffic
		default:
			shares, _ := p.ruleShares.span(rule)
			return gives(e.share(shares, VariantSlot(own)), abi.ReasonSplit, rule-from)
		}
	}
	if p.expKind[i] == flagKind {
		reason = abi.ReasonDefault
	}
	return e.unassigned(i, reason)
}

// unassigned is the outcome if no rule gives a variant. A flag gives its default.
//
//go:nobounds
func (e *Engine) unassigned(i int, reason abi.Reason) outcome {
	return gives(e.p.expDefault.at(i), reason, 0)
}

// prerequisitesHold reports whether the prerequisites hold. It decides each required experiment
// once a request. The recursion is shallow, because check limits the depth.
//
//go:nobounds
func (e *Engine) prerequisitesHold(i int) bool {
	p := &e.p
	from, to := p.expPrerequisites.span(i)
	for ; from < to; from++ {
		required := p.prerequisiteExp.at(from)
		s := &e.required[required]
		if !s.of(e.stamp) {
			*s = e.stamped(uint32(e.outcome(int(required)).variant()))
		}
		if !e.gives(from, uint16(*s)) {
			return false
		}
	}
	return true
}

//go:nobounds
func (e *Engine) gives(prerequisite int, variant uint16) bool {
	from, to := e.p.prerequisiteVars.span(prerequisite)
	for ; from < to; from++ {
		if e.p.prerequisiteVar.at(from) == variant {
			return true
		}
	}
	return false
}

// traffic returns the rule's traffic now: that of the latest step of its ramp that has begun.
//
//go:nobounds
func (e *Engine) traffic(rule int) int {
	from, to := e.p.ruleSteps.span(rule)
	for to--; to >= from; to-- {
		if int64(e.p.stepAt.at(to)) <= e.now {
			return int(e.p.stepTraffic.at(to))
		}
	}
	return int(e.p.ruleTraffic.at(rule))
}

// position returns the rank of the slot in the rule's ranges.
//
//go:nobounds
func (e *Engine) position(rule, slot int) (int, bool) {
	from, to := e.p.ruleRanges.span(rule)
	before := 0
	for i := from; i < to; i++ {
		low, high := int(e.p.rangeFrom.at(i)), int(e.p.rangeTo.at(i))
		if slot >= low && slot < high {
			return before + slot - low, true
		}
		before += high - low
	}
	return 0, false
}

// share returns the variant of a slot. The rule's shares begin at from, and the last one covers all
// remaining slots.
//
//go:nobounds
func (e *Engine) share(from, slot int) uint16 {
	for int(e.p.shareTo.at(from)) <= slot {
		from++
	}
	return e.p.shareVar.at(from)
}

//go:nobounds
func (e *Engine) heldOut(i int, x *unit) bool {
	p := &e.p
	from, to := p.expHoldouts.span(i)
	for ; from < to; from++ {
		holdout := int(p.expHoldout.at(from))
		if Slot(e.holdoutSalts[holdout].draw(x)) < int(p.holdoutSlots.at(holdout)) {
			return true
		}
	}
	return false
}

// override returns the override of a unit for the experiment.
//
//go:nobounds
func (e *Engine) override(i int, x *unit) (uint16, bool) {
	for at := x.overridesFrom; at < x.overridesTo; at++ {
		if int(e.p.overrideExp.at(at)) == i {
			return e.p.overrideVar.at(at), true
		}
	}
	return 0, false
}
