package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
)

func newKillCommand() *cobra.Command {
	var flags revisionFlags
	var undo bool
	cmd := &cobra.Command{
		Use:   "kill KEY [DIR]",
		Short: "Stop an experiment or flag on every edge, now",
		Long: `Kill changes what is live in the bucket of the project in DIR (default: the current
directory): the experiment assigns nobody from then on, overrides included, and the flag
gives its default. Hosts have it with their next poll. The experiments and flags of the
directory are not read, so mistakes there do not matter.

A kill ends a canary that is under way: every host goes back to what was before, with the
kill.

The kill stays, whatever is published from the directory, until it is undone. What the
directory pauses stays paused then.

Exit status: 0 done, or done before; 1 failed; 2 wrong usage or configuration.`,
		Example: `  publisher kill checkout_button -m 'errors on Safari'
  publisher kill checkout_button shop -m 'errors on Safari'
  publisher kill checkout_button --undo -m 'fixed'`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if undo {
				undoKill := func(key string, _ time.Time) compile.Operation { return compile.UndoKill(key) }
				return flags.operate(cmd, operation{action: audit.UndoKill, change: undoKill, done: "undid the kill of"}, args)
			}
			return flags.operate(cmd, operation{audit.Kill, compile.Kill, compile.KillAhead, "killed"}, args)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&undo, "undo", false, "let it go on")
	return cmd
}
