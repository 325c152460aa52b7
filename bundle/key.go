package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
)

// Signer makes Ed25519 signatures. [PrivateKey] is a Signer; so is a key in a KMS or an agent.
type Signer interface {
	Public() PublicKey
	// Sign returns the 64-byte signature of message.
	Sign(message []byte) ([]byte, error)
}

// PublicKey is an Ed25519 public key. As text and in JSON it is standard base64.
type PublicKey [ed25519.PublicKeySize]byte

// ID returns the key's id: the SHA-256 of its bytes.
func (k PublicKey) ID() Hash { return HashOf(k[:]) }

// Verify reports whether signature is a valid signature of message by the key.
func (k PublicKey) Verify(message, signature []byte) bool {
	return len(signature) == ed25519.SignatureSize && ed25519.Verify(k[:], message, signature)
}

// MarshalText returns the key in base64.
func (k PublicKey) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, k[:]), nil
}

// UnmarshalText reads a key in base64.
func (k *PublicKey) UnmarshalText(text []byte) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("a public key must be base64: %w", err)
	}
	if len(raw) != len(k) {
		return fmt.Errorf("an Ed25519 public key must have %d bytes; this has %d", len(k), len(raw))
	}
	copy(k[:], raw)
	return nil
}

// PrivateKey is an Ed25519 private key. Package fmt prints its id, never the secret.
type PrivateKey struct{ key ed25519.PrivateKey }

// GenerateKey makes a new private key from the system's randomness.
func GenerateKey() (*PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	return &PrivateKey{key}, nil
}

// KeyFromSeed returns the private key that belongs to a seed (RFC 8032).
func KeyFromSeed(seed [ed25519.SeedSize]byte) *PrivateKey {
	return &PrivateKey{ed25519.NewKeyFromSeed(seed[:])}
}

// Public returns the public key.
func (k *PrivateKey) Public() PublicKey { return PublicKey(k.key[ed25519.SeedSize:]) }

// Sign returns the signature of message. The error is always nil.
func (k *PrivateKey) Sign(message []byte) ([]byte, error) { return ed25519.Sign(k.key, message), nil }

// Format prints the key's id for every verb.
func (k *PrivateKey) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "private key %s", k.Public().ID())
}

// Key files are PEM (PKCS #8 and PKIX), so that other tools can read them. Comment lines before
// the PEM block tell people what the file is.
const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"

	privateHeader = `# Sortition private key. KEEP IT SECRET: anyone who has it can publish to every host.
# Do not commit it. Key id: %s
`
	publicHeader = `# Sortition public key. Key id: %s
`

	// maxKeyFile is the largest size of a key file in bytes. Header and block take under 500.
	maxKeyFile = 4 << 10

	privateFileMode = 0o600
	publicFileMode  = 0o644
)

// MarshalFile returns the contents of the key's file.
func (k *PrivateKey) MarshalFile() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.key)
	if err != nil {
		return nil, err
	}
	return keyFile(privateHeader, k.Public(), privateBlock, der), nil
}

// MarshalFile returns the contents of the key's file.
func (k PublicKey) MarshalFile() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(k[:]))
	if err != nil {
		return nil, err
	}
	return keyFile(publicHeader, k, publicBlock, der), nil
}

func keyFile(header string, k PublicKey, block string, der []byte) []byte {
	b := fmt.Appendf(nil, header, k.ID())
	return append(b, pem.EncodeToMemory(&pem.Block{Type: block, Bytes: der})...)
}

// ParsePrivateKey reads the contents of a private key's file.
func ParsePrivateKey(file []byte) (*PrivateKey, error) {
	der, err := parseKeyFile(file, privateBlock)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("private key: must be an Ed25519 key, is a %T", parsed)
	}
	return &PrivateKey{key}, nil
}

// ParsePublicKey reads the contents of a public key's file.
func ParsePublicKey(file []byte) (PublicKey, error) {
	der, err := parseKeyFile(file, publicBlock)
	if err != nil {
		return PublicKey{}, fmt.Errorf("public key: %w", err)
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return PublicKey{}, fmt.Errorf("public key: %w", err)
	}
	key, ok := parsed.(ed25519.PublicKey)
	if !ok {
		return PublicKey{}, fmt.Errorf("public key: must be an Ed25519 key, is a %T", parsed)
	}
	return PublicKey(key), nil
}

// parseKeyFile returns the contents of the one PEM block in file.
func parseKeyFile(file []byte, want string) ([]byte, error) {
	if len(file) > maxKeyFile {
		return nil, fmt.Errorf("not a key file: it is too long; the limit is %d bytes", maxKeyFile)
	}
	block, rest := pem.Decode(file)
	switch {
	case block == nil:
		return nil, errors.New("not a key file: it has no PEM block")
	case block.Type != want:
		return nil, fmt.Errorf("it is a %s; expected a %s", block.Type, want)
	case len(bytes.TrimSpace(rest)) != 0:
		return nil, errors.New("it has trailing data after the PEM block")
	}
	return block.Bytes, nil
}

// ReadPrivateKey reads a private key's file.
func ReadPrivateKey(path string) (*PrivateKey, error) {
	file, err := readKeyFile(path)
	if err != nil {
		return nil, err
	}
	key, err := ParsePrivateKey(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

// ReadPublicKey reads a public key's file.
func ReadPublicKey(path string) (PublicKey, error) {
	file, err := readKeyFile(path)
	if err != nil {
		return PublicKey{}, err
	}
	key, err := ParsePublicKey(file)
	if err != nil {
		return PublicKey{}, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}

func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxKeyFile+1))
}

// WriteFile writes the key to a new file that only its owner may read. If the file exists,
// WriteFile does not change it, and the error is [fs.ErrExist].
func (k *PrivateKey) WriteFile(path string) error {
	file, err := k.MarshalFile()
	if err != nil {
		return err
	}
	return writeKeyFile(path, file, privateFileMode)
}

// WriteFile writes the key to a new file. If the file exists, WriteFile does not change it, and
// the error is [fs.ErrExist].
func (k PublicKey) WriteFile(path string) error {
	file, err := k.MarshalFile()
	if err != nil {
		return err
	}
	return writeKeyFile(path, file, publicFileMode)
}

func writeKeyFile(path string, data []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
