package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

func newRootCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "root",
		Short: "Say whose signatures count: make, sign and publish root documents",
		Long: `A root document names the keys that hosts trust: root keys, which sign the next root, and
publishing keys, which sign what is published. A threshold says how many of each must sign.
Hosts are given one root and follow the later ones on their own.

Init and rotate make a draft. One person after the other signs it with sign, each on a
machine of their own, which need not be online. Publish publishes it. The draft is one
file, which travels between them.

If a publishing key is stolen, begin a new epoch: hosts that have the new root ignore
everything the thief has published or will publish. A stolen root key does no harm while
the thief has fewer than the threshold; replace it.`,
		Example: `  publisher keygen --out alice.key --encrypt           # each person, and so on
  publisher root init --root-key alice.pub --root-key bob.pub --root-key carol.pub \
      --root-threshold 2 --publish-key ci.pub --out root-1.json
  publisher root sign root-1.json --key alice.key
  publisher root sign root-1.json --key bob.key
  publisher root publish root-1.json shop

  publisher root rotate shop/keys/root.json --remove-publish-key ci.pub \
      --add-publish-key new.pub --new-epoch --base 17 --out root-2.json`,
	}, newRootInitCommand(), newRootRotateCommand(), newRootSignCommand(), newRootShowCommand(), inEnvironment(newRootPublishCommand)())
}

func newRootShowCommand() *cobra.Command {
	var before string
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a root or a draft: its keys, who has signed, and what is missing",
		Example: `  publisher root show shop/keys/root.json
  publisher root show root-2.json --root shop/keys/root.json --format json`,
		Args: oneArgument("the file of a root"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := control.ShowRoot(args[0], before)
			return writeRootState(cmd, format, r, err)
		},
	}
	cmd.Flags().StringVar(&before, "root", "", "`file` of the root that it follows, to check that one's signatures too")
	format = addFormat(cmd)
	return cmd
}

func newRootSignCommand() *cobra.Command {
	var keys keyFlags
	var before string
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "sign DRAFT --key KEY",
		Short: "Sign a draft",
		Long: `Sign adds signatures to a draft, in its file, and shows what was signed. It needs no
network. Look at the draft first with publisher root show, and compare it with what the
other signers see.

To sign with a root key that the draft removes, name the root before with --root.`,
		Example: `  publisher root sign root-2.json --key alice.key
  publisher root sign root-2.json --key exec:yubikey-signer --root root-1.json`,
		Args: oneArgument("the file of a draft"),
		RunE: func(cmd *cobra.Command, args []string) error {
			signers, err := keys.open(cmd, keys.names)
			if err != nil {
				return err
			}
			r, err := control.SignRoot(args[0], before, signers)
			return writeRootState(cmd, format, r, err)
		},
	}
	keys.add(cmd, "")
	cmd.Flags().StringVar(&before, "root", "", "`file` of the root that the draft follows")
	markRequired(cmd, "key")
	format = addFormat(cmd)
	return cmd
}

func newRootPublishCommand() *cobra.Command {
	var signing signingFlags
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "publish ROOT [DIR]",
		Short: "Publish a signed root to a project's bucket",
		Long: `Publish checks that the root follows the newest one in the bucket and that enough keys
have signed it, and puts it there. Then it signs the live revision again with the
publishing keys of the new root, which hosts that follow the root need, and makes the root
the one of the project directory.

If it was interrupted, run it again.`,
		Example: `  publisher root publish root-2.json -m 'the key of the build server was stolen'
  publisher root publish root-2.json shop --key new.key`,
		Args: argumentsAndDirectory(1, "the file of a root"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args[1:])
			if err != nil {
				return err
			}
			if err := signing.check(cmd); err != nil {
				return err
			}
			p, err := workspace(cmd, dir, signing.options(cmd)).PublishRoot(cmd.Context(), control.PublishRootInput{Signing: signing.Signing, File: args[0]})
			if err != nil {
				return err
			}
			warn(cmd, p.Warnings)
			return format.write(cmd.OutOrStdout(), p, func(w io.Writer) error { return writePublishedRoot(w, p) })
		},
	}
	signing.add(cmd)
	format = addFormat(cmd)
	return cmd
}

func writePublishedRoot(w io.Writer, p *control.PublishedRoot) error {
	fmt.Fprintf(w, "root %d is published: hosts follow it within a minute\n", p.Version)
	if p.Revision != 0 {
		fmt.Fprintf(w, "revision %d of %s is signed under it\n", p.Revision, p.Environment)
	}
	_, err := fmt.Fprintf(w, "%s is root %d now: commit it, and give it to new hosts\n", p.File, p.Version)
	return err
}

// writeRootState writes what a command about a root or draft came to.
func writeRootState(cmd *cobra.Command, format *formatValue, r *control.RootState, err error) error {
	if err != nil {
		return err
	}
	return format.write(cmd.OutOrStdout(), r, func(w io.Writer) error { return writeRoot(w, r) })
}

func writeRoot(w io.Writer, r *control.RootState) error {
	fmt.Fprintf(w, "root %d  %s\n", r.Version, r.SHA256)
	if r.Version > 1 {
		fmt.Fprintf(w, "follows root %d  %s\n", r.Version-1, r.Previous)
	}
	fmt.Fprintf(w, "epoch %d", r.Epoch)
	if r.Epoch > 1 {
		fmt.Fprintf(w, ", after revision %d", r.Base)
	}
	fmt.Fprintf(w, "; created %s, expires %s\n", r.Created.Format(time.RFC3339), r.Expires.Format(time.RFC3339))
	writeSigners(w, "root keys", &r.Root)
	if r.Before != nil {
		writeSigners(w, fmt.Sprintf("root keys of root %d", r.Version-1), r.Before)
	}
	fmt.Fprintf(w, "publishing keys, of which %d must sign:\n", r.Publish.Threshold)
	for _, id := range r.Publish.Keys {
		fmt.Fprintf(w, "           %s\n", id)
	}
	var err error
	switch {
	case !r.Complete:
		_, err = fmt.Fprintln(w, "not complete: signatures are missing or wrong")
	case r.Version > 1 && r.Before == nil:
		_, err = fmt.Fprintf(w, "enough of its own keys have signed; to check the keys of root %d too, name it with --root\n", r.Version-1)
	default:
		_, err = fmt.Fprintln(w, "complete")
	}
	return err
}

func writeSigners(w io.Writer, what string, s *control.RootSigners) {
	fmt.Fprintf(w, "%s, of which %d must sign:\n", what, s.Threshold)
	for _, key := range s.Keys {
		fmt.Fprintf(w, "  %-7s  %s\n", key.Signature, key.ID)
	}
}

// markRequired marks flags that the command cannot do without.
func markRequired(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err) // the command has no such flag
		}
	}
}
