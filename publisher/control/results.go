package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// ResultsInput says what is reported on.
type ResultsInput struct {
	// Experiments are keys; none is every live experiment that has a primary metric. One that is no
	// longer live is looked up in earlier revisions.
	Experiments []string

	// Phase of the allocation; 0 is the newest. It needs exactly one experiment.
	Phase int
}

// Results reports what experiments have shown so far.
func (w *Workspace) Results(ctx context.Context, in ResultsInput) ([]*analysis.Report, error) {
	experiments, engine, err := w.readResults(ctx, in)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	return analysis.Reports(ctx, engine, experiments, w.options.Now())
}

// ResultsSQL returns the statements that [Workspace.Results] runs.
func (w *Workspace) ResultsSQL(ctx context.Context, in ResultsInput) ([]analysis.Statement, error) {
	experiments, engine, err := w.readResults(ctx, in)
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	return engine.Statements(experiments...), nil
}

// readResults finds the experiments that are reported on, and opens the engine that reads their
// events. The caller closes it.
func (w *Workspace) readResults(ctx context.Context, in ResultsInput) ([]*analysis.Experiment, analysis.Engine, error) {
	r, experiments, err := w.experiments(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	engine, err := w.engine(ctx, r)
	return experiments, engine, err
}

// engine opens the engine that reads the events of a project.
func (w *Workspace) engine(ctx context.Context, r *remote) (analysis.Engine, error) {
	if w.options.Engine == nil {
		return nil, ErrNoEngine
	}
	return w.options.Engine(ctx, r.project)
}

// experiments finds what is reported on.
func (w *Workspace) experiments(ctx context.Context, in ResultsInput) (*remote, []*analysis.Experiment, error) {
	if in.Phase < 0 {
		return nil, nil, invalid("phase", "phases count from 1")
	}
	if in.Phase > 0 && len(in.Experiments) != 1 {
		return nil, nil, invalid("phase", "name one experiment")
	}
	r, err := w.remote(ctx, w.files)
	if err != nil {
		return nil, nil, err
	}
	for _, key := range in.Experiments {
		if experimentOf(r.project, key) == nil {
			return nil, nil, unknownKey(key, "experiment", "experiments", experimentKeys(r.project))
		}
	}
	published, err := in.published(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	var experiments []*analysis.Experiment
	for _, p := range published {
		x, err := experimentFrom(r.project, p)
		if err != nil {
			return nil, nil, &Misconfigured{err}
		}
		experiments = append(experiments, x)
	}
	return r, experiments, nil
}

// published finds the experiments as they were published.
func (in *ResultsInput) published(ctx context.Context, r *remote) ([]*revision.Found, error) {
	live, err := r.live(ctx)
	if err != nil {
		return nil, err
	}
	if live == nil {
		return nil, fmt.Errorf("nothing has been published to %s yet: run %s", r.project.Bucket, config.InDir("publisher publish", r.project.Dir))
	}
	var all []*revision.Found
	for _, key := range in.Experiments {
		found, ok := live.Experiment(key, in.Phase)
		if !ok {
			chain, err := r.chain(ctx)
			if err != nil {
				return nil, err
			}
			if found, err = revision.Experiment(ctx, r.store, chain, r.project.Environment, live.Number(), key, in.Phase); err != nil {
				return nil, err
			}
		}
		all = append(all, found)
	}
	if len(in.Experiments) > 0 {
		return all, nil
	}
	for _, e := range r.project.Experiments {
		if found, ok := live.Experiment(e.Key, 0); ok && e.Primary != "" {
			all = append(all, found)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no experiment with a primary metric is live in revision %d; name one to see how it ended", live.Number())
	}
	return all, nil
}

// experimentFrom joins what was published with the metrics and the control that the file of the
// experiment declares now.
func experimentFrom(project *config.Project, p *revision.Found) (*analysis.Experiment, error) {
	file := experimentOf(project, p.Experiment.Key)
	x := &analysis.Experiment{
		Key: file.Key, Name: file.Name, Unit: p.Unit, Phase: p.Experiment.Phase,
	}
	if end := p.Experiment.End; end != 0 {
		x.End = end.Time()
	}
	weights := make([]int, len(p.Experiment.Variants))
	from := 0
	for _, share := range p.Experiment.Rules[0].Split {
		weights[share.Variant] += share.To - from
		from = share.To
	}
	control := file.Variants[file.Control].Key
	for i, v := range p.Experiment.Variants {
		x.Variants = append(x.Variants, analysis.Variant{Key: v.Key, Name: v.Name, Weight: weights[i], Control: v.Key == control})
	}
	var err error
	if x.Primary, err = metricFrom(project, file.Primary); err != nil {
		return nil, fmt.Errorf("%s: %w", file.Key, err)
	}
	for _, key := range file.Guardrails {
		m, err := metricFrom(project, key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Key, err)
		}
		x.Guardrails = append(x.Guardrails, m)
	}
	return x, x.Validate()
}

func experimentOf(project *config.Project, key string) *config.Experiment {
	i := slices.IndexFunc(project.Experiments, func(e *config.Experiment) bool { return e.Key == key })
	if i < 0 {
		return nil
	}
	return project.Experiments[i]
}

func experimentKeys(project *config.Project) []string {
	keys := make([]string, len(project.Experiments))
	for i, e := range project.Experiments {
		keys[i] = e.Key
	}
	return keys
}

func metricFrom(project *config.Project, key string) (analysis.Metric, error) {
	for _, m := range project.Metrics {
		if m.Key == key {
			return analysis.Metric{Key: m.Key, Event: m.Event, Kind: analysis.Kind(m.Kind), Value: m.Value, Goal: analysis.Goal(m.Goal)}, nil
		}
	}
	return analysis.Metric{}, fmt.Errorf("it has no primary metric; name one under metrics in its file")
}
