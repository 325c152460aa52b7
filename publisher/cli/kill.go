package cli

import (
	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

func newKillCommand() *cobra.Command {
	var undo bool
	cmd := addOperation(&cobra.Command{
		Use:   "kill KEY [DIR]",
		Short: "Stop an experiment or flag on every host, now",
		Long: `Kill changes what is live: the experiment assigns nobody from then on, overrides included,
and the flag gives its default. Hosts have it with their next poll. Kill does not read the
experiments and flags of the directory, so mistakes there do not matter.

A kill ends a canary and reaches every host: all go back to the revision before the
canary, with the kill.

The kill stays in force, whatever is published from the directory, until it is undone.
Undoing it does not start what the directory pauses.

Exit status: 0 done, or done before; 1 failed; 2 wrong usage or configuration.`,
		Example: `  publisher kill checkout_button -m 'errors on Safari'
  publisher kill checkout_button shop -m 'errors on Safari'
  publisher kill checkout_button --dry-run
  publisher kill checkout_button --undo -m 'fixed'`,
	}, func() (operation, error) {
		if undo {
			return operation{(*control.Workspace).UndoKill, (*control.Workspace).PlanUndoKill, "undid the kill of"}, nil
		}
		return operation{(*control.Workspace).Kill, (*control.Workspace).PlanKill, "killed"}, nil
	})
	cmd.Flags().BoolVar(&undo, "undo", false, "take the kill back")
	return cmd
}
