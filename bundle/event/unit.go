package event

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
)

// UnitHash is the keyed hash of a unit's id: the first half of HMAC-SHA-256(key, unit ‖ 0x00 ‖
// id). [StoredExposure] and [StoredOutcome] hold it in hexadecimal.
type UnitHash [sha256.Size / 2]byte

// Hasher hashes the ids of units with one key. It allocates nothing for a hash. It is not safe for
// concurrent use.
type Hasher struct {
	mac  hash.Hash
	text []byte // unit ‖ 0x00 ‖ id
	sum  [sha256.Size]byte
}

// NewHasher returns a Hasher with the key of the environment.
func NewHasher(key []byte) *Hasher { return &Hasher{mac: hmac.New(sha256.New, key)} }

// Hash returns the hash of a unit's id; unit is the unit type.
func (h *Hasher) Hash(unit, id string) UnitHash {
	h.text = append(h.text[:0], unit...)
	h.text = append(h.text, 0)
	h.text = append(h.text, id...)
	h.mac.Reset()
	h.mac.Write(h.text)
	return UnitHash(h.mac.Sum(h.sum[:0])[:len(UnitHash{})])
}

// HashUnit returns the hash of one unit's id. A [Hasher] is faster for many.
func HashUnit(key []byte, unit, id string) UnitHash { return NewHasher(key).Hash(unit, id) }
