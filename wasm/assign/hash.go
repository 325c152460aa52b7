package assign

// Slots is the number of slots that a draw chooses from.
const Slots = 10_000

// Hash is the draw of a unit: xxhash64 with seed 0 of the salt, a zero byte, and the
// unit's id. See https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
func Hash(salt, unit string) uint64 {
	b := make([]byte, 0, len(salt)+1+len(unit))
	b = append(append(append(b, salt...), 0), unit...)
	return sum64(b)
}

// IDHash is the form in which overrides and segments name a unit: xxhash64 with seed 0
// of the id alone.
func IDHash(unit string) uint64 { return sum64([]byte(unit)) }

// Slot is the slot in [0, 10,000) that a hash draws for a layer, a holdout or an
// experiment's own draw: its high half, scaled.
func Slot(hash uint64) int { return int((hash >> 32) * Slots >> 32) }

// VariantSlot is the slot in [0, 10,000) that the hash of an experiment's salt draws
// for its variant: the low half, scaled. It is independent of Slot, so that one hash
// serves enrolment and variant.
func VariantSlot(hash uint64) int { return int((hash & 0xffffffff) * Slots >> 32) }
