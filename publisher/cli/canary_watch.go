package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

// watchFlags say how a canary is watched.
type watchFlags struct {
	control.CanaryInput
	Every time.Duration
}

func (f *watchFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.DurationVar(&f.Every, "every", control.DefaultEvery, "time between two looks")
	flags.DurationVar(&f.Interval, "interval", 0, "how long everything must be well (default: as sortition.yaml says)")
}

func (f *watchFlags) check() error {
	if f.Every == 0 { // which control takes for the default
		return usage("--every: must be at least %v", control.MinEvery)
	}
	in := control.WatchInput{CanaryInput: f.CanaryInput, Every: f.Every}
	return in.Check()
}

func newCanaryWatchCommand() *cobra.Command {
	var f watchFlags
	var signing signingFlags
	var cache string
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "watch [DIR]",
		Short: "Wait for the outcome of a canary, and promote or abort it",
		Long: `Watch looks at the canary that is under way until it can be promoted or must be aborted, as
sortition.yaml says, and does so. The reason is the message of the new revision and stands
in the audit log.

Exit status: 0 promoted; 1 aborted, or ended by somebody else; 2 wrong usage or
configuration.`,
		Example: `  publisher canary watch
  publisher canary watch shop --interval 1h`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := signing.check(cmd); err != nil {
				return err
			}
			if err := f.check(); err != nil {
				return err
			}
			return f.watch(cmd, args, &signing, format, &cache)
		},
	}
	signing.addWithoutMessage(cmd)
	f.add(cmd)
	addCache(cmd, &cache)
	format = addFormat(cmd)
	return cmd
}

// watch promotes or aborts the canary that is under way.
func (f *watchFlags) watch(cmd *cobra.Command, args []string, signing *signingFlags, format *formatValue, cache *string) error {
	dir, err := directory(args)
	if err != nil {
		return err
	}
	stderr := cmd.ErrOrStderr()
	screen := screen{out: stderr, redraw: isTerminal(stderr)}
	ended, err := workspace(cmd, dir, signing.options(cmd), withEvents(cache)).WatchCanary(cmd.Context(), control.WatchInput{
		CanaryInput: f.CanaryInput, Validity: signing.Validity, Every: f.Every, See: screen.show,
		Failed: func(err error) {
			fmt.Fprintf(stderr, "looking failed, and is tried again: %v\n", err)
			screen.last = nil
		},
	})
	if err != nil {
		return err
	}
	if err := writeEnded(cmd, format, ended); err != nil {
		return err
	}
	if ended.Ended == control.CanaryAborted {
		return fmt.Errorf("the canary was aborted: %s", ended.Message)
	}
	return nil
}
