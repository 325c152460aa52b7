package event

import (
	"crypto/hmac"
	"crypto/sha256"
)

// UnitHash is the keyed hash of a unit's id: the first half of HMAC-SHA-256(key, unit ‖ 0x00 ‖
// id). [StoredExposure] and [StoredOutcome] hold it in hexadecimal.
type UnitHash [sha256.Size / 2]byte

// HashUnit returns the hash of a unit's id; unit is the unit type, key the key of the
// environment.
func HashUnit(key []byte, unit, id string) UnitHash {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(unit))
	mac.Write([]byte{0})
	mac.Write([]byte(id))
	return UnitHash(mac.Sum(nil)[:len(UnitHash{})])
}
