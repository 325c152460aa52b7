package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/publish"
)

type heartbeatOptions struct {
	revisionFlags
	within time.Duration
}

func newHeartbeatCommand() *cobra.Command {
	var o heartbeatOptions
	cmd := &cobra.Command{
		Use:   "heartbeat DIR",
		Short: "Sign what is live anew, before it expires",
		Long: `Heartbeat publishes the live payload again as a new revision with a later expiry. Hosts
renew it without loading anything. Run it on a schedule, so that hosts can tell a quiet
week from a bucket that withholds news: what has expired they call stale.

With --if-expires-within it does nothing while the live revision is fresh for longer.`,
		Example: `  publisher heartbeat .
  publisher heartbeat . --if-expires-within 168h --valid-for 720h   # daily, from cron`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, args[0])
		},
	}
	o.add(cmd)
	cmd.Flags().DurationVar(&o.within, "if-expires-within", 0, "renew only what expires within this time (default: always)")
	return cmd
}

func (o *heartbeatOptions) run(cmd *cobra.Command, dir string) error {
	if o.within < 0 || cmd.Flags().Changed("if-expires-within") && o.within == 0 {
		return errors.New("--if-expires-within: must be more than zero")
	}
	if o.within > o.validity {
		return fmt.Errorf("--if-expires-within %v: is longer than the %v that a revision is fresh, so each would be renewed at once", o.within, o.validity)
	}
	p, err := o.open(cmd, dir, config.LoadTarget)
	if err != nil {
		return err
	}
	p.Action, p.Force, p.Build = audit.Heartbeat, true, publish.Renew(o.within, p.Now)
	result, err := p.publish(cmd)
	if err != nil {
		return err
	}
	return writeRenewed(cmd.OutOrStdout(), o.format, result)
}

// renewed is the JSON form of what came of a heartbeat.
type renewed struct {
	Published   bool       `json:"published"`
	Environment string     `json:"environment"`
	Epoch       uint64     `json:"epoch"`
	Revision    uint64     `json:"revision"`
	Expires     time.Time  `json:"expires"`
	Head        audit.Head `json:"head"` // of the audit log
}

func writeRenewed(w io.Writer, format string, r *publish.Result) error {
	m := r.Manifest
	if format == "json" {
		return writeJSON(w, renewed{r.Published, m.Environment, m.Epoch, m.Revision, m.Expires, audit.HeadOf(m)})
	}
	what := "nothing to renew: revision"
	if r.Published {
		what = "renewed as revision"
	}
	_, err := fmt.Fprintf(w, "%s %d of %s, fresh until %s\n", what, m.Revision, m.Environment, m.Expires.Format(time.RFC3339))
	return err
}
