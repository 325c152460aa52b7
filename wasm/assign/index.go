package assign

import "math/bits"

// matchAll fills matched with the rules whose audience the request satisfies, and
// visit with their experiments: for each block of 64 clauses, the AND of the rows that
// the request's values select, then the residual tests of the survivors.
//
//go:nobounds
func (e *Engine) matchAll() {
	p := &e.p
	e.indexed = true
	clear(e.matched)
	clear(e.visit)
	clauses := len(e.clauses)
	for block := range p.blockAxes.len() {
		alive := ^uint64(0)
		if left := clauses - block*64; left < 64 {
			alive = 1<<left - 1
		}
		for alive = e.survivors(block, alive); alive != 0; alive &= alive - 1 {
			at := block*64 + bits.TrailingZeros64(alive)
			c := e.clauses[at]
			if c&testedClause != 0 && (hasBit(e.matched, c.bit()) || !e.testsPass(at)) {
				continue
			}
			setBit(e.matched, c.bit())
			if experiment, ok := c.visit(); ok {
				setBit(e.visit, experiment)
			}
		}
	}
}

// matches reports whether the audience of a rule matches, from the index where all of it
// has been looked up. The bit is bitOf the rule.
//
//go:nobounds
func (e *Engine) matches(rule int, bit uint32) bool {
	if e.indexed {
		return hasBit(e.matched, bit)
	}
	return e.matchRule(rule)
}

// matchRule reports whether the request satisfies the audience of one rule. The rule's
// clauses ascend, so those of one block are looked at together.
//
//go:nobounds
func (e *Engine) matchRule(rule int) bool {
	clauses := e.p.ruleClause
	from, to := e.p.ruleClauses.span(rule)
	for from < to {
		block := int(clauses.at(from) >> 6)
		wanted := uint64(0)
		for ; from < to && int(clauses.at(from)>>6) == block; from++ {
			wanted |= 1 << (clauses.at(from) & 63)
		}
		for alive := e.survivors(block, wanted); alive != 0; alive &= alive - 1 {
			if e.testsPass(block*64 + bits.TrailingZeros64(alive)) {
				return true
			}
		}
	}
	return false
}

// survivors are the wanted clauses of a block that no axis rules out. What the loop
// needs is in variables: the compiler for WebAssembly would load the fields each time.
//
//go:nobounds
func (e *Engine) survivors(block int, wanted uint64) uint64 {
	from, to := e.p.blockAxes.span(block)
	entries, axes, stamp, rows := e.entries, e.axes, e.stamp, e.p.rowBits
	i := from
	for ; i < to; i++ {
		entry := entries[i]
		row := axes[entry>>32]
		if !row.of(stamp) {
			row = stamped(e.row(int(entry >> 32)))
		}
		wanted &= rows.at(int(uint32(row) + uint32(entry)))
		if wanted == 0 {
			i++
			break
		}
	}
	e.work.Words += i - from
	return wanted
}

// row finds the offset in row.bits of the row that the request's value selects on the
// axis.
//
//go:noinline
//go:nobounds
func (e *Engine) row(axis int) uint32 {
	l := &e.looks[axis]
	row := e.p.cellRow.at(int(l.cells) + e.cell(l))
	e.axes[axis] = e.stamped(row)
	return row
}

// look is an axis as it is looked at.
type look struct {
	kind     byte
	of       uint16
	cells    uint32 // its first cell
	from, to uint32 // its values
	set      table  // of the values, for axisSet
}

// prepareLooks prepares the axes, and finds the prefixes of versions.
func (e *Engine) prepareLooks() {
	p := &e.p
	e.looks = make([]look, p.axisKind.len())
	for i := range e.looks {
		cells, _ := p.axisCells.span(i)
		from, to := p.axisValues.span(i)
		l := &e.looks[i]
		*l = look{kind: p.axisKind[i], of: p.axisOf.at(i), cells: uint32(cells), from: uint32(from), to: uint32(to)}
		switch l.kind {
		case axisSet:
			l.set = newTable(p, to-from, func(v int) uint32 { return uint32(p.value.at(from + v)) })
		case axisVersion:
			if e.prefixes == nil {
				e.prefixes = make([]uint64, p.value.len())
			}
			for v := from; v < to; v++ {
				e.prefixes[v] = prefix(p.string(uint32(p.value.at(v))))
			}
		}
	}
}

// cell is the cell of the axis that the request's value falls in; see axisSet and its
// siblings.
//
//go:nobounds
func (e *Engine) cell(l *look) int {
	if l.kind == axisSegment {
		return e.segmentCell(int(l.of))
	}
	a := e.present(int(l.of))
	if a == nil {
		return 0
	}
	from, to := int(l.from), int(l.to)
	switch l.kind {
	case axisSet:
		if i, ok := l.set.find(&e.p, a.bytes); ok {
			return 2 + i
		}
	case axisOrdered:
		at, found := e.p.value.search(from, to, a.bits)
		return orderedCell(at-from, found)
	case axisVersion:
		at, found := e.searchVersion(from, to, a.bytes)
		return orderedCell(at-from, found)
	case axisBool:
		return 1 + int(a.bits)
	case axisList:
		if listHas(a, e.p.string(uint32(e.p.value.at(from)))) {
			return 2
		}
	}
	return 1
}

func orderedCell(i int, found bool) int {
	if found {
		return 2 + 2*i
	}
	return 1 + 2*i
}

// search finds v, or the place where it would be, in the ascending elements from … to.
//
//go:nobounds
func (c u64s) search(from, to int, v uint64) (int, bool) {
	end := to
	for from < to {
		middle := int(uint(from+to) >> 1)
		if c.at(middle) < v {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from, from < end && c.at(from) == v
}

//go:nobounds
func (e *Engine) searchVersion(from, to int, key []byte) (int, bool) {
	end, first := to, prefix(key)
	for from < to {
		middle := int(uint(from+to) >> 1)
		if at := e.prefixes[middle]; at < first || at == first && e.versionAt(middle) < view(key) {
			from = middle + 1
		} else {
			to = middle
		}
	}
	return from, from < end && e.versionAt(from) == view(key)
}

// prefix is an integer that orders version keys as far as their first eight bytes do,
// which is most often all the way.
//
//go:nobounds
func prefix(key []byte) uint64 {
	var p uint64
	for i := range 8 {
		p <<= 8
		if i < len(key) {
			p |= uint64(key[i])
		}
	}
	return p
}

//go:nobounds
func (e *Engine) versionAt(i int) string { return view(e.p.string(uint32(e.p.value.at(i)))) }

//go:nobounds
func (e *Engine) segmentCell(segment int) int {
	unit := int(e.p.segmentUnit[segment])
	if e.units[unit].length == 0 {
		return 0
	}
	from, to := e.p.segmentEnd.span(segment)
	if _, found := e.p.segmentHash.search(from, to, e.units[unit].hash); found {
		return segmentInside
	}
	return 1
}

// segmentInside is the cell of units in a segment.
const segmentInside = 2
