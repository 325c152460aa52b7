package assign

import "math/bits"

// matchAll fills matched with the rules whose audience matches the request, and visit with their
// experiments that are not simple. For each block of 64 clauses it computes the AND of the rows
// that the request's values select, and then runs the residual tests of the remaining clauses.
//
//go:nobounds
func (e *Engine) matchAll() {
	e.indexed = true
	clear(e.matched)
	clear(e.visit)
	block := 0
	for _, r := range e.runs {
		if r.blocks == 1 {
			e.match(block, e.survivors(block, ^uint64(0)))
		} else {
			e.matchRun(block, r)
		}
		block += int(r.blocks)
	}
}

// run is a sequence of blocks with the same axes in the same order. Each block has the next word of
// the rows of each axis.
type run struct{ blocks, axes uint32 }

// prepareRuns finds the runs.
func (e *Engine) prepareRuns() {
	p, most := &e.p, uint32(0)
	var last []blockEntry
	for block := range p.blockAxes.len() {
		from, to := p.blockAxes.span(block)
		entries := e.entries[from:to]
		if block > 0 && follow(last, entries) {
			e.runs[len(e.runs)-1].blocks++
		} else {
			e.runs = append(e.runs, run{1, uint32(to - from)})
		}
		last, most = entries, max(most, uint32(to-from))
	}
	e.rows = make([]uint32, most)
}

// follow reports whether the entries have the same axes as the last ones, and the next words.
func follow(last, entries []blockEntry) bool {
	if len(last) != len(entries) {
		return false
	}
	for i := range entries {
		if entries[i] != last[i]+1 {
			return false
		}
	}
	return true
}

// matchRun is match for all blocks of a run, which have the same rows.
//
//go:noinline
//go:nobounds
func (e *Engine) matchRun(block int, r run) {
	from, _ := e.p.blockAxes.span(block)
	rows, bits, words := e.rows[:r.axes], e.rowBits, 0
	for i := range rows {
		entry := e.entries[from+i]
		rows[i] = e.rowOf(entry) + uint32(entry)
	}
	for n := range r.blocks {
		alive := ^uint64(0)
		for _, row := range rows {
			words++
			if alive &= bits[row+n]; alive == 0 {
				break
			}
		}
		if alive != 0 {
			e.match(block+int(n), alive)
		}
	}
	e.work.Words += words
}

// match handles the clauses of a block that are alive: those whose residual tests pass hold. Bits
// beyond the last clause are never alive.
//
//go:noinline
//go:nobounds
func (e *Engine) match(block int, alive uint64) {
	clauses, matched := e.clauses, e.matched
	if hasBit(e.plain, uint32(block)) {
		matched[block] |= alive
		return
	}
	if left := len(clauses) - block*64; left < 64 {
		alive &= 1<<left - 1
	}
	for ; alive != 0; alive &= alive - 1 {
		at := block*64 + bits.TrailingZeros64(alive)
		c := clauses[at]
		if c&testedClause != 0 && (hasBit(matched, c.bit()) || !e.testsPass(at)) {
			continue
		}
		setBit(matched, c.bit())
		if experiment, ok := c.visit(); ok {
			setBit(e.visit, experiment)
		}
	}
}

// matches reports whether the audience of a rule matches. If the whole index was evaluated, it uses
// that result. The bit is bitOf the rule.
//
//go:nobounds
func (e *Engine) matches(rule int, bit uint32) bool {
	if e.indexed {
		return hasBit(e.matched, bit)
	}
	return e.matchRule(rule)
}

// matchRule reports whether the audience of one rule matches the request. The rule's clauses
// ascend, so those of one block are evaluated together.
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
			at := block*64 + bits.TrailingZeros64(alive)
			if e.clauses[at]&testedClause == 0 || e.testsPass(at) {
				return true
			}
		}
	}
	return false
}

// survivors returns the wanted clauses of a block that no axis rules out. The loop uses local
// variables, because the compiler for WebAssembly would load fields each time.
//
//go:nobounds
func (e *Engine) survivors(block int, wanted uint64) uint64 {
	from, to := e.p.blockAxes.span(block)
	entries, rows := e.entries, e.rowBits
	i := from
	for ; i < to; i++ {
		entry := entries[i]
		wanted &= rows[e.rowOf(entry)+uint32(entry)]
		if wanted == 0 {
			i++
			break
		}
	}
	e.work.Words += i - from
	return wanted
}

