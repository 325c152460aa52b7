package assign

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

// draw decides an experiment that matches, for a unit that is free to take part, and
// records what comes out.
//
//go:nobounds
func (e *Engine) draw(i int, d *draw) {
	e.work.Decisions++
	lot := e.hash(&e.units[d.unit()], d.salt())
	split := d.split
	if uint64(Slot(lot)) >= split&0xffff {
		return
	}
	variant := split >> 32
	if uint64(VariantSlot(lot)) >= split>>16&0xffff {
		variant = split >> 48
	}
	n := len(e.records)
	e.records = e.records[:n+RecordSize]
	store64(e.records, n, uint64(uint32(i))|variant&0xffff<<32|uint64(reasonSplit)<<48)
}
