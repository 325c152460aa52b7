package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

func newHeartbeatCommand() *cobra.Command {
	var in control.HeartbeatInput
	var signing signingFlags
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "heartbeat [DIR]",
		Short: "Renew the signature of what is live, before it expires",
		Long: `Heartbeat publishes the live payload again as a new revision with a later expiry. Hosts
load nothing for it. Run it on a schedule: hosts call a revision stale once it has
expired, and so tell a quiet week from a bucket that withholds news.

With --if-expires-within it does nothing while the live revision is fresh for longer.`,
		Example: `  publisher heartbeat
  publisher heartbeat shop --if-expires-within 168h --valid-for 720h   # daily, from cron`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("if-expires-within") && in.Within == 0 {
				return usage("--if-expires-within: must be more than zero")
			}
			if err := signing.check(cmd); err != nil {
				return err
			}
			in.Signing = signing.Signing
			r, err := workspace(cmd, dir, signing.options(cmd)).Heartbeat(cmd.Context(), in)
			if err != nil {
				return err
			}
			warn(cmd, r.Warnings)
			return format.write(cmd.OutOrStdout(), r, func(w io.Writer) error { return writeRenewed(w, r) })
		},
	}
	signing.add(cmd)
	cmd.Flags().DurationVar(&in.Within, "if-expires-within", 0, "renew only what expires within this time (default: always)")
	format = addFormat(cmd)
	return cmd
}

func writeRenewed(w io.Writer, r *control.Renewed) error {
	what := "nothing to renew: revision"
	if r.Published {
		what = "renewed as revision"
	}
	_, err := fmt.Fprintf(w, "%s %d of %s, fresh until %s\n", what, r.Revision, r.Environment, r.Expires.Format(time.RFC3339))
	return err
}
