package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/revision"
	"github.com/sortition-dev/sortition/publisher/simulate"
)

type simulateOptions struct {
	units, runs int
	seed        uint64
	effect      string
	baseline    string
	format      string
	live        bool
}

func newSimulateCommand() *cobra.Command {
	var o simulateOptions
	cmd := &cobra.Command{
		Use:   "simulate DIR [EXPERIMENT]",
		Short: "Try the analysis of an experiment on made-up units",
		Long: `Simulate runs an experiment, or all that run, many times on made-up units. The native
core decides about each of them, what they do is drawn from the baseline of the primary
metric, and the analysis is that of publisher results. It says

  without an effect  how often a difference is found that is not there (A/A test)
  with an effect     how often it is found: the power that many units give
  sample ratio       how often the split seems wrong though it is right

each with the interval in which it lies given the number of runs. Units are those that
the audience matches, of the experiment as far as it ever comes: running, at the end of
its ramp. Holdouts and the share of the layer count. The same seed gives the same report.

The baseline is that of sortition.yaml unless --baseline gives the rate of a conversion;
the effect is that of the experiment's file unless --effect does. Means are drawn from a
log-normal distribution.`,
		Example: `  publisher simulate shop checkout_button --units 20000 --effect 5%
  publisher simulate shop --runs 200 --format json | jq '.experiments[].false_positive'`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd, args[0], args[1:])
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&o.units, "units", 10_000, "units of a run")
	flags.IntVar(&o.runs, "runs", 1_000, "runs")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of what is drawn")
	flags.StringVar(&o.effect, "effect", "", "relative change of the primary metric to look for, as a `percentage`; 0% for none")
	flags.StringVar(&o.baseline, "baseline", "", "rate of the conversion without an effect, as a `percentage`")
	flags.StringVar(&o.format, "format", "text", "text or json")
	flags.BoolVar(&o.live, "live", false, "continue the allocations of the live bundle, read from the project's bucket")
	return cmd
}

// simulated is the JSON form of what came of simulations.
type simulated struct {
	Experiments []*simulate.Report `json:"experiments"`
}

func (o *simulateOptions) run(cmd *cobra.Command, dir string, keys []string) error {
	if err := checkFormat(o.format); err != nil {
		return err
	}
	project, ledger, err := loadWithLedger(cmd, dir, o.live)
	if err != nil {
		return err
	}
	chosen, err := chooseExperiments(project, keys)
	if err != nil {
		return err
	}
	reports := make([]*simulate.Report, len(chosen))
	for i, e := range chosen {
		if reports[i], err = o.simulate(cmd, project, ledger, e); err != nil {
			return err
		}
	}
	if o.format == "json" {
		return failed(writeJSON(cmd.OutOrStdout(), simulated{reports}))
	}
	return failed(simulate.WriteText(cmd.OutOrStdout(), reports))
}

// chooseExperiments gives the named experiment, or all that run.
func chooseExperiments(project *config.Project, keys []string) ([]*config.Experiment, error) {
	var chosen []*config.Experiment
	if len(keys) > 0 {
		e := experimentFile(project, keys[0])
		if e == nil {
			return nil, fmt.Errorf("no experiment %q%s", keys[0], hint(keys[0], "experiments", experimentKeys(project)))
		}
		return append(chosen, e), nil
	}
	for _, e := range project.Experiments {
		if e.Status == config.Running {
			chosen = append(chosen, e)
		}
	}
	if chosen == nil {
		return nil, errors.New("no experiment is running: name one")
	}
	return chosen, nil
}

func (o *simulateOptions) simulate(cmd *cobra.Command, project *config.Project, ledger *compile.Ledger, e *config.Experiment) (*simulate.Report, error) {
	options, err := o.options(project, e)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Key, err)
	}
	options.Progress = simulationProgress(cmd.ErrOrStderr(), e.Key, options.Runs)
	s, err := simulate.New(project, e.Key, ledger, time.Now(), func(p *model.Program, m *model.Experiment) (*analysis.Experiment, error) {
		return experimentFrom(project, &revision.Found{Experiment: m, Unit: p.Units[m.Unit]})
	})
	if err != nil {
		return nil, err
	}
	report, err := s.Run(cmd.Context(), options)
	if err != nil && cmd.Context().Err() != nil {
		return nil, failed(err)
	}
	return report, err
}

// options reads the flags, and the files for what they do not say.
func (o *simulateOptions) options(project *config.Project, e *config.Experiment) (simulate.Options, error) {
	options := simulate.Options{Units: o.units, Runs: o.runs, Seed: o.seed, Effect: e.Effect}
	if err := options.Check(); err != nil {
		return options, err
	}
	if o.effect != "" {
		var err error
		if options.Effect, err = config.ParsePercent(o.effect); err != nil {
			return options, fmt.Errorf("--effect %s: %w", o.effect, err)
		}
	}
	for _, m := range project.Metrics {
		switch {
		case m.Key != e.Primary:
		case o.baseline != "" && m.Kind != config.Conversion:
			return options, fmt.Errorf("--baseline is the rate of a conversion, and %s is a mean: write its baseline in sortition.yaml", m.Key)
		case o.baseline != "":
			rate, err := config.ParsePercent(o.baseline)
			if err != nil {
				return options, fmt.Errorf("--baseline %s: %w", o.baseline, err)
			}
			options.Baseline.Mean = float64(rate) / float64(config.Everything)
		case m.Baseline == nil:
			return options, fmt.Errorf("the baseline of %s is not known: write it in sortition.yaml, or give --baseline", m.Key)
		default:
			options.Baseline = *m.Baseline
		}
	}
	return options, nil
}

// simulationProgress shows on a terminal how far a simulation is.
func simulationProgress(w io.Writer, key string, runs int) func(int) {
	if !isTerminal(w) {
		return nil
	}
	return func(done int) {
		fmt.Fprintf(w, "\r%s: %d of %d runs", key, done, runs)
		if done == runs {
			fmt.Fprint(w, "\r\033[K")
		}
	}
}
