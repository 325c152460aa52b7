package cli

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
)

func newDiffCommand() *cobra.Command {
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "diff REVISION REVISION [DIR]",
		Short: "Show how two revisions differ",
		Long: `Diff compares two revisions of a project's bucket as publisher plan compares a directory
with what is live: what changed, in words, and exactly which share of the eligible units
get another variant. Schedules and ramps are evaluated at the current time. The first revision
is the one before; - stands for the live one.`,
		Example: `  publisher diff 41 42
  publisher diff 38 - shop
  publisher diff 41 42 shop --format markdown`,
		Args: argumentsAndDirectory(2, "two revisions"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := directory(args[2:])
			if err != nil {
				return err
			}
			before, err := parseRef(args[0])
			if err != nil {
				return err
			}
			after, err := parseRef(args[1])
			if err != nil {
				return err
			}
			p, err := workspace(cmd, dir).Diff(cmd.Context(), before, after)
			if err != nil {
				return err
			}
			return planWriters[format.value](cmd.OutOrStdout(), p)
		},
	}
	format = addFormat(cmd, "text", "json", "markdown")
	return cmd
}

// parseRef reads the number of a revision, or - for the live one.
func parseRef(text string) (control.Ref, error) {
	if text == "-" {
		return 0, nil
	}
	n, err := parseRevision(text)
	return control.Ref(n), err
}

func parseRevision(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 {
		return 0, usage("%q is not the number of a revision", text)
	}
	return n, nil
}
