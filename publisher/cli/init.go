package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
)

func newInitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Make a project directory to start from",
		Long: `Init fills DIR with a small commented project: one experiment, one flag, and the JSON
Schemas for editors. DIR must be empty or not exist. The project publishes to a directory
of its own; name your bucket in sortition.yaml when you have one.`,
		Example: `  publisher init shop`,
		Args:    directoryArgument,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			paths, err := control.Init(dir)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			for _, path := range paths {
				fmt.Fprintln(out, path)
			}
			_, err = fmt.Fprintln(out, "\nnext:")
			for _, command := range []string{"publisher check", "publisher keygen", "publisher publish"} {
				_, err = fmt.Fprintf(out, "  %s\n", config.InDir(command, dir))
			}
			return err
		},
	}
}
