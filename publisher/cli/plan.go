package cli

import (
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

// Exit statuses of publisher plan --exit-code.
const (
	statusChanges exitStatus = 3 // a publish would change something
	statusStopped exitStatus = 4 // and a gate stops it
)

// planFlags are the flags by which a plan is made.
type planFlags struct {
	requests, cache string
	control.PlanInput
}

func (f *planFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.requests, "requests", "", "`file` of recorded requests, one JSON body of /api/v1/assign a line, to estimate with")
	flags.Float64Var(&f.PerDay, "traffic", 0, "new eligible `units` a day, to compute how long experiments take")
	flags.BoolVar(&f.Measure, "measure", false, "measure with the bucket's events of the last two weeks: exposed units, and baselines and traffic that are not given")
	addCache(cmd, &f.cache)
}

// open opens the file of recorded requests. The caller closes it with the function that is
// returned.
func (f *planFlags) open() (func(), error) {
	if f.requests == "" {
		return func() {}, nil
	}
	file, err := os.Open(f.requests)
	if err != nil {
		return nil, usage("--requests: %v", err)
	}
	f.Requests = file
	return func() { file.Close() }, nil
}

func newPlanCommand() *cobra.Command {
	var f planFlags
	var at string
	var exitCode bool
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "plan [DIR]",
		Short: "Show what a publish would do, before it does it",
		Long: `Plan compares a project directory with what is live in its bucket, and shows what a
publish would do: what changes, in words; which share of the eligible units get another
variant, counted exactly on slots; warnings; what the payload costs before and after; how
long experiments take to detect their planned effect; and which gates stop the publish.
It writes nothing but the project's cache.

Shares are of eligible units: those that the audience matches, whose prerequisites hold,
and that no holdout excludes before and after. Schedules and ramps are evaluated at the
current time, or at the time of --at.

An audience selects requests, not slots, so plan cannot count whom a changed audience
selects. It says how the new audience relates to the old one as far as the expressions
tell, and what happens to units that enter or leave. With --requests it estimates their
number from recorded requests.

Plan computes how long an experiment takes if its file has an effect under metrics. The
baseline of the metric comes from sortition.yaml, and the number of new eligible units a
day from --traffic. With --measure, plan measures what is not given with the events of the
last two weeks in the bucket, and shows how many of the units exposed in that time would
leave or switch.

In a staging environment, the project is compared with what is live in the environment
that it is promoted to: see publisher promote.

Exit status: 0 done, 1 failed, 2 wrong usage or configuration. With --exit-code, 0 means
that nothing changes, 3 that something does, and 4 that a gate stops it.`,
		Example: `  publisher plan shop
  publisher plan shop --at 2026-03-02T09:00:00Z --requests requests.jsonl
  publisher plan shop --traffic 40000 --format markdown > comment.md
  publisher plan shop --exit-code --format json | jq '.experiments[].movements[].switch'`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args)
			if err != nil {
				return err
			}
			if f.At, err = parseTime("at", at); err != nil {
				return err
			}
			closeRequests, err := f.open()
			if err != nil {
				return err
			}
			defer closeRequests()
			p, err := workspace(cmd, dir, withEvents(&f.cache)).Plan(cmd.Context(), f.PlanInput)
			if err != nil {
				return err
			}
			if err := planWriters[format.value](cmd.OutOrStdout(), p); err != nil {
				return err
			}
			switch {
			case !exitCode || !p.Changes:
				return nil
			case len(p.Stopped()) > 0:
				return statusStopped
			}
			return statusChanges
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&at, "at", "", "`time` to plan for, in RFC 3339 form (default: now)")
	flags.BoolVar(&exitCode, "exit-code", false, "tell by the exit status whether something changes")
	addFresh(cmd)
	f.add(cmd)
	format = addFormat(cmd, "text", "json", "markdown")
	return cmd
}

// parseTime reads the time of a flag; empty is the zero time.
func parseTime(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, usage("--%s %s: write the time as 2026-01-31T12:00:00Z", flag, text)
	}
	return t, nil
}
