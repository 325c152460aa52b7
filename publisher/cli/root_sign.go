package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

type rootSignOptions struct {
	keys   keyFlags
	before string
}

func newRootSignCommand() *cobra.Command {
	var o rootSignOptions
	cmd := &cobra.Command{
		Use:   "sign DRAFT --key KEY",
		Short: "Sign a draft",
		Long: `Sign adds signatures to a draft, in its file, and shows what was signed. It works without
a network. Look at the draft first, with publisher root show, and compare what it says with
the other signers.

The root keys that the draft removes must be those of the root before: show it with --root.`,
		Example: `  publisher root sign root-2.json --key alice.key
  publisher root sign root-2.json --key exec:yubikey-signer --root root-1.json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args[0]) },
	}
	o.keys.add(cmd, "")
	cmd.Flags().StringVar(&o.before, "root", "", "`file` of the root that the draft follows")
	markRequired(cmd, "key")
	return cmd
}

func (o *rootSignOptions) run(cmd *cobra.Command, path string) error {
	draft, err := readDraft(path)
	if err != nil {
		return err
	}
	before, err := readRootBefore(o.before, draft.Root())
	if err != nil {
		return err
	}
	signers, err := o.keys.open(cmd, o.keys.names)
	if err != nil {
		return err
	}
	allowed := rootHolders(draft.Root()).Keys
	if before != nil {
		allowed = slices.Concat(allowed, rootHolders(before).Keys)
	}
	for i, s := range signers {
		if !slices.Contains(allowed, s.Public()) {
			return fmt.Errorf("--key %s: key %s is no root key of root %d%s", o.keys.names[i], s.Public().ID(), draft.Root().Version, elsewhere(draft.Root(), before))
		}
	}
	if err := draft.Sign(signers...); err != nil {
		return failed(err)
	}
	data, err := draft.Envelope()
	if err != nil {
		return failed(err)
	}
	if err := durable.Replace(path, data, publicFileMode); err != nil {
		return failed(err)
	}
	writeRoot(cmd.OutOrStdout(), describeRoot(draft, before))
	return nil
}

// elsewhere says where else a key may have the right to sign.
func elsewhere(r, before *bundle.Root) string {
	switch {
	case before != nil:
		return fmt.Sprintf(", nor of root %d", before.Version)
	case r.Version > 1:
		return fmt.Sprintf("; if it is one of root %d, name that with --root", r.Version-1)
	}
	return ""
}
