package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/publish"
)

func newRolloutCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "rollout",
		Short: "Offer a revision to some hosts first, then to all of them or to none",
		Long: `A rollout publishes a revision that only a canary of the hosts takes: a share of them, by a
draw of each host's id, or those of some labels, or both. All others stay with the
revision before. Then it is promoted, and all hosts have it; or it is reverted, and
all have what was before. Neither needs the directory.

Hosts report how they are doing to the collector (edge serve --collector). By these
reports, and by the exposures in the bucket, "rollout start --auto" and "rollout watch"
promote or revert by themselves, as sortition.yaml says:

  rollout:
    interval: 10m        # how long everything must be well
    hosts: 1             # of the canary that must serve the revision
    requests: 100        # that they must have answered
    error_rate: 0.1%     # more is reverted, unless as many fail on the other hosts
    latency_ms: 10       # of 99% of requests; more is reverted, unless others are as slow
    sample_ratio: true   # units that are not divided as the weights say are reverted

A revision that a host of the canary refuses is always reverted. What is under way is
written in the bucket alone: if the watcher dies, start another.

While a rollout is under way nothing else is published. What cannot wait ends it: publisher
rollback; and killing an experiment, and what is done to ramps, by which every host goes
back to what was before, with that change.`,
		Example: `  publisher rollout start shop --share 5% --auto -m 'the new checkout'
  publisher rollout start shop --label region=eu --yes
  publisher rollout status shop --watch
  publisher rollout promote shop
  publisher rollout revert shop -m 'support has complaints'`,
	}, newRolloutStartCommand(), newRolloutStatusCommand(), newRolloutWatchCommand(),
		newRolloutEndCommand(promotion), newRolloutEndCommand(reversion))
}

func newRolloutStartCommand() *cobra.Command {
	var o publishOptions
	var w watchFlags
	var share string
	var labels []string
	var auto bool
	cmd := &cobra.Command{
		Use:   "start DIR",
		Short: "Publish a project to a canary of the hosts",
		Long: `Start compiles and publishes a project as publisher publish does, with the plan and the
gates, but offers the revision to a canary of the hosts only: to the share of hosts that
--share says, of those that have one of the values of each --label. With --auto it goes on
as publisher rollout watch.`,
		Example: `  publisher rollout start . --share 5% --yes
  publisher rollout start . --share 50% --label region=eu,us --auto --interval 30m --yes`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.offer, err = parseCanary(share, labels); err != nil {
				return err
			}
			if err := w.check(); err != nil {
				return err
			}
			if err := o.run(cmd, args[0]); err != nil || !auto {
				return err
			}
			w.cache = o.basis.cache
			return w.watch(cmd, &o.revisionFlags, args[0])
		},
	}
	o.revisionFlags.add(cmd)
	o.planFlags.add(cmd)
	o.consentFlags.add(cmd)
	w.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&share, "share", "", "`share` of the hosts, for example 5% (with --label default 100%)")
	flags.StringArrayVar(&labels, "label", nil, "`name=value,...` of hosts; may be repeated")
	flags.BoolVar(&auto, "auto", false, "watch it, and promote or revert it")
	return cmd
}

// parseCanary reads the flags that say who the canary is.
func parseCanary(share string, labels []string) (*bundle.Canary, error) {
	c := &bundle.Canary{Share: model.Slots}
	if share != "" {
		p, err := config.ParsePercent(share)
		if err != nil {
			return nil, fmt.Errorf("--share %q: %w", share, err)
		}
		c.Share = p.Slots()
	}
	if c.Share < 1 || c.Share == model.Slots && len(labels) == 0 {
		return nil, errors.New("say which hosts are offered the revision first: --share 5%, or --label region=eu; for all of them use publisher publish")
	}
	values := map[string][]string{}
	for _, label := range labels {
		name, list, ok := strings.Cut(label, "=")
		if !ok || list == "" {
			return nil, fmt.Errorf("--label %q: give name=value, or name=value,value", label)
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

// ending is a way in which a rollout ends.
type ending struct {
	action                  audit.Action
	build                   publish.Build
	use, short, long, usage string
	done                    string
}

var (
	promotion = ending{
		action: audit.PromoteRollout, build: publish.Promote,
		use: "promote DIR", short: "Offer what the canary has to all hosts", done: "promoted",
		long: `Promote publishes what is offered to the canary for every host. Hosts of the canary have it
already and load nothing.`,
		usage: `  publisher rollout promote . -m 'looks good'`,
	}
	reversion = ending{
		action: audit.RevertRollout, build: publish.Revert,
		use: "revert DIR", short: "Take an offer back: all hosts have what was before", done: "reverted",
		long:  `Revert publishes, as a new revision for every host, what the hosts outside of the canary have.`,
		usage: `  publisher rollout revert . -m 'support has complaints'`,
	}
)

func newRolloutEndCommand(e ending) *cobra.Command {
	var flags revisionFlags
	cmd := &cobra.Command{
		Use: e.use, Short: e.short, Long: e.long, Example: e.usage, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := flags.open(cmd, args[0], config.LoadTarget)
			if err != nil {
				return err
			}
			return e.carryOut(cmd, p, flags.format)
		},
	}
	flags.add(cmd)
	return cmd
}

// carryOut ends a rollout and says so.
func (e ending) carryOut(cmd *cobra.Command, p *publication, format string) error {
	p.Action, p.Build, p.Force, p.Record = e.action, e.build, true, nil
	result, err := p.publish(cmd)
	if err != nil {
		return err
	}
	m := result.Manifest
	if format == "json" {
		return writeJSON(cmd.OutOrStdout(), ended{e.done, m.Environment, m.Epoch, m.Revision, m.Message, audit.HeadOf(m)})
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: every host gets revision %d of %s\n", e.done, m.Revision, m.Environment)
	return err
}

// ended is the JSON form of how a rollout ended.
type ended struct {
	Rollout     string     `json:"rollout"` // promoted or reverted
	Environment string     `json:"environment"`
	Epoch       uint64     `json:"epoch"`
	Revision    uint64     `json:"revision"`
	Message     string     `json:"message"`
	Head        audit.Head `json:"head"` // of the audit log
}
