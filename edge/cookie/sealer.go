package cookie

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// MinSecretSize is the smallest size of a secret in bytes, that of the hash.
const MinSecretSize = 32

// macSize is the size of a code in bytes. 128 bits cannot be guessed, and keep cookies short.
const macSize = 16

var encoding = base64.RawURLEncoding

// Sealer authenticates text. It seals with the newest of its secrets, and opens what was sealed
// with any of them. It is safe for concurrent use.
type Sealer struct{ secrets [][]byte }

// NewSealer returns a Sealer with the secrets, newest first. Each has at least MinSecretSize bytes.
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

// Seal returns the text with a code for the purpose.
func (s *Sealer) Seal(purpose, text string) string {
	return text + "." + encoding.EncodeToString(code(s.secrets[0], purpose, text))
}

// Open returns the text that was sealed for the purpose. It returns false if the code is wrong.
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
