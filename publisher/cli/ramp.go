package cli

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
	"github.com/sortition-dev/sortition/publisher/plan"
)

func newRampCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "ramp",
		Short: "Pause, resume or advance a ramp on every host, now",
		Long: `One clock drives all ramps of an experiment or flag. These commands stop it, start it, and
set it in what is live. Hosts have it with their next poll. The commands do not read the
experiments and flags of the directory, so mistakes there do not matter.

What is published from the directory afterwards keeps the clock. It is removed when the
directory no longer has such a ramp and, while the clock runs, when the directory changes
the ramp: then the times in the file count again.`,
		Example: `  publisher ramp pause new_search -m 'latency is up'
  publisher ramp jump new_search --to 10% -m 'no errors at 1%'
  publisher ramp resume new_search -m 'latency is back to normal'`,
	}, newRampPauseCommand(), newRampResumeCommand(), newRampJumpCommand())
}

func newRampPauseCommand() *cobra.Command {
	return addOperation(&cobra.Command{
		Use:   "pause KEY [DIR]",
		Short: "Keep traffic as it is",
		Long: `Pause stops the clock of the ramps of an experiment or flag. Traffic stays as it is, and
nobody enters or leaves, until the ramp is resumed or set with jump.`,
		Example: `  publisher ramp pause new_search -m 'latency is up'`,
	}, func() (operation, error) {
		return operation{(*control.Workspace).PauseRamp, (*control.Workspace).PlanPauseRamp, "paused the ramp of"}, nil
	})
}

func newRampResumeCommand() *cobra.Command {
	return addOperation(&cobra.Command{
		Use:   "resume KEY [DIR]",
		Short: "Continue a paused ramp",
		Long: `Resume starts the clock of paused ramps again. The remaining steps keep their distances:
each comes later than its file says, by as long as the ramp was paused.`,
		Example: `  publisher ramp resume new_search -m 'latency is back to normal'`,
	}, func() (operation, error) {
		return operation{(*control.Workspace).ResumeRamp, (*control.Workspace).PlanResumeRamp, "resumed the ramp of"}, nil
	})
}

func newRampJumpCommand() *cobra.Command {
	var to string
	cmd := addOperation(&cobra.Command{
		Use:   "jump KEY [DIR]",
		Short: "Begin a step of a ramp now",
		Long: `Jump begins the next step of a ramp now, or the step that --to names: by its number, from
1 in the order of time over all rules of a flag, or by its traffic. The steps that follow
keep their distances. A paused ramp stays paused.

Units leave only when a ramp jumps to an earlier step.`,
		Example: `  publisher ramp jump new_search -m 'no errors at 1%'
  publisher ramp jump new_search --to 50% -m 'ahead of the weekend'
  publisher ramp jump new_search --to 1 -m 'back to the first step'`,
	}, func() (operation, error) {
		target, err := parseTarget(to)
		return operation{
			func(w *control.Workspace, ctx context.Context, in control.OperateInput) (*control.Operated, error) {
				return w.JumpRamp(ctx, control.JumpInput{OperateInput: in, To: target})
			},
			func(w *control.Workspace, ctx context.Context, in control.OperateInput) (*plan.Plan, error) {
				return w.PlanJumpRamp(ctx, control.JumpInput{OperateInput: in, To: target})
			},
			"set the ramp of",
		}, err
	})
	cmd.Flags().StringVar(&to, "to", "", "a `step`: its number, or its traffic, for example 10% (default: the next)")
	return cmd
}

// parseTarget reads the number of a step, or its traffic.
func parseTarget(text string) (compile.Target, error) {
	if text == "" {
		return compile.Target{}, nil
	}
	if strings.HasSuffix(text, "%") {
		p, err := config.ParsePercent(text)
		if err != nil {
			return compile.Target{}, usage("--to %q: %v", text, err)
		}
		if p == 0 {
			return compile.Target{}, usage("--to %q: name a step to 0%% by its number", text)
		}
		return compile.Target{Traffic: p.Slots()}, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > model.MaxRules*model.MaxRampSteps {
		return compile.Target{}, usage("--to %q: give the number of a step, from 1, or its traffic, for example 10%%", text)
	}
	return compile.Target{Step: n}, nil
}
