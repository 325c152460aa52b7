package assign

import "math/bits"

// draw is all that there is to decide on an experiment that has nothing but an audience,
// a lot of its own and one or two shares: the common case, in two words that are read
// at once.
type draw struct {
	lot   uint64 // 1 + the salt's first word, 32 bits; its length, 16; the unit type, 16
	split uint64 // 16 bits each: traffic, the end of the first share, its variant, that of the other
}

// maxDrawSalt is the length of salts that a draw has room for.
const maxDrawSalt = 1<<16 - 1

// possible reports whether there is one.
func (d *draw) possible() bool { return d.lot != 0 }

func (d *draw) unit() int { return int(d.lot & 0xffff) }

func (d *draw) salt() salt { return salt{uint32(d.lot>>32) - 1, uint32(d.lot>>16) & 0xffff} }

// prepareDraw makes the draw of a simple experiment.
func (p *program) prepareDraw(t *traits) draw {
	from, to := p.ruleShares.span(int(t.rule))
	if t.has != isSimple || to-from > 2 || t.salt.length > maxDrawSalt {
		return draw{}
	}
	return draw{
		lot:   uint64(t.salt.at+1)<<32 | uint64(t.salt.length)<<16 | uint64(t.unit),
		split: uint64(t.traffic) | uint64(p.shareTo.at(from))<<16 | uint64(p.shareVar.at(from))<<32 | uint64(p.shareVar.at(to-1))<<48,
	}
}

// drawAll decides the experiments that match, and what else is to be visited, and
// returns the records of those that come to a variant. What the loop needs is in
// variables: the compiler for WebAssembly would load the fields each time.
//
//go:noinline
//go:nobounds
func (e *Engine) drawAll() []byte {
	draws, units, salts, records, n := e.draws, e.units, e.salts, e.records, 0
	drawn := 0
	for word := range e.visit {
		for set := e.visit[word] | e.matched[word] | e.flags[word]; set != 0; set &= set - 1 {
			i := word*64 + bits.TrailingZeros64(set)
			d := draws[i]
			if !d.possible() || !units[d.unit()].free {
				if o := e.outcome(i); o.variant != NoVariant {
					store64(records, n, o.record(i))
					n += RecordSize
				}
				continue
			}
			drawn++
			x, salt := &units[d.unit()], d.salt()
			length, lot := int(salt.length)+1+x.length, uint64(0)
			if length < stripe {
				lot = hashShort(salts, salt, x.id, length)
			} else {
				lot = e.hashLong(x, salt, length)
			}
			if variant, ok := d.variant(lot); ok {
				store64(records, n, outcome{variant, reasonSplit, 0}.record(i))
				n += RecordSize
			}
		}
	}
	e.work.Decisions += drawn
	return records[:n]
}

// variant is what the lot comes to, if the traffic reaches it.
func (d *draw) variant(lot uint64) (variant uint16, ok bool) {
	variant = uint16(d.split >> 32)
	if VariantSlot(lot) >= int(uint16(d.split>>16)) {
		variant = uint16(d.split >> 48)
	}
	return variant, Slot(lot) < int(uint16(d.split))
}
