package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/signer"
)

// Environment variables that stand for the project's keys.
const (
	keyVariable     = "SORTITION_KEY"      // the contents of a key's file
	keyFileVariable = "SORTITION_KEY_FILE" // its path
)

// keyFlags name the keys that a command signs with.
type keyFlags struct {
	names          []string
	passphraseFile string
}

// add adds the flags to a command. What is taken without --key is said by otherwise.
func (k *keyFlags) add(cmd *cobra.Command, otherwise string) {
	cmd.Flags().StringArrayVar(&k.names, "key", nil,
		"a `key` to sign with: FILE, env:VARIABLE or exec:COMMAND; may be repeated"+otherwise)
	k.addPassphrase(cmd)
}

func (k *keyFlags) addPassphrase(cmd *cobra.Command) {
	cmd.Flags().StringVar(&k.passphraseFile, "passphrase-file", "",
		"`file` with the passphrase of encrypted keys (default: $"+signer.PassphraseVariable+", or the terminal)")
}

// project opens the keys that the flags name, or else the environment, or else the
// project.
func (k *keyFlags) project(cmd *cobra.Command, names []string) ([]bundle.Signer, error) {
	switch {
	case len(k.names) > 0:
		names = k.names
	case os.Getenv(keyVariable) != "":
		names = []string{"env:" + keyVariable}
	case os.Getenv(keyFileVariable) != "":
		names = []string{os.Getenv(keyFileVariable)}
	}
	return k.open(cmd, names)
}

// open opens keys.
func (k *keyFlags) open(cmd *cobra.Command, names []string) ([]bundle.Signer, error) {
	opener := signer.Opener{Passphrase: k.passphrases(cmd).Get, Stderr: cmd.ErrOrStderr()}
	var signers []bundle.Signer
	for _, name := range names {
		s, err := opener.Open(cmd.Context(), name)
		if errors.Is(err, fs.ErrNotExist) && signer.InFile(name) {
			return nil, usage("there is no key %s: make one with publisher keygen, or name it with --key", name)
		}
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		if err != nil {
			return nil, usage("%v", err)
		}
		signers = append(signers, s)
	}
	return signers, nil
}

func (k *keyFlags) passphrases(cmd *cobra.Command) *signer.Passphrases {
	return &signer.Passphrases{
		File: k.passphraseFile, Stdin: cmd.InOrStdin(), Prompt: cmd.ErrOrStderr(), Done: cmd.Context().Done(),
	}
}
