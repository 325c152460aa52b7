package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/control"
)

func newResultsCommand() *cobra.Command {
	var in control.ResultsInput
	var cache string
	var sql bool
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "results [EXPERIMENT]... [DIR]",
		Short: "Show what experiments have shown so far",
		Long: `Results fetches the bucket's new event files, queries them and prints, for each variant,
units, rates or means with their intervals, the lift over the control, warnings, and a
recommendation with the rule that gave it.

Without EXPERIMENT it reports on every live experiment. Variants, weights and phase are those
that were published; metrics are those of the files in DIR. An experiment that is no
longer live, or an earlier phase, is looked up in the revisions of the bucket.`,
		Example: `  publisher results
  publisher results checkout_test shop --format json
  publisher results checkout_test --sql | duckdb`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, dir, err := keysAndDirectory(cmd, args)
			if err != nil {
				return err
			}
			in.Experiments = keys
			w := workspace(cmd, dir, withEvents(&cache))
			if sql {
				statements, err := w.ResultsSQL(cmd.Context(), in)
				if err != nil {
					return err
				}
				return format.write(cmd.OutOrStdout(), statements, func(w io.Writer) error { return writeStatements(w, statements) })
			}
			reports, err := w.Results(cmd.Context(), in)
			if err != nil {
				return err
			}
			if format.value == "json" {
				return analysis.WriteJSON(cmd.OutOrStdout(), reports...)
			}
			return writeReports(cmd.OutOrStdout(), reports)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&sql, "sql", false, "print the queries instead of running them")
	flags.IntVar(&in.Phase, "phase", 0, "phase to report on (default: the newest)")
	addCache(cmd, &cache)
	format = addFormat(cmd)
	return cmd
}

func writeStatements(w io.Writer, statements []analysis.Statement) error {
	for i, s := range statements {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if _, err := fmt.Fprint(w, s.SQL); err != nil {
			return err
		}
	}
	return nil
}

func writeReports(w io.Writer, reports []*analysis.Report) error {
	for i, r := range reports {
		if i > 0 {
			fmt.Fprint(w, "\n\n")
		}
		if err := analysis.WriteText(w, r); err != nil {
			return err
		}
	}
	return nil
}
