package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
	"github.com/sortition-dev/sortition/publisher/plan"
)

func newCanaryCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "canary",
		Short: "Offer a revision to some hosts first, then to all of them or to none",
		Long: `A canary is a group of hosts that is offered a revision first: a share of the hosts, drawn
by their ids, or the hosts with certain labels, or both. All other hosts stay with the
revision before. Then the revision is promoted, and all hosts get it; or the canary is
aborted, and all hosts have what they had before. Neither reads the directory.

Hosts report how they are doing to the collector (edge serve --collector). From these
reports, and from the exposures in the bucket, "canary start --auto" and "canary watch"
promote or abort on their own, as sortition.yaml says:

  canary:
    interval: 10m        # how long everything must be well
    hosts: 1             # of the canary that must serve the revision
    requests: 100        # that they must have answered
    error_rate: 0.1%     # a higher rate aborts, unless the other hosts fail as often
    latency_ms: 10       # of 99% of requests; a higher one aborts, unless others are as slow
    sample_ratio: true   # abort if units are not divided among variants as weighted

A revision that a host of the canary refuses is always aborted. The state of the canary is
in the bucket alone: if the watcher dies, start another.

While a canary is under way nothing else is published. Urgent changes end it: publisher
rollback, publisher kill and publisher ramp. Every host then goes back to what it had
before, with that change.`,
		Example: `  publisher canary start --share 5% --auto -m 'the new checkout'
  publisher canary start shop --label region=eu --yes
  publisher canary status --follow
  publisher canary promote
  publisher canary abort -m 'support has complaints'`,
	}, newCanaryStartCommand(), newCanaryStatusCommand(), newCanaryWatchCommand(), newCanaryPromoteCommand(), newCanaryAbortCommand())
}

func newCanaryStartCommand() *cobra.Command {
	var f publishFlags
	var watch watchFlags
	var share string
	var labels []string
	var auto bool
	cmd := &cobra.Command{
		Use:   "start [DIR]",
		Short: "Publish a project to some hosts first",
		Long: `Start compiles and publishes a project as publisher publish does, with the plan and the
gates, but offers the revision to a canary of the hosts: the share of the hosts that
--share says, of those that have one of the values of each --label. With --auto it then
does what publisher canary watch does, unless nothing changed.`,
		Example: `  publisher canary start --share 5% --yes
  publisher canary start shop --share 50% --label region=eu,us --auto --interval 30m --yes`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			canary, err := parseCanary(share, labels)
			if err != nil {
				return err
			}
			if err := watch.check(); err != nil {
				return err
			}
			p, err := f.run(cmd, args, control.PublishInput{Canary: canary})
			if err != nil || !auto || p == nil || !p.Published {
				return err
			}
			return watch.watch(cmd, args, &f.signingFlags, f.format, &f.cache)
		},
	}
	f.add(cmd)
	watch.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&share, "share", "", "`share` of the hosts, for example 5% (with --label default 100%)")
	flags.StringArrayVar(&labels, "label", nil, "`name=value,...` of hosts; may be repeated")
	flags.BoolVar(&auto, "auto", false, "watch it, and promote or abort it")
	return cmd
}

// parseCanary reads the flags that say who the canary is.
func parseCanary(share string, labels []string) (*bundle.Canary, error) {
	c := &bundle.Canary{Share: model.Slots}
	if share != "" {
		p, err := config.ParsePercent(share)
		if err != nil {
			return nil, usage("--share %q: %v", share, err)
		}
		c.Share = p.Slots()
	}
	if c.Share < 1 || c.Share == model.Slots && len(labels) == 0 {
		return nil, usage("say which hosts get the revision first: --share 5%%, or --label region=eu; for all of them use publisher publish")
	}
	values := map[string][]string{}
	for _, label := range labels {
		name, list, ok := strings.Cut(label, "=")
		if !ok || list == "" {
			return nil, usage("--label %q: write name=value, or name=value,value", label)
		}
		values[name] = append(values[name], strings.Split(list, ",")...)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		slices.Sort(values[name])
		c.Labels = append(c.Labels, bundle.Label{Name: name, Values: slices.Compact(values[name])})
	}
	return c, nil
}

// describeCanary is, for example, "5% of hosts with region=eu or us".
func describeCanary(c *bundle.Canary) string {
	text := config.Percent(c.Share).String() + " of hosts"
	for i, l := range c.Labels {
		word := " with "
		if i > 0 {
			word = " and "
		}
		text += word + l.Name + "=" + strings.Join(l.Values, " or ")
	}
	return text
}

func newCanaryPromoteCommand() *cobra.Command {
	return addEnding(&cobra.Command{
		Use:   "promote [DIR]",
		Short: "Give the revision of the canary to every host",
		Long: `Promote publishes what the canary has for every host. Hosts of the canary have it already
and load nothing.`,
		Example: `  publisher canary promote --dry-run
  publisher canary promote -m 'looks good'`,
	}, (*control.Workspace).PromoteCanary, (*control.Workspace).PlanPromoteCanary)
}

func newCanaryAbortCommand() *cobra.Command {
	return addEnding(&cobra.Command{
		Use:   "abort [DIR]",
		Short: "Give every host what it had before the canary",
		Long: `Abort publishes what the hosts outside of the canary have, as a new revision for every
host.`,
		Example: `  publisher canary abort -m 'support has complaints'`,
	}, (*control.Workspace).AbortCanary, (*control.Workspace).PlanAbortCanary)
}

// addEnding completes a command that ends a canary.
func addEnding(
	cmd *cobra.Command,
	end func(*control.Workspace, context.Context, control.Signing) (*control.CanaryEnded, error),
	planned func(*control.Workspace, context.Context) (*plan.Plan, error),
) *cobra.Command {
	var signing signingFlags
	var dryRun bool
	var format *formatValue
	cmd.Args = directoryArgument
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		dir, err := directory(args)
		if err != nil {
			return err
		}
		if err := signing.check(cmd); err != nil {
			return err
		}
		w := workspace(cmd, dir, signing.options(cmd))
		if dryRun {
			p, err := planned(w, cmd.Context())
			if err != nil {
				return err
			}
			return planWriters[format.value](cmd.OutOrStdout(), p)
		}
		e, err := end(w, cmd.Context(), signing.Signing)
		if err != nil {
			return err
		}
		return writeEnded(cmd, format, e)
	}
	signing.add(cmd)
	addDryRun(cmd, &dryRun)
	format = addFormat(cmd)
	return cmd
}

func writeEnded(cmd *cobra.Command, format *formatValue, e *control.CanaryEnded) error {
	warn(cmd, e.Warnings)
	return format.write(cmd.OutOrStdout(), e, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s: every host gets revision %d of %s\n", e.Ended, e.Revision, e.Environment)
		return err
	})
}
