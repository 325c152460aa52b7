package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
)

func newRampCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "ramp",
		Short: "Pause, resume or advance a ramp on every edge, now",
		Long: `The ramps of an experiment or flag go by one clock. These commands stop it, let it go on,
and set it, in what is live in the bucket of the project in DIR (default: the current
directory). Hosts have it with their next poll. The experiments and flags of the directory
are not read, so mistakes there do not matter.

What is published from the directory afterwards goes by the same clock. It is forgotten
when the directory has no such ramp any more and, once the clock runs, when the directory
changes the ramp: then the times in the file count again.`,
		Example: `  publisher ramp pause new_search -m 'latency is up'
  publisher ramp jump new_search --to 10% -m 'no errors at 1%'
  publisher ramp resume new_search -m 'latency is back to normal'`,
	}, newRampPauseCommand(), newRampResumeCommand(), newRampJumpCommand())
}

func newRampPauseCommand() *cobra.Command {
	return newRampOperation(&cobra.Command{
		Use:   "pause KEY [DIR]",
		Short: "Keep traffic as it is",
		Long: `Pause stops the clock of the ramps of an experiment or flag: traffic stays what it is,
and nobody enters or leaves, until the ramp is resumed or made to jump.`,
		Example: `  publisher ramp pause new_search -m 'latency is up'`,
	}, operation{action: audit.PauseRamp, change: compile.PauseRamp, done: "paused the ramp of"})
}

func newRampResumeCommand() *cobra.Command {
	return newRampOperation(&cobra.Command{
		Use:   "resume KEY [DIR]",
		Short: "Let a paused ramp go on",
		Long: `Resume lets the clock of paused ramps go on. The steps that are left keep their
distances: each comes later than its file says, by as long as the ramp was paused.`,
		Example: `  publisher ramp resume new_search -m 'latency is back to normal'`,
	}, operation{action: audit.ResumeRamp, change: compile.ResumeRamp, done: "resumed the ramp of"})
}

func newRampJumpCommand() *cobra.Command {
	var to string
	var target compile.Target
	jump := func(key string, now time.Time) compile.Operation { return compile.JumpRamp(key, target, now) }
	cmd := newRampOperation(&cobra.Command{
		Use:   "jump KEY [DIR]",
		Short: "Begin a step of a ramp now",
		Long: `Jump begins the next step of a ramp now, or the one that --to names: by its number, from
1 in the order of time over all rules of a flag, or by the traffic that it comes to. The
steps that follow keep their distances. A ramp that is paused stays paused.

Units leave only when a ramp jumps to an earlier step.`,
		Example: `  publisher ramp jump new_search -m 'no errors at 1%'
  publisher ramp jump new_search --to 50% -m 'ahead of the weekend'
  publisher ramp jump new_search --to 1 -m 'back to the first step'`,
		PreRunE: func(*cobra.Command, []string) (err error) {
			target, err = parseTarget(to)
			return err
		},
	}, operation{action: audit.JumpRamp, change: jump, done: "set the ramp of"})
	cmd.Flags().StringVar(&to, "to", "", "a `step`: its number, or its traffic, for example 10% (default: the next)")
	return cmd
}

// newRampOperation completes a command that carries out an operation.
func newRampOperation(cmd *cobra.Command, op operation) *cobra.Command {
	var flags revisionFlags
	cmd.Args = cobra.RangeArgs(1, 2)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return flags.operate(cmd, op, args) }
	flags.add(cmd)
	return cmd
}

// parseTarget reads the number of a step, or its traffic.
func parseTarget(text string) (compile.Target, error) {
	if text == "" {
		return compile.Target{}, nil
	}
	if strings.HasSuffix(text, "%") {
		p, err := config.ParsePercent(text)
		if err == nil && p == 0 {
			err = errors.New("a step to 0% is named by its number")
		}
		if err != nil {
			return compile.Target{}, fmt.Errorf("--to %q: %w", text, err)
		}
		return compile.Target{Traffic: p.Slots()}, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > model.MaxRules*model.MaxRampSteps {
		return compile.Target{}, fmt.Errorf("--to %q: give the number of a step, from 1, or its traffic, for example 10%%", text)
	}
	return compile.Target{Step: n}, nil
}
