package assign

import (
	"math/bits"

	"github.com/sortition-dev/sortition/wasm/abi"
)

// simple has everything for deciding an experiment in the common case, in which it has only an
// audience, its own draw, and one or two shares. It is two words, which are read together.
type simple struct {
	salt salt

	// From the lowest bits: 16 bits the traffic, 16 the end of the first share, 8 its variant, 8
	// the other's variant, 8 the unit type, 8 1.
	split uint64
}

// possible reports whether the experiment is simple.
func (s *simple) possible() bool { return s.split>>56 != 0 }

func (s *simple) unit() int { return int(s.split >> 48 & 0xff) }

// prepareSimple returns the entry of an experiment, which is empty unless it is simple.
func (p *program) prepareSimple(t *traits) simple {
	from, to := p.ruleShares.span(int(t.rule))
	if t.has != isSimple || to-from > 2 {
		return simple{}
	}
	return simple{
		salt: t.salt,
		split: uint64(t.traffic) | uint64(p.shareTo.at(from))<<16 | uint64(p.shareVar.at(from))<<32 |
			uint64(p.shareVar.at(to-1))<<40 | uint64(t.unit)<<48 | 1<<56,
	}
}

// decideMatched decides the experiments in matched and visit, and returns the records with a
// variant. The loop uses local variables, because the compiler for WebAssembly would load fields
// each time.
//
//go:noinline
//go:nobounds
func (e *Engine) decideMatched() []byte {
	simples, units, records, n := e.simples, e.units, e.records, 0
	drawn := 0
	for word := range e.visit {
		for set := e.visit[word] | e.matched[word] | e.flags[word]; set != 0; set &= set - 1 {
			i := word*64 + bits.TrailingZeros64(set)
			s := simples[i]
			if !s.possible() || !units[s.unit()].free {
				if o := e.outcome(i); o.variant() != abi.NoVariant {
					store64(records, n, o.record(i))
					n += abi.RecordSize
				}
				continue
			}
			drawn++
			if variant, ok := s.variant(s.salt.draw(&units[s.unit()])); ok {
				store64(records, n, gives(variant, abi.ReasonSplit, 0).record(i))
				n += abi.RecordSize
			}
		}
	}
	e.work.Decisions += drawn
	return records[:n]
}

// variant returns the variant of the draw. The result ok reports whether the unit is enrolled.
func (s *simple) variant(draw uint64) (variant uint16, ok bool) {
	variant = uint16(s.split >> 32 & 0xff)
	if VariantSlot(draw) >= int(uint16(s.split>>16)) {
		variant = uint16(s.split >> 40 & 0xff)
	}
	return variant, Slot(draw) < int(uint16(s.split))
}
