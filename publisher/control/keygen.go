package control

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/signer"
)

// Endings of the files of a key.
const (
	privateKeyEnding = ".key"
	publicKeyEnding  = ".pub"
)

// Modes of files: of private keys, and of what anybody may read.
const (
	privateFileMode = 0o600
	publicFileMode  = 0o644
	directoryMode   = 0o755
)

// KeygenInput says how a key is made.
type KeygenInput struct {
	// Validity of the root that trusts the key; [DefaultRootValidity] if it is 0.
	Validity time.Duration

	// Passphrase chooses the passphrase that encrypts the key of that file; nil does not encrypt.
	Passphrase func(path string) (string, error)
}

// Keys are the files of a new key.
type Keys struct {
	ID      bundle.Hash `json:"id"`
	Private string      `json:"private"`          // file of the private key
	Public  string      `json:"public,omitempty"` // file of the public key
	Root    string      `json:"root,omitempty"`   // file of the root that trusts it
}

// Keygen makes a key for the project, and a root that trusts it with everything. It never
// overwrites a file.
func (w *Workspace) Keygen(in KeygenInput) (*Keys, error) {
	validity, err := rootValidity(in.Validity)
	if err != nil {
		return nil, err
	}
	project, err := w.load(config.LoadTarget)
	if err != nil {
		return nil, err
	}
	keyName, rootName := project.KeyFiles()
	keyPath, rootPath := filepath.Join(w.dir, filepath.FromSlash(keyName)), filepath.Join(w.dir, filepath.FromSlash(rootName))
	if err := checkNew(keyPath, rootPath); err != nil {
		return nil, err
	}
	key, file, err := in.newKey(keyPath)
	if err != nil {
		return nil, err
	}
	holders := bundle.Holders{Keys: []bundle.PublicKey{key.Public()}, Threshold: 1}
	now := w.options.Now()
	root, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.Add(validity), holders, holders), key)
	if err != nil {
		return nil, err
	}
	for _, path := range []string{keyPath, rootPath} {
		if err := os.MkdirAll(filepath.Dir(path), directoryMode); err != nil {
			return nil, err
		}
	}
	if err := durable.Create(keyPath, file, privateFileMode); err != nil {
		return nil, err
	}
	if err := durable.Create(rootPath, root, publicFileMode); err != nil {
		return nil, err
	}
	return &Keys{ID: key.Public().ID(), Private: keyPath, Root: rootPath}, nil
}

// NewKey makes a key without a root: the private key in the file path, and the public key beside
// it.
func NewKey(path string, in KeygenInput) (*Keys, error) {
	public := strings.TrimSuffix(path, privateKeyEnding) + publicKeyEnding
	if err := checkNew(path, public); err != nil {
		return nil, err
	}
	key, file, err := in.newKey(path)
	if err != nil {
		return nil, err
	}
	publicFile, err := key.Public().MarshalFile()
	if err != nil {
		return nil, err
	}
	if err := durable.Create(path, file, privateFileMode); err != nil {
		return nil, err
	}
	if err := durable.Create(public, publicFile, publicFileMode); err != nil {
		return nil, err
	}
	return &Keys{ID: key.Public().ID(), Private: path, Public: public}, nil
}

// newKey returns a key and the contents of its file.
func (in *KeygenInput) newKey(path string) (*bundle.PrivateKey, []byte, error) {
	key, err := bundle.GenerateKey()
	if err != nil {
		return nil, nil, err
	}
	if in.Passphrase == nil {
		file, err := key.MarshalFile()
		return key, file, err
	}
	passphrase, err := in.Passphrase(path)
	if err != nil {
		return nil, nil, err
	}
	file, err := signer.Encrypt(key, passphrase)
	return key, file, err
}

// checkNew refuses paths at which there is something.
func checkNew(paths ...string) error {
	for _, path := range paths {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return &Misconfigured{fmt.Errorf("%s exists already, and hosts may trust it; remove it first if they do not", path)}
		}
	}
	return nil
}
