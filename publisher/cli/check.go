package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
)

func newCheckCommand() *cobra.Command {
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Report every mistake in a project directory",
		Long: `Check reads and compiles the project and reports every mistake at once: file:line:column,
what is wrong, and what to do. Files are named relative to DIR. A missing field that the
gates require counts as a mistake. For each route, check prints how many combinations of
variants there are: a cache keeps a copy of each page for every combination. Check makes no
request. It writes nothing but DIR/.sortition/cache, from which the next command knows what
it need not compute again.

Exit status: 0 no mistakes, 2 mistakes.`,
		Example: `  publisher check shop
  publisher check shop --format json | jq '.problems[]'`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args)
			if err != nil {
				return err
			}
			c, err := workspace(cmd, dir).Check(cmd.Context())
			if err != nil {
				return err
			}
			if format.value == "text" && len(c.Problems) > 0 {
				return c.Problems
			}
			if err := format.write(cmd.OutOrStdout(), c, func(w io.Writer) error { return writeSummary(w, c.Project) }); err != nil {
				return err
			}
			if len(c.Problems) > 0 {
				return exitStatus(statusUsage)
			}
			return nil
		},
	}
	addFresh(cmd)
	format = addFormat(cmd)
	return cmd
}

func writeSummary(w io.Writer, s *control.Summary) error {
	fmt.Fprintf(w, "no problems: environment %s, bucket %s\n", s.Environment, s.Bucket)
	fmt.Fprintf(w, "%s%s\n", count(s.Experiments, "experiment"), byStatus(s.ExperimentStatuses))
	fmt.Fprintf(w, "%s%s\n", count(s.Flags, "flag"), byStatus(s.FlagStatuses))
	_, err := fmt.Fprintf(w, "payload of %d bytes\n", s.Payload)
	for _, r := range s.Routes {
		_, err = fmt.Fprintf(w, "route %s: %s of variants, of %s\n", r.Route, count(r.Combinations, "combination"), strings.Join(r.Keys, ", "))
	}
	return err
}

// byStatus is, for example, ": 3 running, 1 draft"; empty for none.
func byStatus(counts map[config.Status]int) string {
	var parts []string
	for _, s := range []config.Status{config.Running, config.Paused, config.Draft, config.Stopped} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	if parts == nil {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}
