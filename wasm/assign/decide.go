package assign

import (
	"encoding/binary"
	"math/bits"

	"github.com/cespare/xxhash/v2"
)

// Reason is why a decision came out as it did: model.Reason, which has the names.
type Reason = byte

const (
	reasonNoUnit       Reason = 1
	reasonKillSwitch   Reason = 2
	reasonOverride     Reason = 3
	reasonOptOut       Reason = 4
	reasonBot          Reason = 5
	reasonInternal     Reason = 6
	reasonHoldout      Reason = 7
	reasonNotStarted   Reason = 8
	reasonEnded        Reason = 9
	reasonPrerequisite Reason = 10
	reasonLayer        Reason = 11
	reasonAudience     Reason = 12
	reasonTraffic      Reason = 13
	reasonSplit        Reason = 14
	reasonDefault      Reason = 15
)

const (
	experimentKind = 0
	flagKind       = 1
	exclusions     = 2 // the bot rule, then the internal rule
)

// AssignOne decides one experiment or flag and returns its record, which holds a
// variant or the reason why there is none. The record is valid until the next call.
func (e *Engine) AssignOne(request []byte, experiment uint32) ([]byte, Status) {
	if s := e.begin(request); s != OK {
		return nil, s
	}
	if uint64(experiment) >= uint64(e.p.expKind.len()) {
		return nil, UnknownIndex
	}
	e.indexed = false
	e.exclude()
	e.decide(int(experiment))
	return e.records, OK
}

// AssignAll decides everything and returns the records that have a variant: the
// experiments that the unit takes part in, and every flag, in the order of the
// payload. The records are valid until the next call.
func (e *Engine) AssignAll(request []byte) ([]byte, Status) {
	if s := e.begin(request); s != OK {
		return nil, s
	}
	e.matchAll()
	e.exclude()
	for i := range e.visit {
		e.visit[i] |= e.flags[i]
	}
	e.visitOverridden()
	for word, set := range e.visit {
		for ; set != 0; set &= set - 1 {
			before := len(e.records)
			e.decide(word*64 + bits.TrailingZeros64(set))
			if binary.LittleEndian.Uint16(e.records[before+4:]) == NoVariant {
				e.records = e.records[:before]
			}
		}
	}
	return e.records, OK
}

func (e *Engine) begin(request []byte) Status {
	e.records = e.records[:0]
	if s := e.parse(request); s != OK {
		return s
	}
	for i, id := range e.units {
		if len(id) > 0 {
			e.idHashes[i] = xxhash.Sum64(id)
		}
	}
	return OK
}

// exclude finds out once whether the request is kept out of experiments.
func (e *Engine) exclude() {
	e.excluded = 0
	for i := range exclusions {
		if rule := e.p.exclusionRule.at(i); rule != none32 && e.matches(int(rule)) {
			e.excluded = reasonBot + byte(i)
			return
		}
	}
}

func (e *Engine) visitOverridden() {
	for u, id := range e.units {
		if len(id) == 0 {
			continue
		}
		at, _ := e.p.overrideHash.search(0, e.p.overrideHash.len(), e.idHashes[u])
		for ; at < e.p.overrideHash.len() && e.p.overrideHash.at(at) == e.idHashes[u]; at++ {
			setBit(e.visit, e.p.overrideExp.at(at))
		}
	}
}

// outcome is what a decision comes to.
type outcome struct {
	variant uint16 // NoVariant for none
	reason  Reason
	rule    byte
}

// decide takes the steps in their order and records the outcome.
func (e *Engine) decide(i int) {
	o := e.outcome(i)
	b := binary.LittleEndian.AppendUint32(e.records, uint32(i))
	b = binary.LittleEndian.AppendUint16(b, o.variant)
	e.records = append(b, byte(o.reason), o.rule)
}

func (e *Engine) outcome(i int) outcome {
	p := &e.p
	e.work.Decisions++
	unit := int(p.expUnit[i])
	if len(e.units[unit]) == 0 {
		return e.unassigned(i, reasonNoUnit)
	}
	if p.expKilled[i] == 1 {
		return e.unassigned(i, reasonKillSwitch)
	}
	if variant, ok := e.override(i, unit); ok {
		return outcome{variant, reasonOverride, 0}
	}
	if p.expKind[i] == experimentKind {
		switch {
		case e.optedOut(unit):
			return e.unassigned(i, reasonOptOut)
		case e.excluded != 0:
			return e.unassigned(i, e.excluded)
		case e.heldOut(i, unit):
			return e.unassigned(i, reasonHoldout)
		}
	}
	if start := int64(p.expStart.at(i)); start != 0 && e.now < start {
		return e.unassigned(i, reasonNotStarted)
	}
	if end := int64(p.expEnd.at(i)); end != 0 && e.now >= end {
		return e.unassigned(i, reasonEnded)
	}
	if !e.prerequisitesHold(i) {
		return e.unassigned(i, reasonPrerequisite)
	}
	return e.tryRules(i, unit)
}

