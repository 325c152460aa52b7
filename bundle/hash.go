package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Hash is a SHA-256 digest. As text and in JSON it is 64 lower-case hex digits.
type Hash [sha256.Size]byte

// HashOf returns the digest of data.
func HashOf(data []byte) Hash { return sha256.Sum256(data) }

// String returns the digest in hex.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText returns the digest in hex.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads 64 lower-case hex digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(h)) {
		return fmt.Errorf("a SHA-256 digest must have %d hex digits; this has %d", hex.EncodedLen(len(h)), len(text))
	}
	for _, c := range text {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return fmt.Errorf("a SHA-256 digest may contain the digits 0-9 and a-f only; this has %q", c)
		}
	}
	_, err := hex.Decode(h[:], text)
	return err
}
