package signer

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/sortition-dev/sortition/bundle"
)

// maxWorkFactor bounds what a key file may demand to be decrypted: 1 GiB of memory and
// some seconds. Those that Encrypt writes take a quarter.
const maxWorkFactor = 20

// binaryHeader begins a file of the age format that is not armored.
const binaryHeader = "age-encryption.org/v1\n"

// Encrypt returns the contents of a key's file, encrypted with a passphrase in the
// armored age format: the command age -d reads it too.
func Encrypt(key *bundle.PrivateKey, passphrase string) ([]byte, error) {
	file, err := key.MarshalFile()
	if err != nil {
		return nil, err
	}
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	text := armor.NewWriter(&b)
	w, err := age.Encrypt(text, recipient)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(file); err != nil {
		return nil, err
	}
	if err := errors.Join(w.Close(), text.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func encrypted(file []byte) bool {
	return armored(file) || bytes.HasPrefix(file, []byte(binaryHeader))
}

func armored(file []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(file), []byte(armor.Header))
}

func decrypt(file []byte, passphrase string) ([]byte, error) {
	identity, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	identity.SetMaxWorkFactor(maxWorkFactor)
	var r io.Reader = bytes.NewReader(file)
	if armored(file) {
		r = armor.NewReader(r)
	}
	plain, err := age.Decrypt(r, identity)
	if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
		return nil, errors.New("the passphrase is wrong, or the key is not encrypted with a passphrase")
	}
	if err != nil {
		return nil, fmt.Errorf("decrypt: %w", err)
	}
	return io.ReadAll(io.LimitReader(plain, maxKeyFile))
}