// tryRules finds the first rule that applies. The reason of an experiment, which has one
// rule, is where that failed.
func (e *Engine) tryRules(i, unit int) outcome {
	p := &e.p
	from, to := p.expRules.span(i)
	layer := p.expLayer.at(i)
	var own uint64
	hashed := false
	reason := reasonDefault
	for rule := from; rule < to; rule++ {
		if layer == none16 && !hashed {
			own, hashed = e.hash(p.expSalt.at(i), unit), true
		}
		slot := Slot(own)
		if layer != none16 {
			slot = e.layerSlot(int(layer), unit)
		}
		position, owned := e.position(rule, slot)
		switch {
		case !owned:
			reason = reasonLayer
		case !e.matches(rule):
			reason = reasonAudience
		case position >= e.traffic(rule):
			reason = reasonTraffic
		default:
			if !hashed {
				own = e.hash(p.expSalt.at(i), unit)
			}
			return outcome{e.share(rule, VariantSlot(own)), reasonSplit, byte(rule - from)}
		}
	}
	if p.expKind[i] == flagKind {
		reason = reasonDefault
	}
	return e.unassigned(i, reason)
}

// unassigned says that no rule gave a variant: a flag still gives its default.
func (e *Engine) unassigned(i int, reason Reason) outcome {
	return outcome{e.p.expDefault.at(i), reason, 0}
}

// optedOut reports whether the unit is on an opt-out list of its type.
func (e *Engine) optedOut(unit int) bool {
	s := &e.optOuts[unit]
	if s.stamp != e.stamp {
		*s = stamped{stamp: e.stamp}
		for i := range e.p.optOut.len() {
			segment := int(e.p.optOut.at(i))
			if int(e.p.segmentUnit[segment]) == unit && e.segmentCell(segment) == segmentInside {
				s.value = 1
			}
		}
	}
	return s.value == 1
}

// prerequisitesHold decides what the experiment requires, each once a request. Chains
// are short: check has bounded them.
func (e *Engine) prerequisitesHold(i int) bool {
	p := &e.p
	from, to := p.expPrerequisites.span(i)
	for ; from < to; from++ {
		required := p.prerequisiteExp.at(from)
		s := &e.required[required]
		if s.stamp != e.stamp {
			*s = stamped{e.stamp, uint32(e.outcome(int(required)).variant)}
		}
		if !e.gives(from, uint16(s.value)) {
			return false
		}
	}
	return true
}

func (e *Engine) gives(prerequisite int, variant uint16) bool {
	from, to := e.p.prerequisiteVars.span(prerequisite)
	for ; from < to; from++ {
		if e.p.prerequisiteVar.at(from) == variant {
			return true
		}
	}
	return false
}

// traffic is the rule's traffic now: that of the last step of its ramp that has come.
func (e *Engine) traffic(rule int) int {
	from, to := e.p.ruleSteps.span(rule)
	for to--; to >= from; to-- {
		if int64(e.p.stepAt.at(to)) <= e.now {
			return int(e.p.stepTraffic.at(to))
		}
	}
	return int(e.p.ruleTraffic.at(rule))
}

// position is the rank of the slot in the ranges that the rule owns.
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

func (e *Engine) share(rule, slot int) uint16 {
	from, _ := e.p.ruleShares.span(rule)
	for int(e.p.shareTo.at(from)) <= slot {
		from++
	}
	return e.p.shareVar.at(from)
}

func (e *Engine) layerSlot(layer, unit int) int {
	s := &e.layers[layer*e.p.unitName.len()+unit]
	if s.stamp != e.stamp {
		*s = stamped{e.stamp, uint32(Slot(e.hash(e.p.layerSalt.at(layer), unit)))}
	}
	return int(s.value)
}

func (e *Engine) heldOut(i, unit int) bool {
	p := &e.p
	from, to := p.expHoldouts.span(i)
	for ; from < to; from++ {
		holdout := int(p.expHoldout.at(from))
		s := &e.holdouts[holdout*p.unitName.len()+unit]
		if s.stamp != e.stamp {
			*s = stamped{stamp: e.stamp}
			if Slot(e.hash(p.holdoutSalt.at(holdout), unit)) < int(p.holdoutSlots.at(holdout)) {
				s.value = 1
			}
		}
		if s.value == 1 {
			return true
		}
	}
	return false
}

// override finds the experiment among the overrides of the unit's hash.
func (e *Engine) override(i, unit int) (uint16, bool) {
	p := &e.p
	at, found := p.overrideHash.search(0, p.overrideHash.len(), e.idHashes[unit])
	for ; found && at < p.overrideHash.len() && p.overrideHash.at(at) == e.idHashes[unit]; at++ {
		if int(p.overrideExp.at(at)) == i {
			return p.overrideVar.at(at), true
		}
	}
	return 0, false
}
