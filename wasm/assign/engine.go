package assign

import (
	"unsafe"

	"github.com/sortition-dev/sortition/wasm/abi"
)

// Engine decides by one payload. It has scratch space for one request, so it is not safe for
// concurrent use. Engines of the same payload share only the payload's bytes, which nobody may
// change.
type Engine struct {
	p program

	looks    []look   // by axis
	prefixes []uint64 // by value, for version axes: see prefix
	entries  []blockEntry
	runs     []run
	rowBits  []uint64 // the index, see layRows
	rows     []uint32 // room for the rows of a run
	plain    []uint64 // bit set of the plain blocks: see preparePlain
	clauses  []clause
	flags    []uint64 // bit set of the experiments that are flags
	traits   []traits // by experiment
	simples  []simple // by experiment

	layerSalts, holdoutSalts []salt

	// The request.
	now        int64
	units      []unit
	open       bool // the program has no overrides, exclusions and opt-outs, so every unit is free
	overridden bool // one of the units is on some experiment's override list
	attributes []attribute
	versions   [][]byte // by attribute: room for its version key

	// Results for the request. An entry is valid only if its stamp is that of the engine.
	stamp    uint32
	axes     []stamped // the offset of the axis's row in row.bits
	required []stamped // by experiment, where any is required: the variant
	indexed  bool      // matched is filled

	work    Work
	matched []uint64 // bit set of what matches, see bitOf
	visit   []uint64 // bit set of further experiments to decide
	records []byte   // room for a record of each experiment
}

// Work is the cost of a request.
type Work struct {
	Words     int // words of the audience index that were read
	Tests     int // residual tests that were made
	Decisions int // experiments and flags that were decided
}

// Work returns the cost of the last request.
func (e *Engine) Work() Work { return e.work }

// blockEntry has an axis of a block in the upper half, and in the lower half which word of the
// axis's rows belongs to the block.
type blockEntry uint64

// clause says what to do if a clause holds. The lower half has the bit of matched to set. The upper
// half has 1 + the experiment to visit, or 0. The highest bit says whether the clause has residual
// tests.
type clause uint64

const (
	testedClause  clause = 1 << 63
	unknownClause clause = 1<<64 - 1
)

func (c clause) bit() uint32 { return uint32(c) }

func (c clause) visit() (experiment uint32, ok bool) {
	v := uint32(c >> 32 & (1<<31 - 1))
	return v - 1, v != 0
}

// bitOf returns the bit of matched for a rule's audience: the bit of the experiment if it is
// simple, or else the bit of the rule, which follows those of all experiments.
func (e *Engine) bitOf(rule, experiment int) uint32 {
	if experiment < len(e.simples) && e.simples[experiment].possible() {
		return uint32(experiment)
	}
	return uint32(len(e.simples)+63)&^63 + uint32(rule)
}

// stamped has a value in the lower 32 bits, and above it the stamp of the request that it is for.
type stamped uint64

func (s stamped) of(stamp uint32) bool { return uint32(s>>32) == stamp }

func (e *Engine) stamped(value uint32) stamped { return stamped(e.stamp)<<32 | stamped(value) }

