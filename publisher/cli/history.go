package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// defaultLimit is how many revisions history and audit log print: a screen.
const defaultLimit = 20

func newHistoryCommand() *cobra.Command {
	var limit int
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "history [DIR]",
		Short: "Show who published what, when and why, and what it changed",
		Long: `History lists the revisions of a project's bucket, newest first: who made each one, when,
why, with which command, and what changed in the directory. To see how two revisions
differ in detail, use publisher diff.`,
		Example: `  publisher history
  publisher history shop --limit 5
  publisher history shop --limit 0 --format json | jq '.[] | select(.action == "kill")'`,
		Args: directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args)
			if err != nil {
				return err
			}
			past, err := workspace(cmd, dir).History(cmd.Context(), limit)
			if err != nil {
				return err
			}
			return format.write(cmd.OutOrStdout(), past, func(w io.Writer) error { return writePast(w, past) })
		},
	}
	cmd.Flags().IntVar(&limit, "limit", defaultLimit, "how many revisions; 0 is all")
	format = addFormat(cmd)
	return cmd
}

func writePast(w io.Writer, past []control.Past) (err error) {
	for _, x := range past {
		fmt.Fprintf(w, "%d  %s  %s", x.Revision, x.Time.Format(time.RFC3339), x.Action)
		fmt.Fprintf(w, " by %s", cmp.Or(x.Actor, "nobody named"))
		if x.Message != "" {
			fmt.Fprintf(w, ": %s", x.Message)
		}
		_, err = fmt.Fprintln(w)
		if x.From != nil {
			fmt.Fprintf(w, "      revision %d of %s\n", x.From.Revision, x.From.Environment)
		}
		for _, gate := range x.Overrides {
			fmt.Fprintf(w, "      overridden: %s\n", gate)
		}
		for _, line := range changeLines(x.Changes) {
			fmt.Fprintf(w, "      %s\n", line)
		}
	}
	return err
}

// changeLines has a line for each part of the directory that changed.
func changeLines(changes []declaration.Change) []string {
	var lines []string
	for _, c := range changes {
		line := strings.Join(slices.DeleteFunc([]string{c.What, c.Key, string(c.Action)}, func(s string) bool { return s == "" }), " ")
		if c.Action == declaration.Changed {
			var fields []string
			for _, d := range c.Details {
				if !slices.Contains(fields, d.Field) {
					fields = append(fields, d.Field)
				}
			}
			line += ": " + strings.Join(fields, ", ")
		}
		lines = append(lines, line)
	}
	return lines
}
