package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
	"github.com/sortition-dev/sortition/publisher/plan"
)

// operation is a use case that changes one live experiment or flag, and its plan.
type operation struct {
	do   func(*control.Workspace, context.Context, control.OperateInput) (*control.Operated, error)
	plan func(*control.Workspace, context.Context, control.OperateInput) (*plan.Plan, error)
	done string // what has been done, for example "killed"
}

// addOperation completes a command that carries out the operation that choose returns.
func addOperation(cmd *cobra.Command, choose func() (operation, error)) *cobra.Command {
	var signing signingFlags
	var dryRun bool
	var format *formatValue
	cmd.Args = keyAndDirectory
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		op, err := choose()
		if err != nil {
			return err
		}
		dir, err := directory(args[1:])
		if err != nil {
			return err
		}
		if err := signing.check(cmd); err != nil {
			return err
		}
		in := control.OperateInput{Signing: signing.Signing, Key: args[0]}
		w := workspace(cmd, dir, signing.options(cmd))
		if dryRun {
			p, err := op.plan(w, cmd.Context(), in)
			if err != nil {
				return err
			}
			return planWriters[format.value](cmd.OutOrStdout(), p)
		}
		o, err := op.do(w, cmd.Context(), in)
		if err != nil {
			return err
		}
		warn(cmd, o.Warnings)
		if o.EndedCanary != 0 {
			fmt.Fprintf(cmd.ErrOrStderr(), "the canary of revision %d is over: every host goes back to revision %d, with this change\n", o.EndedCanary, o.Stable)
		}
		return format.write(cmd.OutOrStdout(), o, func(w io.Writer) error { return writeOperated(w, op.done, o) })
	}
	signing.add(cmd)
	addDryRun(cmd, &dryRun)
	format = addFormat(cmd)
	return cmd
}

func writeOperated(w io.Writer, done string, o *control.Operated) error {
	if o.Published {
		fmt.Fprintf(w, "%s %s: revision %d of %s\n", done, o.Key, o.Revision, o.Environment)
	} else {
		fmt.Fprintf(w, "%s %s before: revision %d of %s is live\n", done, o.Key, o.Revision, o.Environment)
	}
	switch {
	case o.Kind == "":
		fmt.Fprintf(w, "it is not part of what is live\n")
	case o.Gives != "":
		fmt.Fprintf(w, "it gives everybody %s\n", o.Gives)
	case o.Killed:
		fmt.Fprintf(w, "it assigns nobody\n")
	}
	var err error
	for _, s := range o.Ramps {
		err = writeRamp(w, o, s)
	}
	return err
}

func writeRamp(w io.Writer, o *control.Operated, s control.RampState) error {
	if o.Kind == "flag" {
		fmt.Fprintf(w, "rule %d: ", s.Rule)
	}
	fmt.Fprintf(w, "traffic %s", s.Traffic)
	if o.Paused {
		fmt.Fprint(w, " until the ramp is resumed")
	}
	for _, next := range s.Next {
		fmt.Fprintf(w, ", %s from %s on", next.Traffic, next.At.Format(time.RFC3339))
	}
	_, err := fmt.Fprintln(w)
	return err
}
