package assign

import "github.com/sortition-dev/sortition/wasm/abi"

// unit is the request's unit of a unit type, with results that are the same for every experiment.
type unit struct {
	hash    uint64 // IDHash of the id
	present bool   // the request has an id

	// overrides are the positions of the unit's hash in the override columns.
	overridesFrom, overridesTo int

	// barred is the reason why the unit takes part in no experiment except by override, or 0.
	barred abi.Reason

	// free says that there is an id, that the unit is not barred, and that no unit of the
	// request has an override.
	free bool
}

// setID sets the unit's id.
//
//go:nobounds
func (e *Engine) setID(number int, id []byte) {
	x := &e.units[number]
	x.hash, x.present = sum64(id), len(id) > 0
	x.free = x.present && e.open
}

// identify finds the overrides of the units.
//
//go:noinline
//go:nobounds
func (e *Engine) identify() {
	p := &e.p
	if p.overrideHash.len() == 0 {
		return
	}
	for u := range e.units {
		x := &e.units[u]
		if !x.present {
			continue
		}
		x.overridesFrom = p.overrideHash.search(0, p.overrideHash.len(), x.hash).at()
		x.overridesTo = x.overridesFrom
		for x.overridesTo < p.overrideHash.len() && p.overrideHash.at(x.overridesTo) == x.hash {
			x.overridesTo++
		}
		e.overridden = e.overridden || x.overridesFrom != x.overridesTo
	}
}

// bar sets which units take part in no experiment.
//
//go:nobounds
func (e *Engine) bar() {
	if e.open {
		return
	}
	excluded := e.excluded()
	for u := range e.units {
		if x := &e.units[u]; x.present {
			x.barred = excluded
			if e.optedOut(u) {
				x.barred = abi.ReasonOptOut
			}
			x.free = x.barred == 0 && !e.overridden
		}
	}
}

// excluded returns the reason of the exclusion that the request matches, or 0.
//
//go:nobounds
func (e *Engine) excluded() abi.Reason {
	for i := range exclusions {
		rule := e.p.exclusionRule.at(i)
		if rule != none32 && e.matches(int(rule), e.bitOf(int(rule), len(e.simples))) {
			return abi.ReasonBot + abi.Reason(i)
		}
	}
	return 0
}

// optedOut reports whether the unit is on an opt-out list of its type.
func (e *Engine) optedOut(u int) bool {
	for i := range e.p.optOut.len() {
		segment := int(e.p.optOut.at(i))
		if int(e.p.segmentUnit[segment]) == u && e.segmentCell(segment) == segmentInside {
			return true
		}
	}
	return false
}
