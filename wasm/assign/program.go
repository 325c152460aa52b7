package assign

import "unsafe"

// Schema is the version of the payload format that this core reads.
const Schema = 1

// MaxExperiments is the largest number of experiments and flags of a program. It also limits the
// memory for records.
const MaxExperiments = 200_000

// program has the columns of a payload, see columns. The documentation of package payload describes
// each column.
type program struct {
	text    u8s
	textEnd u32s

	unitName u32s
	attrName u32s
	attrType u8s

	segmentUnit u8s
	segmentEnd  u32s
	segmentHash u64s

	layerSalt     u32s
	holdoutSalt   u32s
	holdoutSlots  u16s
	optOut        u32s
	exclusionRule u32s

	expKind     u8s
	expKilled   u8s
	expUnit     u8s
	expSalt     u32s
	expLayer    u16s
	expHoldouts u32s
	expHoldout  u16s
	expStart    u64s
	expEnd      u64s
	expVariants u32s
	expDefault  u16s
	expRules    u32s

	expPrerequisites u32s
	prerequisiteExp  u32s
	prerequisiteVars u32s
	prerequisiteVar  u16s

	ruleTraffic u16s
	ruleSteps   u32s
	stepAt      u64s
	stepTraffic u16s
	ruleRanges  u32s
	rangeFrom   u16s
	rangeTo     u16s
	ruleShares  u32s
	shareTo     u16s
	shareVar    u16s
	ruleClauses u32s
	ruleClause  u32s

	overrideHash u64s
	overrideExp  u32s
	overrideVar  u16s

	clauseTests u32s
	testOp      u8s
	testNegated u8s
	testAttr    u16s
	testArg     u64s

	automatonClasses u8s
	automatonWidth   u16s
	automatonNexts   u32s
	automatonNext    u16s

	axisKind   u8s
	axisOf     u16s
	axisWidth  u32s
	axisValues u32s
	axisCells  u32s
	value      u64s
	cellRow    u32s

	blockAxes u32s
	blockAxis u16s
	blockWord u32s
	rowBits   u64s
}

// columns has the name and the element size in bytes of each field of program, in order.
var columns = [...]struct {
	name  string
	width int
}{
	{"text", 1},
	{"text.end", 4},
	{"unit.name", 4},
	{"attribute.name", 4},
	{"attribute.type", 1},
	{"segment.unit", 1},
	{"segment.hashes.end", 4},
	{"segment.hash", 8},
	{"layer.salt", 4},
	{"holdout.salt", 4},
	{"holdout.slots", 2},
	{"opt_out.segment", 4},
	{"exclusion.rule", 4},
	{"experiment.kind", 1},
	{"experiment.killed", 1},
	{"experiment.unit", 1},
	{"experiment.salt", 4},
	{"experiment.layer", 2},
	{"experiment.holdouts.end", 4},
	{"experiment.holdout", 2},
	{"experiment.start", 8},
	{"experiment.end", 8},
	{"experiment.variants.end", 4},
	{"experiment.default", 2},
	{"experiment.rules.end", 4},
	{"experiment.prerequisites.end", 4},
	{"prerequisite.experiment", 4},
	{"prerequisite.variants.end", 4},
	{"prerequisite.variant", 2},
	{"rule.traffic", 2},
	{"rule.steps.end", 4},
	{"step.at", 8},
	{"step.traffic", 2},
	{"rule.ranges.end", 4},
	{"range.from", 2},
	{"range.to", 2},
	{"rule.shares.end", 4},
	{"share.to", 2},
	{"share.variant", 2},
	{"rule.clauses.end", 4},
	{"rule.clause", 4},
	{"override.hash", 8},
	{"override.experiment", 4},
	{"override.variant", 2},
	{"clause.tests.end", 4},
	{"test.op", 1},
	{"test.negated", 1},
	{"test.attribute", 2},
	{"test.argument", 8},
	{"automaton.class", 1},
	{"automaton.width", 2},
	{"automaton.next.end", 4},
	{"automaton.next", 2},
	{"axis.kind", 1},
	{"axis.of", 2},
	{"axis.width", 4},
	{"axis.values.end", 4},
	{"axis.cells.end", 4},
	{"value", 8},
	{"cell.row", 4},
	{"block.axes.end", 4},
	{"block.axis", 2},
	{"block.word", 4},
	{"row.bits", 8},
}

// fields returns the fields of a program as an array. The struct has only slices, so it has the
// memory layout of an array.
func (p *program) fields() *[len(columns)][]byte {
	return (*[len(columns)][]byte)(unsafe.Pointer(p))
}

//go:nobounds
func (p *program) string(id uint32) []byte {
	from, to := p.textEnd.span(int(id))
	return p.text[from:to]
}

// read finds the columns in the payload. It skips keys that the core does not use; they are for
// hosts.
func (p *program) read(payload []byte) Status {
	r := reader{b: payload}
	top := r.next()
	if top.kind != kindMap {
		return BadMsgpack
	}
	fields := p.fields()
	schema := false
	for range top.n {
		if r.bad {
			return BadMsgpack
		}
		key, v := r.next(), r.next()
		if key.kind != kindString {
			return BadMsgpack
		}
		if view(key.bytes) == "schema" {
			if v.kind != kindInt || v.n != Schema {
				return BadSchema
			}
			schema = true
			continue
		}
		for i := range columns {
			if columns[i].name != view(key.bytes) {
				continue
			}
			if v.kind != kindBin || fields[i] != nil || len(v.bytes)%columns[i].width != 0 {
				return BadColumn
			}
			fields[i] = v.bytes
			break
		}
		r.skip(v)
	}
	if r.bad || r.pos != len(payload) {
		return BadMsgpack
	}
	if !schema {
		return BadSchema
	}
	for i := range fields {
		if fields[i] == nil {
			return BadColumn
		}
		if columns[i].width == 4 {
			*(*u32s)(unsafe.Pointer(&fields[i])) = sum(fields[i])
		}
	}
	return OK
}
