package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
)

func newKeygenCommand() *cobra.Command {
	var in control.KeygenInput
	var keys keyFlags
	var out string
	var encrypt bool
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "keygen [DIR] | --out FILE",
		Short: "Make the key that signs what you publish, and the root that hosts trust",
		Long: `Keygen makes a new Ed25519 key for a project, and the signed root document that trusts it:

  DIR/` + config.DefaultKey + `   the private key: keep it secret, and out of version control
  DIR/` + config.DefaultRoot + `     the root: give it to every host, with edge serve --root

With --environment staging they are DIR/keys/staging/publish.key and root.json.

The holder of this key decides what visitors see, and may replace the key. To separate the
two rights, or to share them among several people, make a key for each person with --out,
and make a root from their public keys with publisher root init. --out alice.key makes

  alice.key   the private key
  alice.pub   the public key, to give to others

With --encrypt the private key is encrypted with a passphrase, in the age format. Keygen
never overwrites a key.`,
		Example: `  publisher keygen
  publisher keygen shop --environment staging
  publisher keygen --out alice.key --encrypt`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && out != "" {
				return usage("give either a project directory or --out")
			}
			return directoryArgument(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("valid-for") && in.Validity == 0 {
				return usage("--valid-for: must be more than zero")
			}
			if encrypt {
				in.Passphrase = func(path string) (string, error) {
					passphrase, err := keys.passphrases(cmd).Choose(path)
					if err != nil && !errors.Is(err, context.Canceled) {
						err = usage("%v", err)
					}
					return passphrase, err
				}
			}
			made, err := makeKey(cmd, args, out, in)
			if err != nil {
				return err
			}
			return format.write(cmd.OutOrStdout(), made, func(w io.Writer) error { return writeKeys(w, made) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&out, "out", "", "make a key without a root, in this `file`")
	f.BoolVar(&encrypt, "encrypt", false, "encrypt the private key with a passphrase")
	f.DurationVar(&in.Validity, "valid-for", control.DefaultRootValidity, "how long hosts trust the root")
	keys.addPassphrase(cmd)
	format = addFormat(cmd)
	return cmd
}

func makeKey(cmd *cobra.Command, args []string, out string, in control.KeygenInput) (*control.Keys, error) {
	if out != "" {
		return control.NewKey(out, in)
	}
	dir, err := directory(args)
	if err != nil {
		return nil, err
	}
	return workspace(cmd, dir).Keygen(in)
}

func writeKeys(w io.Writer, k *control.Keys) error {
	_, err := fmt.Fprintf(w, "%s  private key %s; keep it secret\n", k.Private, k.ID)
	if k.Public != "" {
		_, err = fmt.Fprintf(w, "%s  public key\n", k.Public)
	}
	if k.Root != "" {
		_, err = fmt.Fprintf(w, "%s  root 1; give it to your hosts\n", k.Root)
	}
	return err
}
