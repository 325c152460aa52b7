package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/signer"
)

// defaultRootValidity is how long a root document says that its keys are good for.
const defaultRootValidity = 5 * 365 * 24 * time.Hour

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

type keygenOptions struct {
	out      string
	encrypt  bool
	validity time.Duration
	keys     keyFlags
}

func newKeygenCommand() *cobra.Command {
	var o keygenOptions
	cmd := &cobra.Command{
		Use:   "keygen DIR | --out FILE",
		Short: "Make the key that signs what you publish, and the root that hosts trust",
		Long: `Keygen makes a new Ed25519 key for a project, and the signed root document that names it:

  DIR/` + config.DefaultKey + `   the private key: keep it secret, out of version control too
  DIR/` + config.DefaultRoot + `     the root: give it to every host, with edge serve --root

With --environment staging they are DIR/keys/staging/publish.key and root.json.

Whoever has the private key decides what visitors see, and may replace it. To keep these
two apart, and with several people, make a key for each with --out, and a root of them with
publisher root init. With --out alice.key it makes

  alice.key   the private key
  alice.pub   the public key, for others to see

With --encrypt the private key is encrypted with a passphrase, in the age format. Keygen
never overwrites a key.`,
		Example: `  publisher keygen .
  publisher keygen . --environment staging
  publisher keygen --out alice.key --encrypt`,
		Args: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == (o.out != "") {
				return errors.New("give either a project directory or --out")
			}
			return cobra.MaximumNArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.out != "" {
				return o.makeKey(cmd)
			}
			return o.makeProject(cmd, args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.out, "out", "", "make a key without a root, in this `file`")
	f.BoolVar(&o.encrypt, "encrypt", false, "encrypt the private key with a passphrase")
	f.DurationVar(&o.validity, "valid-for", defaultRootValidity, "how long the root is good for")
	o.keys.addPassphrase(cmd)
	return cmd
}

// makeProject makes the key of a project, and a root that trusts it with everything.
func (o *keygenOptions) makeProject(cmd *cobra.Command, dir string) error {
	if o.validity <= 0 {
		return errors.New("--valid-for: must be more than zero")
	}
	if _, err := os.Stat(filepath.Join(dir, config.ProjectFile)); err != nil {
		return fmt.Errorf("%s has no %s: give a project directory, or make one with publisher init", dir, config.ProjectFile)
	}
	project, err := loadProject(cmd, dir, config.LoadTarget)
	if err != nil {
		return err
	}
	keyName, rootName := project.KeyFiles()
	keyPath, rootPath := filepath.Join(dir, filepath.FromSlash(keyName)), filepath.Join(dir, filepath.FromSlash(rootName))
	if err := checkNew(keyPath, rootPath); err != nil {
		return err
	}
	key, err := bundle.GenerateKey()
	if err != nil {
		return failed(err)
	}
	file, err := o.keyFile(cmd, keyPath, key)
	if err != nil {
		return err
	}
	holders := bundle.Holders{Keys: []bundle.PublicKey{key.Public()}, Threshold: 1}
	now := time.Now()
	root, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.Add(o.validity), holders, holders), key)
	if err != nil {
		return failed(err)
	}
	for _, path := range []string{keyPath, rootPath} {
		if err := os.MkdirAll(filepath.Dir(path), directoryMode); err != nil {
			return failed(err)
		}
	}
	if err := durable.Create(keyPath, file, privateFileMode); err != nil {
		return failed(err)
	}
	if err := durable.Create(rootPath, root, publicFileMode); err != nil {
		return failed(err)
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s  private key %s; keep it secret\n", keyPath, key.Public().ID())
	fmt.Fprintf(out, "%s  root 1; give it to your hosts\n", rootPath)
	return nil
}

// makeKey makes a key in two files.
func (o *keygenOptions) makeKey(cmd *cobra.Command) error {
	private, public := o.out, strings.TrimSuffix(o.out, privateKeyEnding)+publicKeyEnding
	if err := checkNew(private, public); err != nil {
		return err
	}
	key, err := bundle.GenerateKey()
	if err != nil {
		return failed(err)
	}
	file, err := o.keyFile(cmd, private, key)
	if err != nil {
		return err
	}
	publicFile, err := key.Public().MarshalFile()
	if err != nil {
		return failed(err)
	}
	if err := durable.Create(private, file, privateFileMode); err != nil {
		return failed(err)
	}
	if err := durable.Create(public, publicFile, publicFileMode); err != nil {
		return failed(err)
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s  private key %s; keep it secret\n", private, key.Public().ID())
	fmt.Fprintf(out, "%s  public key\n", public)
	return nil
}

// keyFile returns the contents of a private key's file.
func (o *keygenOptions) keyFile(cmd *cobra.Command, path string, key *bundle.PrivateKey) ([]byte, error) {
	if !o.encrypt {
		file, err := key.MarshalFile()
		return file, failed(err)
	}
	passphrase, err := o.keys.passphrases(cmd).Choose(path)
	if err != nil {
		return nil, err
	}
	file, err := signer.Encrypt(key, passphrase)
	return file, failed(err)
}

// checkNew refuses paths at which there is something.
func checkNew(paths ...string) error {
	for _, path := range paths {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s exists already: hosts may trust it; remove it first if they do not", path)
		}
	}
	return nil
}
