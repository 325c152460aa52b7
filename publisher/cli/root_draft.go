package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

func newRootInitCommand() *cobra.Command {
	var in control.RootInput
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "init --root-key FILE --publish-key FILE --out DRAFT",
		Short: "Draft the first root",
		Long: `Init drafts root 1 from public keys. It has no signatures yet: let as many holders of root
keys as the threshold says sign it with publisher root sign.`,
		Example: `  publisher root init --root-key alice.pub --root-key bob.pub --root-key carol.pub \
      --root-threshold 2 --publish-key ci.pub --valid-for 43800h --out root-1.json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if in.Validity == 0 {
				return usage("--valid-for: must be more than zero")
			}
			in.Now = time.Now()
			r, err := control.DraftRoot(in)
			return writeRootState(cmd, format, r, err)
		},
	}
	addRole(cmd, &in.Root, "root", "signs roots")
	addRole(cmd, &in.Publish, "publish", "signs what is published")
	addDraft(cmd, &in.Validity, &in.Out)
	format = addFormat(cmd)
	return cmd
}

func newRootRotateCommand() *cobra.Command {
	var in control.RotateInput
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "rotate ROOT --out DRAFT",
		Short: "Draft the next root: other keys, other thresholds, a later expiry, a new epoch",
		Long: `Rotate drafts the root that follows ROOT. What you do not change stays as it is, except for
the expiry. Enough root keys of ROOT and enough of the draft's own must sign it.

Within an epoch, replace keys that were not stolen: what they have signed stays valid. If
a publishing key was stolen, remove it and begin a new epoch with --new-epoch. --base is
the last revision that you trust; publisher audit log lists the revisions. Hosts go on
from there and ignore every later revision of the old epoch.`,
		Example: `  publisher root rotate shop/keys/root.json --add-root-key dave.pub --remove-root-key 3fa94c20 --out root-2.json
  publisher root rotate shop/keys/root.json --remove-publish-key stolen.pub --add-publish-key new.pub \
      --new-epoch --base 17 --out root-2.json
  publisher root rotate shop/keys/root.json --out root-2.json     # a later expiry`,
		Args: oneArgument("the file of a root"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.Validity == 0 {
				return usage("--valid-for: must be more than zero")
			}
			in.From, in.Now = args[0], time.Now()
			r, err := control.RotateRoot(in)
			return writeRootState(cmd, format, r, err)
		},
	}
	addRoleChange(cmd, &in.Root, "root")
	addRoleChange(cmd, &in.Publish, "publish")
	addDraft(cmd, &in.Validity, &in.Out)
	f := cmd.Flags()
	f.BoolVar(&in.NewEpoch, "new-epoch", false, "begin a new epoch, because a publishing key was stolen")
	f.Uint64Var(&in.Base, "base", 0, "with --new-epoch: the last `revision` that counts, 0 for none")
	cmd.MarkFlagsRequiredTogether("new-epoch", "base")
	format = addFormat(cmd)
	return cmd
}

func addDraft(cmd *cobra.Command, validity *time.Duration, out *string) {
	cmd.Flags().DurationVar(validity, "valid-for", control.DefaultRootValidity, "how long hosts trust the root")
	cmd.Flags().StringVar(out, "out", "", "`file` of the draft (required)")
	markRequired(cmd, "out")
}

func addRole(cmd *cobra.Command, r *control.Role, role, what string) {
	cmd.Flags().StringArrayVar(&r.Keys, role+"-key", nil, "`file` of a public key that "+what+"; may be repeated")
	cmd.Flags().IntVar(&r.Threshold, role+"-threshold", 1, "how many of them must sign")
}

func addRoleChange(cmd *cobra.Command, r *control.RoleChange, role string) {
	f := cmd.Flags()
	f.StringArrayVar(&r.Add, "add-"+role+"-key", nil, "`file` of a public key to add; may be repeated")
	f.StringArrayVar(&r.Remove, "remove-"+role+"-key", nil, "`key` to remove: a file, an id, or at least 8 digits of an id; may be repeated")
	f.IntVar(&r.Threshold, role+"-threshold", 0, "how many must sign (default: as before)")
}

// noArguments accepts none.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("%s takes no arguments; %s", cmd.CommandPath(), usageLine(cmd))
	}
	return nil
}
