package cli

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/revision"
)

func newDiffCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "diff REVISION REVISION [DIR]",
		Short: "Say how two revisions differ",
		Long: `Diff compares two revisions of a project's bucket as publisher plan compares a directory
with what is live: what changed, in words, and exactly how many of the eligible units are
given something else. Schedules and ramps are looked at as of now. The first revision is
the one before; a - stands for the live one.`,
		Example: `  publisher diff 41 42
  publisher diff 38 - shop
  publisher diff 41 42 shop --format markdown`,
		Args: cobra.RangeArgs(2, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			write := planWriters[format]
			if write == nil {
				return fmt.Errorf("--format %q: use text, json or markdown", format)
			}
			r, err := openRemote(cmd, directory(args[2:]), config.LoadTarget)
			if err != nil {
				return err
			}
			before, err := r.revision(cmd, args[0])
			if err != nil {
				return err
			}
			after, err := r.revision(cmd, args[1])
			if err != nil {
				return err
			}
			return failed(write(cmd.OutOrStdout(), plan.Compare(before, *after, time.Now()).Difference()))
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, json or markdown")
	return cmd
}

// revision is the revision that an argument names.
func (r *remote) revision(cmd *cobra.Command, name string) (*plan.State, error) {
	var found *revision.Revision
	var err error
	if name == "-" {
		if found, err = r.live(cmd.Context()); err != nil {
			return nil, err
		}
		if found == nil {
			return nil, failed(fmt.Errorf("nothing is live in %s yet", r.project.Environment))
		}
	} else {
		number, err := strconv.ParseUint(name, 10, 64)
		if err != nil || number == 0 {
			return nil, fmt.Errorf("%q is not the number of a revision", name)
		}
		chain, err := r.chain(cmd.Context())
		if err != nil {
			return nil, err
		}
		if found, err = revision.At(cmd.Context(), r.store, chain, r.project.Environment, number); err != nil {
			return nil, failed(err)
		}
	}
	state, err := liveState(cmd.Context(), r, found)
	return state, failed(err)
}
