package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
)

func newSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema {" + strings.Join(config.SchemaNames, "|") + "}",
		Short: "Print the JSON Schema of a file, for editors",
		Long: `Schema prints the JSON Schema of sortition.yaml, of an experiment or of a flag. Editors
complete keys and mark mistakes with it. Init puts all three into DIR/` + control.SchemaDir + `.`,
		Example: `  publisher schema experiment > ` + control.SchemaDir + `/experiment.schema.json

  # then, as the first line of experiments/*.yaml:
  # yaml-language-server: $schema=../` + control.SchemaDir + `/experiment.schema.json`,
		Args:      oneArgument("a schema"),
		ValidArgs: config.SchemaNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			schema, err := control.Schema(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s", schema)
			return err
		},
	}
}
