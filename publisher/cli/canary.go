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

func newCanaryCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "canary",
		Short: "Offer a revision to some hosts first, then to all or to none",
		Long: `A canary is a revision that some hosts get first: a share of the hosts, the hosts with some
labels, or a share of those. Each host draws from its id whether it is one of them. All
other hosts stay with the revision before. A canary ends when it is promoted, and every
host gets the revision, or aborted, and every host gets what was before. Neither needs the
directory.

Hosts report how they are doing to the collector (edge serve --collector). From these
reports and the exposures in the bucket, "canary start --auto" and "canary watch" promote
or abort by the rules in sortition.yaml:

  canary:
    interval: 10m        # how long all must be well before it is promoted
    hosts: 1             # hosts of the canary that must serve the revision
    requests: 100        # requests that they must have answered
    error_rate: 0.1%     # abort above this, unless the other hosts fail as often
    latency_ms: 10       # abort if 99% of requests take longer, unless others are as slow
    sample_ratio: true   # abort if units are not divided as the weights say

A canary whose revision a host refuses is always aborted. The state is in the bucket alone:
if the watcher dies, start another.

Nothing else is published while a canary is under way. Three things do not wait, and end it:
publisher rollback, publisher kill and publisher ramp. With the last two, every host goes
back to what was before, with that change.`,
		Example: `  publisher canary start shop --share 5% --auto -m 'the new checkout'
  publisher canary start shop --label region=eu --yes
  publisher canary status shop --follow
  publisher canary promote shop
  publisher canary abort shop -m 'support has complaints'`,
	}, newCanaryStartCommand(), newCanaryStatusCommand(), newCanaryWatchCommand(),
		newCanaryEndCommand(promoting), newCanaryEndCommand(aborting))
}

func newCanaryStartCommand() *cobra.Command {
	var o publishOptions
	var w watchFlags
	var share string
	var labels []string
	var auto bool
	cmd := &cobra.Command{
		Use:   "start DIR",
		Short: "Publish a project to some hosts first",
		Long: `Start compiles and publishes a project as publisher publish does, with the plan and the
gates, but only some hosts get the revision: the share that --share says, of the hosts that
have one of the values of each --label. With --auto it then does what publisher canary
watch does.`,
		Example: `  publisher canary start . --share 5% --yes
  publisher canary start . --share 50% --label region=eu,us --auto --interval 30m --yes`,
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
	flags.BoolVar(&auto, "auto", false, "watch the canary, and promote or abort it")
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
		return nil, errors.New("say which hosts get the revision first: --share 5%, or --label region=eu; for all of them use publisher publish")
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

// ending is one of the two ways to end a canary.
type ending struct {
	action                  audit.Action
	build                   publish.Build
	use, short, long, usage string
	done                    string
}

var (
	promoting = ending{
		action: audit.PromoteCanary, build: publish.PromoteCanary,
		use: "promote DIR", short: "Give the revision of the canary to every host", done: "promoted",
		long: `Promote publishes the payload of the canary for every host. Hosts of the canary have it
already and load nothing.`,
		usage: `  publisher canary promote . -m 'looks good'`,
	}
	aborting = ending{
		action: audit.AbortCanary, build: publish.AbortCanary,
		use: "abort DIR", short: "Give every host what was before the canary", done: "aborted",
		long: `Abort publishes, as a new revision for every host, the payload that the hosts outside of the
canary have.`,
		usage: `  publisher canary abort . -m 'support has complaints'`,
	}
)

func newCanaryEndCommand(e ending) *cobra.Command {
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

// carryOut ends a canary and says so.
func (e ending) carryOut(cmd *cobra.Command, p *publication, format string) error {
	p.Action, p.Build, p.Force = e.action, e.build, true
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

// ended is the JSON form of how a canary ended.
type ended struct {
	Ended       string     `json:"ended"` // promoted or aborted
	Environment string     `json:"environment"`
	Epoch       uint64     `json:"epoch"`
	Revision    uint64     `json:"revision"`
	Message     string     `json:"message"`
	Head        audit.Head `json:"head"` // of the audit log
}
