package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/control"
	"github.com/sortition-dev/sortition/publisher/explain"
)

func newExplainCommand() *cobra.Command {
	var in control.ExplainInput
	var units, attributes []string
	var at string
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "explain [KEY]... [DIR]",
		Short: "Show step by step what one unit gets, and why",
		Long: `Explain decides for one unit about the experiments and flags named, or about all, and
shows each step: what is hashed and the hash, the slot, the slots that the experiment
owns, every test of the audience and its result. For each draw it prints the ClickHouse
query that repeats it.

Explain compiles the directory as its first publish would. Where earlier publishes have
allocated slots, give --live: it continues their allocations, as publish does.`,
		Example: `  publisher explain checkout_button --unit user=u-4711 --at 2026-03-01T12:00:00Z
  publisher explain checkout_button shop --unit user=u-4711 --live
  publisher explain shop --unit user=u-4711 --attr country=US --attr 'tags=["beta"]'`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, dir, err := keysAndDirectory(cmd, args)
			if err != nil {
				return err
			}
			in.Keys = keys
			if in.At, err = parseTime("at", at); err != nil {
				return err
			}
			if in.Units, err = parsePairs("unit", "type=id", units); err != nil {
				return err
			}
			if in.Attributes, err = parsePairs("attr", "name=value", attributes); err != nil {
				return err
			}
			explanations, err := workspace(cmd, dir).Explain(cmd.Context(), in)
			if err != nil {
				return err
			}
			if format.value == "json" {
				return explain.WriteJSON(cmd.OutOrStdout(), explanations)
			}
			return explain.WriteText(cmd.OutOrStdout(), explanations)
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&units, "unit", nil, "id of a unit, as `type=id`; may be repeated for other types")
	flags.StringArrayVar(&attributes, "attr", nil, "attribute, as `name=value`; a list as a JSON array; may be repeated")
	flags.StringVar(&at, "at", "", "`time` of the decision, in RFC 3339 form (default: now)")
	addLive(cmd, &in.Live)
	format = addFormat(cmd)
	return cmd
}

// parsePairs reads flags of the form name=value.
func parsePairs(flag, form string, pairs []string) (map[string]string, error) {
	all := map[string]string{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, usage("--%s %s: write it as %s", flag, pair, form)
		}
		all[name] = value
	}
	return all, nil
}
