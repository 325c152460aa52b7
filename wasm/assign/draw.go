package assign

// salt is a prepared salt: its hash with drawConstant.
type salt uint64

// draw returns the hash of the unit's draw.
func (s salt) draw(x *unit) uint64 { return mix(x.hash ^ uint64(s)) }

// prepareSalts hashes the salts of a column. The payload has the texts: they pack well, anyone can
// read them, and hashes that are computed here cannot be chosen.
//
//go:noinline
func (p *program) prepareSalts(texts u32s) []salt {
	salts := make([]salt, texts.len())
	for i := range salts {
		salts[i] = salt(sum64(p.string(texts.at(i))) ^ drawConstant)
	}
	return salts
}
