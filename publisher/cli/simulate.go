package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/control"
	"github.com/sortition-dev/sortition/publisher/simulate"
)

func newSimulateCommand() *cobra.Command {
	var in control.SimulateInput
	var effect, baseline string
	var format *formatValue
	cmd := &cobra.Command{
		Use:   "simulate [EXPERIMENT]... [DIR]",
		Short: "Try the analysis of an experiment on made-up units",
		Long: `Simulate runs the experiments named, or all that run, many times on made-up units. The
core decides about each unit, the baseline of the primary metric gives what the unit
does, and the analysis is that of publisher results. It prints

  without an effect  how often the analysis finds a difference that is not there (A/A test)
  with an effect     how often it finds the effect: the power with so many units
  sample ratio       how often it calls a right split wrong

each with the interval that the number of runs gives. All units match the audience.
Experiments run as far as they ever get: running, at the end of their ramp. Holdouts and
the share of the layer count. The same seed gives the same report.

The baseline is that of sortition.yaml unless --baseline gives the rate of a conversion;
the effect is that of the experiment's file unless --effect does. Means have a log-normal
distribution.`,
		Example: `  publisher simulate checkout_button --units 20000 --effect 5%
  publisher simulate shop --runs 200 --format json | jq '.experiments[].false_positive'`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, dir, err := keysAndDirectory(cmd, args)
			if err != nil {
				return err
			}
			in.Experiments = keys
			if in.Effect, err = parsePercent("effect", effect); err != nil {
				return err
			}
			if in.Baseline, err = parsePercent("baseline", baseline); err != nil {
				return err
			}
			s, err := workspace(cmd, dir).Simulate(cmd.Context(), in)
			if err != nil {
				return err
			}
			return format.write(cmd.OutOrStdout(), s, func(w io.Writer) error { return simulate.WriteText(w, s.Experiments) })
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&in.Units, "units", 10_000, "units of a run")
	flags.IntVar(&in.Runs, "runs", 1_000, "number of runs")
	flags.Uint64Var(&in.Seed, "seed", 1, "seed of the random numbers")
	flags.StringVar(&effect, "effect", "", "relative change of the primary metric to look for, as a `percentage`; 0% for none")
	flags.StringVar(&baseline, "baseline", "", "rate of the conversion without an effect, as a `percentage`")
	addLive(cmd, &in.Live)
	format = addFormat(cmd)
	return cmd
}

// parsePercent reads the percentage of a flag; nil if it is empty.
func parsePercent(flag, text string) (*config.Percent, error) {
	if text == "" {
		return nil, nil
	}
	p, err := config.ParsePercent(text)
	if err != nil {
		return nil, usage("--%s %s: %v", flag, text, err)
	}
	return &p, nil
}
