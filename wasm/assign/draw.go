package assign

import "math/bits"

// A draw is the hash of a salt, a zero byte and a unit's id. The three are not copied together for
// it. Salts are prepared as words at load, and ids when the request is read; at most one word has
// bytes of both.

// salt is a prepared salt of the program.
type salt struct {
	at     uint32 // its first word in Engine.salts
	length uint32 // bytes
}

// prepareSalt appends the words of a salt. The last word has the remaining bytes, fewer than a
// word, followed by zeros.
func (e *Engine) prepareSalt(text uint32) salt {
	b := e.p.string(text)
	s := salt{uint32(len(e.salts)), uint32(len(b))}
	for ; len(b) >= 8; b = b[8:] {
		e.salts = append(e.salts, load64(b, 0))
	}
	var rest uint64
	for i := len(b) - 1; i >= 0; i-- {
		rest = rest<<8 | uint64(b[i])
	}
	e.salts = append(e.salts, rest)
	return s
}

// prepareSalts allocates the words of all salts and the room for the longest salt with an id. It
// prepares the salts of layers and holdouts.
func (e *Engine) prepareSalts() {
	p := &e.p
	words, longest := 0, 0
	for _, salts := range [...]u32s{p.expSalt, p.layerSalt, p.holdoutSalt} {
		for i := range salts.len() {
			n := len(p.string(salts.at(i)))
			words += n/8 + 1
			longest = max(longest, n)
		}
	}
	e.salts = make([]uint64, 0, words)
	e.room = make([]byte, longest+idRoom)
	e.layerSalts = make([]salt, p.layerSalt.len())
	for i := range e.layerSalts {
		e.layerSalts[i] = e.prepareSalt(p.layerSalt.at(i))
	}
	e.holdoutSalts = make([]salt, p.holdoutSalt.len())
	for i := range e.holdoutSalts {
		e.holdoutSalts[i] = e.prepareSalt(p.holdoutSalt.at(i))
	}
}

// An id follows a word of zeros, whose last byte is the zero byte between salt and id. It precedes
// a word that is read but ignored.
const (
	idAt   = 8
	idRoom = idAt + MaxID + 8
)

// hash returns Hash of a salt and the unit's id.
//
//go:nobounds
func (e *Engine) hash(x *unit, s salt) uint64 {
	n := int(s.length) + 1 + x.length
	if n >= stripe {
		return e.hashLong(x, s, n)
	}
	return hashShort(e.salts, s, x.id, n)
}

// hashShort is hash for n bytes, fewer than a stripe.
//
//go:inline
//go:nobounds
func hashShort(salts []uint64, s salt, id []byte, n int) uint64 {
	h := prime5 + uint64(n)
	at, last := int(s.at), int(s.at+s.length>>3)
	for ; at < last; at++ {
		h = addWord(h, salts[at])
	}
	left, from := n-int(s.length&^7), idAt-1-int(s.length&7)
	word := salts[last] | load64(id, from)
	for left >= 8 {
		h = addWord(h, word)
		left -= 8
		from += 8
		word = load64(id, from)
	}
	return finish(h, word, left)
}

// hashLong is hash for n bytes, at least a stripe.
//
//go:noinline
//go:nobounds
func (e *Engine) hashLong(x *unit, s salt, n int) uint64 {
	room, to := e.room, 0
	at, last := int(s.at), int(s.at+s.length>>3)
	for ; at < last; at++ {
		store64(room, to, e.salts[at])
		to += 8
	}
	from := idAt - 1 - int(s.length&7)
	store64(room, to, e.salts[last]|load64(x.id, from))
	for to += 8; to < n; to += 8 {
		from += 8
		store64(room, to, load64(x.id, from))
	}
	return sum64(room[:n])
}

// The parts of xxhash64.

const (
	prime1 = 11400714785074694791
	prime2 = 14029467366897019727
	prime3 = 1609587929392839161
	prime4 = 9650029242287828579
	prime5 = 2870177450012600261

	stripe = 32 // bytes of four words, which longer inputs are hashed by
)

func round(v, word uint64) uint64 { return bits.RotateLeft64(v+word*prime2, 31) * prime1 }

//go:inline
func addWord(h, word uint64) uint64 {
	return bits.RotateLeft64(h^round(0, word), 27)*prime1 + prime4
}

// finish adds the last n bytes, fewer than 8. They are the lowest bytes of word.
//
//go:inline
func finish(h, word uint64, n int) uint64 {
	if n >= 4 {
		h = bits.RotateLeft64(h^word&(1<<32-1)*prime1, 23)*prime2 + prime3
		word >>= 32
		n -= 4
	}
	for ; n > 0; n-- {
		h = bits.RotateLeft64(h^word&0xff*prime5, 11) * prime1
		word >>= 8
	}
	h = (h ^ h>>33) * prime2
	h = (h ^ h>>29) * prime3
	return h ^ h>>32
}
