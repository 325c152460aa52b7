package control

import (
	"context"
	"fmt"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/revision"
	"github.com/sortition-dev/sortition/publisher/simulate"
)

// SimulateInput says what is simulated.
type SimulateInput struct {
	Experiments []string // keys; none is all that run
	Units, Runs int      // both at least 1
	Seed        uint64   // the same seed gives the same report

	// Effect is the relative change of the primary metric to look for; nil is that of the file.
	Effect *config.Percent

	// Baseline is the rate of the conversion without an effect; nil is that of the project.
	Baseline *config.Percent

	// Live continues the allocations of the live revision.
	Live bool
}

// Simulated is what came of the simulations.
type Simulated struct {
	Experiments []*simulate.Report `json:"experiments"`
}

// Simulate runs experiments many times on made-up units, and says how often the analysis finds an
// effect that is there and one that is not.
func (w *Workspace) Simulate(ctx context.Context, in SimulateInput) (*Simulated, error) {
	l, err := w.loadWith(ctx, in.Live)
	if err != nil {
		return nil, err
	}
	chosen, err := chooseExperiments(l.project, in.Experiments)
	if err != nil {
		return nil, err
	}
	s := &Simulated{Experiments: make([]*simulate.Report, len(chosen))}
	for i, e := range chosen {
		if s.Experiments[i], err = w.simulate(ctx, l, e, in); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// chooseExperiments gives the named experiments, or all that run.
func chooseExperiments(project *config.Project, keys []string) ([]*config.Experiment, error) {
	var chosen []*config.Experiment
	for _, key := range keys {
		e := experimentOf(project, key)
		if e == nil {
			return nil, unknownKey(key, "experiment", "experiments", experimentKeys(project))
		}
		chosen = append(chosen, e)
	}
	if len(keys) > 0 {
		return chosen, nil
	}
	for _, e := range project.Experiments {
		if e.Status == config.Running {
			chosen = append(chosen, e)
		}
	}
	if chosen == nil {
		return nil, &Invalid{Field: "experiments", Problem: "no experiment is running; name one"}
	}
	return chosen, nil
}

func (w *Workspace) simulate(ctx context.Context, l *loaded, e *config.Experiment, in SimulateInput) (*simulate.Report, error) {
	options, err := in.options(l.project, e)
	if err != nil {
		return nil, err
	}
	options.Progress = func(done int) {
		w.options.Progress(Progress{"simulating " + e.Key, int64(done), int64(options.Runs)})
	}
	s, err := simulate.New(l.project, e.Key, l.ledger, w.options.Now(), func(p *model.Program, m *model.Experiment) (*analysis.Experiment, error) {
		return experimentFrom(l.project, &revision.Found{Experiment: m, Unit: p.Units[m.Unit]})
	})
	if err != nil {
		return nil, &Misconfigured{err}
	}
	report, err := s.Run(ctx, options)
	if err != nil && ctx.Err() == nil {
		err = &Invalid{Problem: err.Error()}
	}
	return report, err
}

// options reads the input, and the files for what it does not say.
func (in *SimulateInput) options(project *config.Project, e *config.Experiment) (simulate.Options, error) {
	options := simulate.Options{Units: in.Units, Runs: in.Runs, Seed: in.Seed, Effect: e.Effect}
	if err := options.Check(); err != nil {
		return options, &Invalid{Problem: err.Error()}
	}
	if in.Effect != nil {
		options.Effect = *in.Effect
	}
	for _, m := range project.Metrics {
		switch {
		case m.Key != e.Primary:
		case in.Baseline != nil && m.Kind != config.Conversion:
			return options, invalid("baseline", "it is the rate of a conversion, and %s, the primary metric of %s, is a mean: write its baseline in sortition.yaml", m.Key, e.Key)
		case in.Baseline != nil:
			options.Baseline.Mean = float64(*in.Baseline) / float64(config.Everything)
		case m.Baseline == nil:
			return options, &Misconfigured{fmt.Errorf("%s: the baseline of %s is not known: write it in sortition.yaml, or give one", e.Key, m.Key)}
		default:
			options.Baseline = *m.Baseline
		}
	}
	return options, nil
}
