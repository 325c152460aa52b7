package cli

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/buildinfo"
)

func newVersionCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, the core and the formats",
		Long: `Version prints the version and the commit, the SHA-256 of the embedded core with the
version of its ABI, the version of the payload format, and the types of signed documents.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch format {
			case "text":
				fmt.Fprintln(cmd.OutOrStdout(), "edge", buildinfo.Read())
			case "json":
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return failed(enc.Encode(buildinfo.Read()))
			default:
				return fmt.Errorf("--format %q: use text or json", format)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	completeWith(cmd, "format", "text", "json")
	return cmd
}
