package assign

import (
	"math/bits"

	"github.com/sortition-dev/sortition/wasm/abi"
)

// simple has everything for deciding an experiment in the common case, in which it has only an
// audience, its own draw, and one or two shares. It is two words, which are read together.
type simple struct {
	draw  uint64 // 1 + the salt's first word, 32 bits; its length, 16; the unit type, 16
	split uint64 // 16 bits each: traffic, the end of the first share, its variant, that of the other
}

// maxSimpleSalt is the largest length of a salt in simple.
const maxSimpleSalt = 1<<16 - 1

// possible reports whether the experiment is simple.
func (s *simple) possible() bool { return s.draw != 0 }

func (s *simple) unit() int { return int(s.draw & 0xffff) }

func (s *simple) salt() salt { return salt{uint32(s.draw>>32) - 1, uint32(s.draw>>16) & 0xffff} }

// prepareSimple fills the entry of an experiment, if it is simple.
func (p *program) prepareSimple(t *traits) simple {
	from, to := p.ruleShares.span(int(t.rule))
	if t.has != isSimple || to-from > 2 || t.salt.length > maxSimpleSalt {
		return simple{}
	}
	return simple{
		draw:  uint64(t.salt.at+1)<<32 | uint64(t.salt.length)<<16 | uint64(t.unit),
		split: uint64(t.traffic) | uint64(p.shareTo.at(from))<<16 | uint64(p.shareVar.at(from))<<32 | uint64(p.shareVar.at(to-1))<<48,
	}
}

// decideMatched decides the experiments in matched and visit, and returns the records with a
// variant. The loop uses local variables, because the compiler for WebAssembly would load fields
// each time.
//
//go:noinline
//go:nobounds
func (e *Engine) decideMatched() []byte {
	simples, units, salts, records, n := e.simples, e.units, e.salts, e.records, 0
	drawn := 0
	for word := range e.visit {
		for set := e.visit[word] | e.matched[word] | e.flags[word]; set != 0; set &= set - 1 {
			i := word*64 + bits.TrailingZeros64(set)
			s := simples[i]
			if !s.possible() || !units[s.unit()].free {
				if o := e.outcome(i); o.variant != abi.NoVariant {
					store64(records, n, o.record(i))
					n += abi.RecordSize
				}
				continue
			}
			drawn++
			x, salt := &units[s.unit()], s.salt()
			length, draw := int(salt.length)+1+x.length, uint64(0)
			if length < stripe {
				draw = hashShort(salts, salt, x.id, length)
			} else {
				draw = e.hashLong(x, salt, length)
			}
			if variant, ok := s.variant(draw); ok {
				store64(records, n, outcome{variant, abi.ReasonSplit, 0}.record(i))
				n += abi.RecordSize
			}
		}
	}
	e.work.Decisions += drawn
	return records[:n]
}

// variant returns the variant of the draw. The result ok reports whether the unit is enrolled.
func (s *simple) variant(draw uint64) (variant uint16, ok bool) {
	variant = uint16(s.split >> 32)
	if VariantSlot(draw) >= int(uint16(s.split>>16)) {
		variant = uint16(s.split >> 48)
	}
	return variant, Slot(draw) < int(uint16(s.split))
}
