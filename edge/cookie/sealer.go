package cookie

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// MinSecretSize is the fewest bytes of a secret: as many as the hash has security.
const MinSecretSize = 32

// macSize is the bytes of a code: 128 bits are beyond guessing, and cookies are sent with
// everything.
const macSize = 16

var encoding = base64.RawURLEncoding

// Sealer seals with the first of some secrets, and opens what any of them has sealed. It is
// safe for concurrent use.
type Sealer struct{ secrets [][]byte }

// NewSealer takes the secrets, newest first.
func NewSealer(secrets ...string) (*Sealer, error) {
	if len(secrets) == 0 {
		return nil, fmt.Errorf("no secret: make one with %q", "openssl rand -hex 32")
	}
	s := &Sealer{}
	for _, secret := range secrets {
		if len(secret) < MinSecretSize {
			return nil, fmt.Errorf("the secret has %d bytes; it needs at least %d: make one with %q", len(secret), MinSecretSize, "openssl rand -hex 32")
		}
		s.secrets = append(s.secrets, []byte(secret))
	}
	return s, nil
}

// Seal returns the text with its code.
func (s *Sealer) Seal(purpose, text string) string {
	return text + "." + encoding.EncodeToString(code(s.secrets[0], purpose, text))
}

// Open returns the text that was sealed, and false if this is not what Seal returns.
func (s *Sealer) Open(purpose, sealed string) (string, bool) {
	at := strings.LastIndexByte(sealed, '.')
	if at < 0 {
		return "", false
	}
	text := sealed[:at]
	given, err := encoding.DecodeString(sealed[at+1:])
	if err != nil {
		return "", false
	}
	for _, secret := range s.secrets {
		if hmac.Equal(given, code(secret, purpose, text)) {
			return text, true
		}
	}
	return "", false
}

func code(secret []byte, purpose, text string) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(purpose))
	mac.Write([]byte{0})
	mac.Write([]byte(text))
	return mac.Sum(nil)[:macSize]
}
