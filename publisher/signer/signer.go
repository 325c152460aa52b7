// Package signer opens the keys that sign. A key is named by what it is kept in:
//
//	FILE          a file of PKCS #8 PEM, or such a file encrypted with a passphrase
//	              in the age format (https://age-encryption.org)
//	env:NAME      an environment variable that holds the contents of such a file
//	exec:COMMAND  a command that keeps the key to itself and signs with it
//
// # Commands
//
// A command gives access to a KMS, an HSM or a smart card. It is split at spaces, without a
// shell and without quotes, and is called with one more argument:
//
//	COMMAND public   prints the public key, as PEM (PKIX)
//	COMMAND sign     reads the message from its input to the end, and prints its Ed25519
//	                 signature (RFC 8032) in base64
//
// Each call must finish within [CommandTimeout], print at most 4 KiB, and exit with status 0.
// The command's standard error is passed on. A signature that does not verify is not used.
//
// This package is internal to Sortition and may change without notice.
package signer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
)

// Prefixes of the names of keys that are not in files.
const (
	envPrefix  = "env:"
	execPrefix = "exec:"
)

// maxKeyFile is the size in bytes of a key file. One that is encrypted takes under 1,000.
const maxKeyFile = 8 << 10

// Opener opens keys.
type Opener struct {
	// Passphrase returns the passphrase of an encrypted key. It is asked once for each.
	Passphrase func(name string) (string, error)

	// Stderr takes what commands print as errors, such as a request to touch a card.
	Stderr io.Writer
}

// InFile tells whether the key of this name is in a file.
func InFile(name string) bool {
	return !strings.HasPrefix(name, envPrefix) && !strings.HasPrefix(name, execPrefix)
}

// Open returns the signer for the key with this name. If the key is in a command, ctx bounds all
// later calls of the command too. If the file does not exist, the error wraps [fs.ErrNotExist].
func (o *Opener) Open(ctx context.Context, name string) (bundle.Signer, error) {
	if line, ok := strings.CutPrefix(name, execPrefix); ok {
		return openCommand(ctx, line, o.Stderr)
	}
	file, err := contents(name)
	if err != nil {
		return nil, err
	}
	if encrypted(file) {
		passphrase, err := o.Passphrase(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if file, err = decrypt(file, passphrase); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	key, err := bundle.ParsePrivateKey(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return key, nil
}

// contents returns what the file or the variable of this name holds.
func contents(name string) ([]byte, error) {
	if variable, ok := strings.CutPrefix(name, envPrefix); ok {
		value := os.Getenv(variable)
		if value == "" {
			return nil, fmt.Errorf("the environment variable %s is empty or not set", variable)
		}
		return []byte(value), nil
	}
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no key %s: %w", name, fs.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	file, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err == nil && len(file) > maxKeyFile {
		err = fmt.Errorf("%s is not a key file: it is too long; the limit is %d bytes", name, maxKeyFile)
	}
	return file, err
}
