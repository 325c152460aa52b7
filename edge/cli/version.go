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
		Long: `Version prints the version and the commit of the program, the SHA-256 and the ABI version
of the core that it embeds, the newest version of the payload format that it reads, and the
media types of signed documents.`,
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
	cmd.Flags().StringVar(&format, "format", "text", "`format` of the output: text or json")
	completeWith(cmd, "format", "text", "json")
	return cmd
}
