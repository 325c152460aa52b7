package assign

import "encoding/binary"

// unit is what the request says of a unit type, and what follows from it for every
// experiment.
type unit struct {
	// lot has room for a salt, then a zero byte and the id, so that drawing with one
	// salt after the other copies the salt only.
	lot    []byte
	length int // of the id; 0 if the request has none

	hash uint64 // IDHash of the id

	// overrides are the places of the unit's hash in the override columns.
	overridesFrom, overridesTo int

	// barred is why the unit takes part in no experiment but by override, or 0.
	barred Reason

	// free says that there is an id that is neither barred nor overridden anywhere.
	free bool
}

// setUnit takes the id of unit type u.
//
//go:nobounds
func (e *Engine) setUnit(u int, id []byte) {
	e.units[u].length = copy(e.units[u].lot[e.saltRoom+1:], id)
}

// id is the unit's id.
//
//go:nobounds
func (e *Engine) id(u int) []byte {
	return e.units[u].lot[e.saltRoom+1:][:e.units[u].length]
}

// hash is Hash of a salt and the id of unit type u, without allocation.
//
//go:nobounds
func (e *Engine) hash(u int, salt []byte) uint64 {
	x := &e.units[u]
	from := e.saltRoom - len(salt)
	copyShort(x.lot[from:], salt)
	return sum64(x.lot[from : e.saltRoom+1+x.length])
}

// copyShort copies a few bytes faster than a call that is made for many: in words,
// the last of which overlaps the one before.
//
//go:nobounds
func copyShort(to, from []byte) {
	n := len(from)
	if n < 8 {
		for i := range n {
			to[i] = from[i]
		}
		return
	}
	for i := 0; i+8 < n; i += 8 {
		binary.LittleEndian.PutUint64(to[i:], binary.LittleEndian.Uint64(from[i:]))
	}
	binary.LittleEndian.PutUint64(to[n-8:], binary.LittleEndian.Uint64(from[n-8:]))
}

// identify finds out what follows from the ids.
//
//go:nobounds
func (e *Engine) identify() {
	p := &e.p
	for u := range e.units {
		x := &e.units[u]
		if x.length == 0 {
			continue
		}
		if p.overrideHash.len()+p.segmentHash.len() == 0 {
			continue
		}
		x.hash = sum64(e.id(u))
		x.overridesFrom, _ = p.overrideHash.search(0, p.overrideHash.len(), x.hash)
		x.overridesTo = x.overridesFrom
		for x.overridesTo < p.overrideHash.len() && p.overrideHash.at(x.overridesTo) == x.hash {
			x.overridesTo++
		}
	}
}

// bar finds out which units take part in no experiment.
//
//go:nobounds
func (e *Engine) bar() {
	excluded := e.excluded()
	for u := range e.units {
		if x := &e.units[u]; x.length > 0 {
			x.barred = excluded
			if e.optedOut(u) {
				x.barred = reasonOptOut
			}
			x.free = x.barred == 0 && x.overridesFrom == x.overridesTo
		}
	}
}

// excluded is the exclusion that the request matches, or 0.
//
//go:nobounds
func (e *Engine) excluded() Reason {
	for i := range exclusions {
		if rule := e.p.exclusionRule.at(i); rule != none32 && e.matches(int(rule)) {
			return reasonBot + byte(i)
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
