package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/config"
)

// defaultRootValidity is how long a root document says that its keys are good for.
const defaultRootValidity = 5 * 365 * 24 * time.Hour

func newKeygenCommand() *cobra.Command {
	var validity time.Duration
	cmd := &cobra.Command{
		Use:   "keygen DIR",
		Short: "Make the key that signs what you publish, and the root that hosts trust",
		Long: `Keygen makes a new Ed25519 key and the signed root document that names it:

  DIR/` + config.DefaultKey + `   the private key: keep it secret, out of version control too
  DIR/` + config.DefaultRoot + `     the root: give it to every host, with edge serve --root

Whoever has the private key decides what visitors see. Keygen never overwrites a key.`,
		Example: `  publisher keygen .`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return keygen(cmd, args[0], validity)
		},
	}
	cmd.Flags().DurationVar(&validity, "valid-for", defaultRootValidity, "how long the root is good for")
	return cmd
}

func keygen(cmd *cobra.Command, dir string, validity time.Duration) error {
	if validity <= 0 {
		return errors.New("--valid-for: must be more than zero")
	}
	if _, err := os.Stat(filepath.Join(dir, config.ProjectFile)); err != nil {
		return fmt.Errorf("%s has no %s: give a project directory, or make one with publisher init", dir, config.ProjectFile)
	}
	keyPath, rootPath := filepath.Join(dir, config.DefaultKey), filepath.Join(dir, config.DefaultRoot)
	for _, path := range []string{keyPath, rootPath} {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s exists already: hosts may trust it; remove it first if they do not", path)
		}
	}
	key, err := bundle.GenerateKey()
	if err != nil {
		return failed(err)
	}
	holders := bundle.Holders{Keys: []bundle.PublicKey{key.Public()}, Threshold: 1}
	now := time.Now()
	root, err := bundle.SignRoot(bundle.NewRoot(1, 1, now, now.Add(validity), holders, holders), key)
	if err != nil {
		return failed(err)
	}
	for _, path := range []string{keyPath, rootPath} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return failed(err)
		}
	}
	if err := key.WriteFile(keyPath); err != nil {
		return failed(err)
	}
	if err := os.WriteFile(rootPath, root, 0o644); err != nil {
		return failed(err)
	}
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "%s  private key %s; keep it secret\n", keyPath, key.Public().ID())
	fmt.Fprintf(out, "%s  root 1; give it to your hosts\n", rootPath)
	return nil
}