// rowOf returns the offset in row.bits of the row that the request's value selects on the entry's
// axis, without the word of the entry.
//
//go:nobounds
func (e *Engine) rowOf(entry blockEntry) uint32 {
	if row := e.axes[entry>>32]; row.of(e.stamp) {
		return uint32(row)
	}
	return e.row(int(entry >> 32))
}

// row returns the offset in row.bits of the row that the request's value selects on the axis.
//
//go:noinline
//go:nobounds
func (e *Engine) row(axis int) uint32 {
	l := &e.looks[axis]
	row := e.p.cellRow.at(int(l.cells) + e.cell(l))
	e.axes[axis] = e.stamped(row)
	return row
}

// look is a prepared axis.
type look struct {
	kind     byte
	of       uint16
	cells    uint32 // its first cell
	from, to uint32 // its values
	set      table  // of the values, for axisSet
}

// prepareLooks prepares the axes, with the prefixes of versions.
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

// cell returns the cell of the axis for the request's value; see axisSet and the other kinds.
//
//go:nobounds
func (e *Engine) cell(l *look) int {
	if l.kind == axisSegment {
		return e.segmentCell(int(l.of))
	}
	if l.kind == axisSet {
		a := &e.attributes[l.of]
		if a.stamp != e.stamp || a.kind != KindString {
			return 0
		}
		return 1 + l.set.find(&e.p, raw(a.text))
	}
	a := e.present(int(l.of))
	if a == nil {
		return 0
	}
	from, to := int(l.from), int(l.to)
	switch l.kind {
	case axisOrdered:
		return orderedCell(from, e.p.value.search(from, to, a.bits))
	case axisVersion:
		return orderedCell(from, e.searchVersion(from, to, raw(a.text)))
	case axisBool:
		return 1 + int(a.bits)
	case axisList:
		if listHas(a, e.p.string(uint32(e.p.value.at(from)))) {
			return 2
		}
	}
	return 1
}

// orderedCell returns the cell for what a search of an axis's values found.
func orderedCell(from int, at hit) int { return 1 + int(at) - 2*from }

// hit is where a search ended: 2 i + 1 if element i is what it looked for, and 2 i if that would
// come before element i. It is one integer, because compilers for WebAssembly return two of them in
// memory.
type hit int

func (h hit) at() int { return int(h >> 1) }

func (h hit) exact() bool { return h&1 == 1 }

// search searches the ascending elements from … to.
//
//go:nobounds
func (c u64s) search(from, to int, v uint64) hit {
	end := to
	for from < to {
		middle := int(uint(from+to) >> 1)
		if c.at(middle) < v {
			from = middle + 1
		} else {
			to = middle
		}
	}
	if from < end && c.at(from) == v {
		return hit(2*from + 1)
	}
	return hit(2 * from)
}

//go:noinline
//go:nobounds
func (e *Engine) searchVersion(from, to int, key []byte) hit {
	end, first := to, prefix(key)
	for from < to {
		middle := int(uint(from+to) >> 1)
		if at := e.prefixes[middle]; at < first || at == first && e.versionAt(middle) < view(key) {
			from = middle + 1
		} else {
			to = middle
		}
	}
	if from < end && e.versionAt(from) == view(key) {
		return hit(2*from + 1)
	}
	return hit(2 * from)
}

// prefix returns an integer that orders version keys by their first eight bytes, which is enough
// for most versions.
//
//go:nobounds
func prefix(key []byte) uint64 {
	if len(key) >= wordSize {
		return bits.ReverseBytes64(load64(key, 0))
	}
	var p uint64
	for i := range key {
		p |= uint64(key[i]) << (56 - 8*i)
	}
	return p
}

//go:nobounds
func (e *Engine) versionAt(i int) string { return view(e.p.string(uint32(e.p.value.at(i)))) }

//go:nobounds
func (e *Engine) segmentCell(segment int) int {
	unit := int(e.p.segmentUnit[segment])
	if !e.units[unit].present {
		return 0
	}
	from, to := e.p.segmentEnd.span(segment)
	if e.p.segmentHash.search(from, to, e.units[unit].hash).exact() {
		return segmentInside
	}
	return 1
}

// segmentInside is the cell for units in a segment.
const segmentInside = 2
