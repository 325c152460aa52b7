package patch

import "math/bits"

// encodeBlock encodes a compressed block of raw literals and sequences.
func encodeBlock(sequences []sequence, literals []byte, recent *recentOffsets) []byte {
	block := append(literalsHeader(len(literals)), literals...)
	switch n := len(sequences); {
	case n == 0:
		return append(block, 0)
	case n < 128:
		block = append(block, byte(n))
	case n < 0x7f00:
		block = append(block, byte(n>>8)+128, byte(n))
	default:
		n -= 0x7f00
		block = append(block, 255, byte(n), byte(n>>8))
	}
	codes := make([][3]code, len(sequences))
	for i, s := range sequences {
		codes[i] = [3]code{literalsCode(s.literals), offsetCode(recent.value(s)), matchCode(s.match)}
	}
	coders := [3]coder{}
	modes := byte(0)
	var symbols []byte
	for field := range coders {
		coders[field] = newCoder(defaults[field])
		if first := codes[0][field].symbol; same(codes, field) {
			coders[field] = coder{} // the one symbol takes no bits
			modes |= modeRepeat << (6 - 2*field)
			symbols = append(symbols, first)
		}
	}
	block = append(append(block, modes), symbols...)

	// The decoder reads the bits backwards, so the last sequence is encoded first.
	w := bitWriter{bytes: block}
	for i := len(codes) - 1; i >= 0; i-- {
		c := &codes[i]
		for _, field := range [...]int{fieldOffset, fieldMatch, fieldLiterals} {
			coders[field].encode(&w, c[field].symbol)
		}
		for _, field := range [...]int{fieldLiterals, fieldMatch, fieldOffset} {
			w.add(c[field].extra, c[field].bits)
		}
	}
	for _, field := range [...]int{fieldMatch, fieldOffset, fieldLiterals} {
		coders[field].flush(&w)
	}
	return w.close()
}

// The fields of a sequence, in the order of the format.
const (
	fieldLiterals = iota
	fieldOffset
	fieldMatch
)

// modeRepeat is the mode of a field that has the same symbol in all sequences of a block.
const modeRepeat = 1

func same(codes [][3]code, field int) bool {
	for _, c := range codes {
		if c[field].symbol != codes[0][field].symbol {
			return false
		}
	}
	return true
}

// literalsHeader returns the header of n raw literals.
func literalsHeader(n int) []byte {
	switch {
	case n < 1<<5:
		return []byte{byte(n << 3)}
	case n < 1<<12:
		return []byte{byte(n<<4) | 1<<2, byte(n >> 4)}
	}
	return []byte{byte(n<<4) | 3<<2, byte(n >> 4), byte(n >> 12)}
}

// code is a number in the format: a symbol, and the extra bits that follow it.
type code struct {
	symbol byte
	extra  uint32
	bits   int
}

// step is the number of extra bits of the codes from a symbol on.
type step struct{ symbol, bits int }

// The numbers of extra bits. After the last step, each symbol has one bit more than the one
// before it.
var (
	literalsSteps = []step{{16, 1}, {20, 2}, {22, 3}, {24, 4}, {25, 6}}
	matchSteps    = []step{{32, 1}, {36, 2}, {38, 3}, {40, 4}, {42, 5}, {43, 7}}
)

func literalsCode(n int) code { return stepped(n, literalsSteps) }

const leastMatch = 3 // its code is 0

func matchCode(n int) code { return stepped(n-leastMatch, matchSteps) }

func offsetCode(value int) code {
	log := bits.Len(uint(value)) - 1
	return code{byte(log), uint32(value - 1<<log), log}
}

func stepped(n int, steps []step) code {
	if n < steps[0].symbol {
		return code{symbol: byte(n)}
	}
	base, symbol, extra := steps[0].symbol, steps[0].symbol, 0
	for i := 0; ; symbol++ {
		switch {
		case i < len(steps) && steps[i].symbol == symbol:
			extra = steps[i].bits
			i++
		case i == len(steps):
			extra++
		}
		if n < base+1<<extra {
			return code{byte(symbol), uint32(n - base), extra}
		}
		base += 1 << extra
	}
}
