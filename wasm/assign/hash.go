package assign

// Slots is the number of slots that a draw chooses from.
const Slots = 10_000

// IDHash returns the hash of a unit's id: xxhash64 with seed 0. A request hashes each id once.
// Overrides and segments identify a unit by it, and every draw of the unit begins with it. See
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.
func IDHash(unit string) uint64 { return sum64([]byte(unit)) }

// SaltHash returns the hash of a salt: xxhash64 with seed 0. Draws are independent of each other
// because salts are hashed: see [Draw].
func SaltHash(salt string) uint64 { return sum64([]byte(salt)) }

// Draw returns the hash of a draw from the hashes of the unit's id and of the salt. It is what
// ClickHouse computes as intHash64(bitXor(id, salt)): the 64-bit finalizer of MurmurHash3 of the
// exclusive or of both and a constant.
//
// Both must be hashes. The finalizer alone does not separate two salts that differ in exactly two
// bits 33 apart, of which the upper one is bit 49 or higher.
func Draw(id, salt uint64) uint64 { return mix(id ^ salt ^ drawConstant) }

// Hash returns the hash of a draw for a salt and a unit's id.
func Hash(salt, unit string) uint64 { return Draw(IDHash(unit), SaltHash(salt)) }

// drawConstant is the constant that ClickHouse's intHash64 adds. Prepared salts include it.
const drawConstant = 0x4cf2d2baae6da887

// mix is the 64-bit finalizer of MurmurHash3. See fmix64 in
// https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp.
func mix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Slot returns the slot of a hash, in [0, 10,000), for a layer, a holdout or an experiment's own
// draw. It is the scaled high half of the hash.
func Slot(hash uint64) int { return int((hash >> 32) * Slots >> 32) }

// VariantSlot returns the variant slot of the hash of an experiment's draw, in [0, 10,000). It is
// the scaled low half of the hash. It is independent of [Slot], so that one hash is enough for
// enrolment and variant.
func VariantSlot(hash uint64) int { return int((hash & 0xffffffff) * Slots >> 32) }
