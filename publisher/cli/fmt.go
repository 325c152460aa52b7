package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
)

func newFmtCommand() *cobra.Command {
	var check, diff bool
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "fmt [DIR|FILE]...",
		Short: "Format the files of a project",
		Long: `Fmt formats the YAML files of a project: those of the directories given, or the files
themselves. Keys come in the order of the schemas, with two spaces of indentation;
comments stay with what they are about; values stay as they are written. Fmt prints the
names of the files that it changes.

Exit status: 0 done; 1 a file cannot be read or written or, with --check, would change;
2 wrong usage, or a file that is not YAML.`,
		Example: `  publisher fmt shop
  publisher fmt shop/experiments/welcome_banner.yaml
  publisher fmt shop --diff       # show what would change, and change nothing
  publisher fmt shop --check      # in CI: the names of files that would change, status 1`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			formatted, err := control.Format(control.FormatInput{Paths: args, DryRun: check || diff})
			if _, problems := errors.AsType[config.Problems](err); err != nil && !problems {
				return err
			}
			if writeErr := format.write(cmd.OutOrStdout(), formatted, func(w io.Writer) error {
				return writeFormatted(w, formatted, diff)
			}); writeErr != nil {
				return writeErr
			}
			if err == nil && check && len(formatted.Files) > 0 {
				return exitStatus(statusFailure)
			}
			return err
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&check, "check", false, "change nothing, and fail if a file would change")
	flags.BoolVar(&diff, "diff", false, "change nothing, and show what would change")
	format = addFormat(cmd)
	return cmd
}

// writeFormatted writes the names of the files that change, or how they change.
func writeFormatted(w io.Writer, f *control.Formatted, diff bool) (err error) {
	for _, file := range f.Files {
		if diff {
			_, err = fmt.Fprint(w, file.Diff)
		} else {
			_, err = fmt.Fprintln(w, file.Path)
		}
	}
	return err
}
