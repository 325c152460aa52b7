package assign

// Schema is the version of the payload format that this core reads.
const Schema = 1

// MaxExperiments bounds the experiments of a program, and with them the memory of the
// result records.
const MaxExperiments = 200_000

// program is a payload under its column names. What each column holds, and how they
// belong together, is told in the documentation of package bundle.
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

type column struct {
	name  string
	width int // bytes of an element
	data  *[]byte
}

func (p *program) columns() []column {
	return []column{
		{"text", 1, (*[]byte)(&p.text)},
		{"text.end", 4, (*[]byte)(&p.textEnd)},
		{"unit.name", 4, (*[]byte)(&p.unitName)},
		{"attribute.name", 4, (*[]byte)(&p.attrName)},
		{"attribute.type", 1, (*[]byte)(&p.attrType)},
		{"segment.unit", 1, (*[]byte)(&p.segmentUnit)},
		{"segment.hashes.end", 4, (*[]byte)(&p.segmentEnd)},
		{"segment.hash", 8, (*[]byte)(&p.segmentHash)},
		{"layer.salt", 4, (*[]byte)(&p.layerSalt)},
		{"holdout.salt", 4, (*[]byte)(&p.holdoutSalt)},
		{"holdout.slots", 2, (*[]byte)(&p.holdoutSlots)},
		{"opt_out.segment", 4, (*[]byte)(&p.optOut)},
		{"exclusion.rule", 4, (*[]byte)(&p.exclusionRule)},
		{"experiment.kind", 1, (*[]byte)(&p.expKind)},
		{"experiment.killed", 1, (*[]byte)(&p.expKilled)},
		{"experiment.unit", 1, (*[]byte)(&p.expUnit)},
		{"experiment.salt", 4, (*[]byte)(&p.expSalt)},
		{"experiment.layer", 2, (*[]byte)(&p.expLayer)},
		{"experiment.holdouts.end", 4, (*[]byte)(&p.expHoldouts)},
		{"experiment.holdout", 2, (*[]byte)(&p.expHoldout)},
		{"experiment.start", 8, (*[]byte)(&p.expStart)},
		{"experiment.end", 8, (*[]byte)(&p.expEnd)},
		{"experiment.variants.end", 4, (*[]byte)(&p.expVariants)},
		{"experiment.default", 2, (*[]byte)(&p.expDefault)},
		{"experiment.rules.end", 4, (*[]byte)(&p.expRules)},
		{"experiment.prerequisites.end", 4, (*[]byte)(&p.expPrerequisites)},
		{"prerequisite.experiment", 4, (*[]byte)(&p.prerequisiteExp)},
		{"prerequisite.variants.end", 4, (*[]byte)(&p.prerequisiteVars)},
		{"prerequisite.variant", 2, (*[]byte)(&p.prerequisiteVar)},
		{"rule.traffic", 2, (*[]byte)(&p.ruleTraffic)},
		{"rule.steps.end", 4, (*[]byte)(&p.ruleSteps)},
		{"step.at", 8, (*[]byte)(&p.stepAt)},
		{"step.traffic", 2, (*[]byte)(&p.stepTraffic)},
		{"rule.ranges.end", 4, (*[]byte)(&p.ruleRanges)},
		{"range.from", 2, (*[]byte)(&p.rangeFrom)},
		{"range.to", 2, (*[]byte)(&p.rangeTo)},
		{"rule.shares.end", 4, (*[]byte)(&p.ruleShares)},
		{"share.to", 2, (*[]byte)(&p.shareTo)},
		{"share.variant", 2, (*[]byte)(&p.shareVar)},
		{"rule.clauses.end", 4, (*[]byte)(&p.ruleClauses)},
		{"rule.clause", 4, (*[]byte)(&p.ruleClause)},
		{"override.hash", 8, (*[]byte)(&p.overrideHash)},
		{"override.experiment", 4, (*[]byte)(&p.overrideExp)},
		{"override.variant", 2, (*[]byte)(&p.overrideVar)},
		{"clause.tests.end", 4, (*[]byte)(&p.clauseTests)},
		{"test.op", 1, (*[]byte)(&p.testOp)},
		{"test.negated", 1, (*[]byte)(&p.testNegated)},
		{"test.attribute", 2, (*[]byte)(&p.testAttr)},
		{"test.argument", 8, (*[]byte)(&p.testArg)},
		{"automaton.class", 1, (*[]byte)(&p.automatonClasses)},
		{"automaton.width", 2, (*[]byte)(&p.automatonWidth)},
		{"automaton.next.end", 4, (*[]byte)(&p.automatonNexts)},
		{"automaton.next", 2, (*[]byte)(&p.automatonNext)},
		{"axis.kind", 1, (*[]byte)(&p.axisKind)},
		{"axis.of", 2, (*[]byte)(&p.axisOf)},
		{"axis.width", 4, (*[]byte)(&p.axisWidth)},
		{"axis.values.end", 4, (*[]byte)(&p.axisValues)},
		{"value", 8, (*[]byte)(&p.value)},
		{"axis.cells.end", 4, (*[]byte)(&p.axisCells)},
		{"cell.row", 4, (*[]byte)(&p.cellRow)},
		{"block.axes.end", 4, (*[]byte)(&p.blockAxes)},
		{"block.axis", 2, (*[]byte)(&p.blockAxis)},
		{"block.word", 4, (*[]byte)(&p.blockWord)},
		{"row.bits", 8, (*[]byte)(&p.rowBits)},
	}
}

func (p *program) string(id uint32) []byte {
	from, to := p.textEnd.span(int(id))
	return p.text[from:to]
}

// read finds the columns in the payload. Keys that the core does not use are for hosts
// and are passed over.
func (p *program) read(payload []byte) Status {
	r := reader{b: payload}
	top := r.next()
	if top.kind != kindMap {
		return BadMsgpack
	}
	columns := p.columns()
	schema := false
	for range top.bits {
		if r.bad {
			return BadMsgpack
		}
		key, v := r.next(), r.next()
		if key.kind != kindString {
			return BadMsgpack
		}
		if view(key.bytes) == "schema" {
			if v.kind != kindInt || v.negative || v.bits != Schema {
				return BadSchema
			}
			schema = true
			continue
		}
		for i := range columns {
			c := &columns[i]
			if c.name != view(key.bytes) {
				continue
			}
			if v.kind != kindBin || *c.data != nil || len(v.bytes)%c.width != 0 {
				return BadColumn
			}
			*c.data = v.bytes
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
	for i := range columns {
		if *columns[i].data == nil {
			return BadColumn
		}
	}
	return OK
}
