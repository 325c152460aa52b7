package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/buildinfo"
)

func newVersionCommand() *cobra.Command {
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the core and the formats of this program",
		Example: `  publisher version
  publisher version --format json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := buildinfo.Read()
			return format.write(cmd.OutOrStdout(), v, func(w io.Writer) error {
				_, err := fmt.Fprintf(w, "publisher %s\n", v)
				return err
			})
		},
	}
	format = addFormat(cmd)
	return cmd
}

// version is what --version prints.
func version() string { return buildinfo.Read().String() }
