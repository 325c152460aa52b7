package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/analysis/engines"
	"github.com/sortition-dev/sortition/publisher/analysis/mirror"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// resultsFlags are the flags of publisher results.
type resultsFlags struct {
	format string
	sql    bool
	phase  int
	cache  string
}

func newResultsCommand() *cobra.Command {
	var f resultsFlags
	cmd := &cobra.Command{
		Use:   "results DIR [EXPERIMENT]",
		Short: "Say what an experiment has shown so far",
		Long: `Results fetches the event files of the bucket that are not here yet, queries them and
prints, for each variant, units, rates or means with their intervals, the lift over
the control, warnings, and a recommendation with the rule that gave it.

Without EXPERIMENT it reports on every experiment that is live. Variants, weights and
phase are those that were published; metrics are those of the files in DIR. An
experiment that is no longer live, or an earlier phase, is looked up in the revisions
of the bucket.`,
		Example: `  publisher results ./storefront
  publisher results ./storefront checkout_test --format json
  publisher results ./storefront checkout_test --sql | duckdb`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			key := ""
			if len(args) == 2 {
				key = args[1]
			}
			return f.run(cmd, args[0], key)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.format, "format", "table", "table or json")
	flags.BoolVar(&f.sql, "sql", false, "print the queries instead of running them")
	flags.IntVar(&f.phase, "phase", 0, "phase to report on (default: the newest)")
	flags.StringVar(&f.cache, "cache", "", "directory to keep event files in (default: in the user's cache directory)")
	return cmd
}

func (f *resultsFlags) run(cmd *cobra.Command, dir, key string) error {
	if f.format != "table" && f.format != "json" {
		return fmt.Errorf("--format %q: use table or json", f.format)
	}
	if f.phase < 0 || f.phase > 0 && key == "" {
		return errors.New("--phase counts from 1 and needs an experiment")
	}
	r, err := openRemote(cmd, dir, config.Load)
	if err != nil {
		return err
	}
	if key != "" && experimentFile(r.project, key) == nil {
		return fmt.Errorf("no experiment %q%s", key, hint(key, "experiments", experimentKeys(r.project)))
	}
	return failed(f.report(cmd.Context(), r, key, cmd.OutOrStdout(), cmd.ErrOrStderr()))
}

func (f *resultsFlags) report(ctx context.Context, r *remote, key string, stdout, stderr io.Writer) error {
	published, err := f.published(ctx, r, key)
	if err != nil {
		return err
	}
	var experiments []*analysis.Experiment
	for _, p := range published {
		x, err := experimentFrom(r.project, p)
		if err != nil {
			return err
		}
		experiments = append(experiments, x)
	}
	engine, err := openEngine(ctx, r.project, f.cache, stderr)
	if err != nil {
		return err
	}
	defer engine.Close()
	if f.sql {
		for i, s := range engine.Statements(experiments...) {
			if i > 0 {
				fmt.Fprintln(stdout)
			}
			fmt.Fprint(stdout, s.SQL)
		}
		return nil
	}
	reports, err := analysis.Reports(ctx, engine, experiments, time.Now())
	if err != nil {
		return err
	}
	if f.format == "json" {
		return analysis.WriteJSON(stdout, reports...)
	}
	for i, r := range reports {
		if i > 0 {
			fmt.Fprint(stdout, "\n\n")
		}
		if err := analysis.WriteTable(stdout, r); err != nil {
			return err
		}
	}
	return nil
}

// published finds the experiment as it was published, or all that are live if key is
// empty.
func (f *resultsFlags) published(ctx context.Context, r *remote, key string) ([]*revision.Found, error) {
	live, err := r.live(ctx)
	if err != nil {
		return nil, err
	}
	if live == nil {
		return nil, fmt.Errorf("nothing has been published to %s yet: run publisher publish %s", r.project.Bucket, r.project.Dir)
	}
	if key != "" {
		found, ok := live.Experiment(key, f.phase)
		if !ok {
			var chain *bundle.Chain
			if chain, err = r.chain(ctx); err != nil {
				return nil, err
			}
			found, err = revision.Experiment(ctx, r.store, chain, r.project.Environment, live.Number(), key, f.phase)
		}
		return []*revision.Found{found}, err
	}
	var all []*revision.Found
	for _, e := range r.project.Experiments {
		if found, ok := live.Experiment(e.Key, 0); ok && e.Primary != "" {
			all = append(all, found)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no experiment with a primary metric is live in revision %d: name one to see how it ended", live.Number())
	}
	return all, nil
}

// experimentFrom joins what was published with the metrics and the control that the
// project's file declares now.
func experimentFrom(project *config.Project, p *revision.Found) (*analysis.Experiment, error) {
	file := experimentFile(project, p.Experiment.Key)
	x := &analysis.Experiment{
		Key: file.Key, Name: file.Name, Unit: p.Unit, Phase: p.Experiment.Phase,
	}
	if end := p.Experiment.End; end != 0 {
		x.End = time.UnixMilli(end)
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

func experimentFile(project *config.Project, key string) *config.Experiment {
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
	return analysis.Metric{}, errors.New("no primary metric: name one under metrics in its file")
}

// openEngine opens the engine that reads the events of the project's bucket, and shows a
// person how far fetching them has come.
func openEngine(ctx context.Context, project *config.Project, cache string, stderr io.Writer) (analysis.Engine, error) {
	o := engines.Options{Cache: cache}
	if isTerminal(stderr) {
		o.Progress = func(p mirror.Progress) {
			fmt.Fprintf(stderr, "\rfetching events: %d of %d files, %.1f of %.1f MB", p.Files, p.TotalFiles, megabytes(p.Bytes), megabytes(p.TotalBytes))
			if p.Files == p.TotalFiles {
				fmt.Fprint(stderr, "\r\033[K")
			}
		}
	}
	return engines.Open(ctx, project.Bucket, o)
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// isTerminal tells whether a person watches what is written.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}
