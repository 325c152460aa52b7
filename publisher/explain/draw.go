package explain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Half says which half of the hash gives the slot.
type Half string

// The halves. Two questions asked with the same salt use different halves, so that
// their answers are independent.
const (
	High Half = "high" // layer, holdout and the experiment's own enrolment
	Low  Half = "low"  // variant
)

// Draw holds everything that is needed to repeat a draw by hand.
type Draw struct {
	Salt   string
	UnitID string
	Hash   uint64 // see newDraw
	Half   Half
	Slot   int // 0 … 9,999
}

// newDraw computes a draw as package payload specifies it, without package assign, which decides.
func newDraw(salt, unitID string, half Half) Draw {
	hash := intHash64(xxhash.Sum64String(unitID) ^ xxhash.Sum64String(salt))
	part := hash >> 32
	if half == Low {
		part = hash & 0xffffffff
	}
	return Draw{
		Salt: salt, UnitID: unitID, Hash: hash, Half: half,
		Slot: int(part * model.Slots >> 32),
	}
}

// intHash64 is the function of ClickHouse with this name, which package payload specifies.
func intHash64(x uint64) uint64 {
	x ^= 0x4cf2d2baae6da887
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// String returns the draw as one line, with each step of the computation.
func (d Draw) String() string {
	return fmt.Sprintf("intHash64(xxhash64(%q) ^ xxhash64(%q)) = 0x%016x, %s half → slot %d",
		d.UnitID, d.Salt, d.Hash, d.Half, d.Slot)
}

// SQL is a ClickHouse query that repeats the draw. The halves are below 2^32 and the
// product below 2^46, so that UInt64 holds every step.
func (d Draw) SQL() string {
	hash := fmt.Sprintf("intHash64(bitXor(xxHash64(%s), xxHash64(%s)))", quoteSQL(d.UnitID), quoteSQL(d.Salt))
	part := fmt.Sprintf("bitShiftRight(%s, 32)", hash)
	if d.Half == Low {
		part = fmt.Sprintf("bitAnd(%s, 4294967295)", hash)
	}
	return fmt.Sprintf("SELECT intDiv(%s * %d, 4294967296)", part, model.Slots)
}

// quoteSQL writes s as a ClickHouse string literal of the same bytes. The literal is valid UTF-8
// without control characters, whatever s is.
func quoteSQL(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == '\'' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == utf8.RuneError && size == 1, unicode.IsControl(r):
			for i := range size {
				fmt.Fprintf(&b, `\x%02X`, s[i])
			}
		default:
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	b.WriteByte('\'')
	return b.String()
}

// position is the rank of slot in the concatenation of the ranges, or model.None.
func position(ranges []model.Range, slot int) int {
	before := 0
	for _, r := range ranges {
		if r.From <= slot && slot < r.To {
			return before + slot - r.From
		}
		before += r.To - r.From
	}
	return model.None
}
