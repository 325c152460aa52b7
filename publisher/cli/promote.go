package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/control"
)

func newPromoteCommand() *cobra.Command {
	var in control.PromoteInput
	var signing signingFlags
	var approval approvalFlags
	var expect string
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "promote [DIR]",
		Short: "Publish what was tested in another environment, byte for byte",
		Long: `Promote publishes the payload that is live in another environment of the project: the
same bytes, with the core that they were tested with, signed by the keys of the
environment that they are promoted to. It does not read the experiments and flags of the
directory.

sortition.yaml names the other environments:

  environment: production
  bucket: s3://shop
  environments:
    staging: {bucket: s3://shop-staging}   # keys/staging/root.json, keys/staging/publish.key

What is published to one of them continues what is live in the project's own environment,
so promoting it moves no unit that the plan does not name. If something was published in
between, such as a kill, the promotion is refused: publish to the other environment
again, which keeps the change, and test that. Heartbeats do not matter.

Promote verifies the other environment with that one's own root. With --expect it
publishes only the payload with that SHA-256, which publish prints: give the one that you
tested.

It shows what changes on standard error, and asks. In scripts give --yes. Gates stop it as
they stop a publish; what they require of files was checked in the other environment.`,
		Example: `  publisher publish shop --environment staging --yes
  publisher promote shop --from staging --dry-run
  publisher promote shop --from staging --expect sha256:5b1c… -m 'tested on staging' --yes
  publisher promote shop --from development --environment staging`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("revision") && in.Revision == 0 {
				return usage("--revision: revisions count from 1")
			}
			if in.Expect, err = parseHash(expect); err != nil {
				return err
			}
			if err := signing.check(cmd); err != nil {
				return err
			}
			if err := approval.open(cmd); err != nil {
				return err
			}
			in.Signing, in.Approval = signing.Signing, approval.Approval
			w := workspace(cmd, dir, signing.options(cmd))
			if approval.dryRun {
				p, err := w.PlanPromotion(cmd.Context(), in)
				if err != nil {
					return err
				}
				return planWriters[format.value](cmd.OutOrStdout(), p)
			}
			p, err := w.Promote(cmd.Context(), in)
			if err != nil {
				return err
			}
			warn(cmd, p.Warnings)
			return format.write(cmd.OutOrStdout(), p, func(w io.Writer) error { return writePromoted(w, p) })
		},
	}
	signing.add(cmd)
	approval.add(cmd)
	approval.addOverrides(cmd)
	flags := cmd.Flags()
	flags.StringVar(&in.From, "from", "", "`environment` whose payload to promote")
	flags.Uint64Var(&in.Revision, "revision", 0, "`revision` of that environment to promote (default: the live one)")
	flags.StringVar(&expect, "expect", "", "`SHA-256` that the payload must have, as sha256:HEX")
	format = addFormat(cmd)
	return cmd
}

func parseHash(text string) (*bundle.Hash, error) {
	if text == "" {
		return nil, nil
	}
	var h bundle.Hash
	if err := h.UnmarshalText([]byte(strings.TrimPrefix(text, "sha256:"))); err != nil {
		return nil, usage("--expect %s: give the payload's SHA-256 as publish prints it: %v", text, err)
	}
	return &h, nil
}

func writePromoted(w io.Writer, p *control.Promoted) error {
	if !p.Published {
		_, err := fmt.Fprintf(w, "nothing to promote: revision %d of %s has what revision %d of %s has\n",
			p.Revision, p.Environment, p.From.Revision, p.From.Environment)
		return err
	}
	fmt.Fprintf(w, "promoted revision %d of %s: revision %d of %s\n", p.From.Revision, p.From.Environment, p.Revision, p.Environment)
	fmt.Fprintf(w, "payload %s\n", p.Payload.Raw.SHA256)
	_, err := fmt.Fprintf(w, "audit head %s\n", p.Head)
	return err
}
