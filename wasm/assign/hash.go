package assign

// Slots is the number of slots that a draw chooses from.
const Slots = 10_000

// Hash returns the hash of a draw: xxhash64 with seed 0 of the salt, a zero byte, and the unit's
// id. See https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
func Hash(salt, unit string) uint64 {
	b := make([]byte, 0, len(salt)+1+len(unit))
	b = append(append(append(b, salt...), 0), unit...)
	return sum64(b)
}

// IDHash returns the hash by which overrides and segments identify a unit: xxhash64 with seed 0 of
// the id.
func IDHash(unit string) uint64 { return sum64([]byte(unit)) }

// Slot returns the slot of a hash, in [0, 10,000), for a layer, a holdout or an experiment's own
// draw. It is the scaled high half of the hash.
func Slot(hash uint64) int { return int((hash >> 32) * Slots >> 32) }

// VariantSlot returns the variant slot of the hash of an experiment's draw, in [0, 10,000). It is
// the scaled low half of the hash. It is independent of [Slot], so that one hash is enough for
// enrolment and variant.
func VariantSlot(hash uint64) int { return int((hash & 0xffffffff) * Slots >> 32) }
