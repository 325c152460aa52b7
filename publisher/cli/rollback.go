package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

func newRollbackCommand() *cobra.Command {
	var in control.RollbackInput
	var signing signingFlags
	var approval approvalFlags
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "rollback [DIR]",
		Short: "Publish an earlier payload again",
		Long: `Rollback publishes an earlier payload as a new revision: by default the last one that
differs from the live one. The payload is the same, byte for byte; it is still in the
bucket, and hosts have it with their next poll. Rollback does not read the experiments
and flags of the directory, so mistakes there do not matter.

It shows what changes on standard error, and asks. In scripts give --yes. No gate stops a
rollback. It ends a canary: every host gets the earlier payload, by default what the
hosts outside of the canary have. To go back to a revision that only a canary had, give
its number.

Two things stay. What was killed by command stays killed: the payload is then the earlier
one with these kills. And slots and phases that were allocated since stay allocated: the
next publish from the directory does not give them to others.

Then change the directory to what you want. Until you do, the next publish brings back
what you have taken back.`,
		Example: `  publisher history
  publisher rollback -m 'checkout is slow'
  publisher rollback shop --to 41 -m 'checkout is slow' --yes
  publisher rollback --to 41 --dry-run`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("to") && in.To == 0 {
				return usage("--to: revisions count from 1")
			}
			if err := signing.check(cmd); err != nil {
				return err
			}
			if err := approval.open(cmd); err != nil {
				return err
			}
			in.Signing, in.Approve = signing.Signing, approval.Approve
			w := workspace(cmd, dir, signing.options(cmd))
			if approval.dryRun {
				p, err := w.PlanRollback(cmd.Context(), in)
				if err != nil {
					return err
				}
				return planWriters[format.value](cmd.OutOrStdout(), p)
			}
			r, err := w.Rollback(cmd.Context(), in)
			if err != nil {
				return err
			}
			warn(cmd, r.Warnings)
			if r.EndedCanary != 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "the canary of revision %d is over: every host goes back to revision %d\n", r.EndedCanary, r.To)
			}
			return format.write(cmd.OutOrStdout(), r, func(w io.Writer) error { return writeRolledBack(w, r) })
		},
	}
	signing.add(cmd)
	approval.add(cmd)
	cmd.Flags().Uint64Var(&in.To, "to", 0, "`revision` whose payload to publish (default: the last with another payload for every host)")
	format = addFormat(cmd)
	return cmd
}

func writeRolledBack(w io.Writer, r *control.RolledBack) error {
	if !r.Published {
		_, err := fmt.Fprintf(w, "nothing to roll back: revision %d of %s has what revision %d had\n", r.Revision, r.Environment, r.To)
		return err
	}
	fmt.Fprintf(w, "rolled back to revision %d: revision %d of %s\n", r.To, r.Revision, r.Environment)
	_, err := fmt.Fprintf(w, "payload %s\n", r.Payload.Raw.SHA256)
	for _, key := range r.Killed {
		_, err = fmt.Fprintf(w, "%s was killed since, and stays killed\n", key)
	}
	return err
}