// Load checks a payload and returns an engine for it. Load allocates memory; the methods of the
// engine do not.
//
// What it does for each experiment, rule, block or row is in functions that are not inlined: V8
// replaces a function by optimized code when it is called again, and never within a loop.
func Load(payload []byte) (*Engine, Status) {
	e := new(Engine)
	p := &e.p
	if s := p.read(payload); s != OK {
		return nil, s
	}
	if s := p.check(); s != OK {
		return nil, s
	}
	var ok bool
	if e.rowBits, ok = p.layRows(); !ok {
		return nil, BadReference
	}
	n := p.expKind.len()
	e.layerSalts, e.holdoutSalts = p.prepareSalts(p.layerSalt), p.prepareSalts(p.holdoutSalt)
	e.prepareTraits()
	if !e.prepareClauses() {
		return nil, BadReference
	}
	e.preparePlain()
	e.prepareLooks()
	e.entries = make([]blockEntry, p.blockAxis.len())
	for i := range e.entries {
		e.entries[i] = blockEntry(p.blockAxis.at(i))<<32 | blockEntry(p.blockWord.at(i))
	}
	e.prepareRuns()
	e.flags = make([]uint64, words(n))
	for i := range n {
		if p.expKind[i] == flagKind {
			setBit(e.flags, uint32(i))
		}
	}
	e.attributes = make([]attribute, p.attrName.len())
	e.versions = make([][]byte, p.attrName.len())
	for i := range e.versions {
		if p.attrType[i] == typeVersion {
			e.versions[i] = make([]byte, maxVersionKey)
		}
	}
	e.axes = make([]stamped, p.axisKind.len())
	if p.prerequisiteExp.len() > 0 {
		e.required = make([]stamped, n)
	}
	e.units = make([]unit, p.unitName.len())
	e.open = p.overrideHash.len()+p.optOut.len() == 0 && p.exclusionRule.at(0) == none32 && p.exclusionRule.at(1) == none32
	e.matched = make([]uint64, words(n)+words(p.ruleTraffic.len()))
	e.visit = make([]uint64, words(n))
	e.records = make([]byte, n*abi.RecordSize)
	return e, OK
}

// prepareClauses inverts the lists of the rules' clauses. It refuses a payload in which a clause
// has two rules.
func (e *Engine) prepareClauses() bool {
	p := &e.p
	e.clauses = make([]clause, p.ruleClause.len())
	for i := range e.clauses {
		e.clauses[i] = unknownClause
	}
	experiment := 0
	for rule := range p.ruleTraffic.len() {
		for experiment < p.expRules.len() && int(p.expRules.at(experiment)) <= rule {
			experiment++
		}
		if !e.prepareClausesOf(rule, experiment) {
			return false
		}
	}
	return true
}

//go:noinline
func (e *Engine) prepareClausesOf(rule, experiment int) bool {
	p := &e.p
	bit := e.bitOf(rule, experiment)
	c := clause(bit)
	if experiment < p.expRules.len() && int(bit) != experiment {
		c |= clause(experiment+1) << 32
	}
	from, to := p.ruleClauses.span(rule)
	for i := from; i < to; i++ {
		at := p.ruleClause.at(i)
		if e.clauses[at] != unknownClause {
			return false
		}
		e.clauses[at] = c
		if from, to := p.clauseTests.span(int(at)); from < to {
			e.clauses[at] |= testedClause
		}
	}
	return true
}

// preparePlain finds the plain blocks: their 64 clauses have no tests, and clause i is for
// experiment i, which is simple. The clauses of such a block that survive are its word of matched.
func (e *Engine) preparePlain() {
	blocks := len(e.clauses) / 64
	e.plain = make([]uint64, words(blocks+1))
	for block := range blocks {
		if isPlain(e.clauses[block*64:][:64], block*64) {
			setBit(e.plain, uint32(block))
		}
	}
}

//go:noinline
func isPlain(clauses []clause, first int) bool {
	for i, c := range clauses {
		if c != clause(first+i) {
			return false
		}
	}
	return true
}

// nextStamp invalidates all results for the last request.
//
//go:nobounds
func (e *Engine) nextStamp() {
	e.stamp++
	if e.stamp == 0 {
		e.restart()
	}
	e.now = 0
	e.work = Work{}
	e.overridden = false
	for u := range e.units {
		x := &e.units[u]
		x.present, x.overridesFrom, x.overridesTo, x.free = false, 0, 0, false
	}
}

// restart begins with the first stamp again.
//
//go:noinline
func (e *Engine) restart() {
	clear(e.attributes)
	clear(e.axes)
	clear(e.required)
	e.stamp = 1
}

func words(n int) int { return (n + 63) / 64 }

//go:nobounds
func setBit(set []uint64, i uint32) { set[i>>6] |= 1 << (i & 63) }

//go:nobounds
func hasBit(set []uint64, i uint32) bool { return set[i>>6]>>(i&63)&1 == 1 }

// Records returns the first byte of the memory in which AssignOne and AssignAll return records. It
// does not move during the life of the engine.
func (e *Engine) Records() *byte { return unsafe.SliceData(e.records) }
