package cli

import (
	"errors"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
)

// measuredDays is the number of recent days that a baseline is measured over: two weeks,
// so that each day of the week counts the same.
const measuredDays = 14

// basisFlags say what the time that experiments take is computed from.
type basisFlags struct {
	traffic float64
	measure bool
	cache   string
}

func (f *basisFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Float64Var(&f.traffic, "traffic", 0, "`units` that are new each day and eligible, to compute how long experiments take")
	flags.BoolVar(&f.measure, "measure", false, "measure from the bucket's events of the last two weeks: who was exposed, and baselines and traffic that are not given")
	flags.StringVar(&f.cache, "cache", "", "`directory` to keep event files in, with --measure (default: in the user's cache directory)")
}

// complete adds to a plan what is given, and what is measured.
func (f *basisFlags) complete(cmd *cobra.Command, p *plan.Plan, r *remote, live *plan.State, after plan.State, now time.Time) error {
	if f.traffic < 0 || math.IsInf(f.traffic, 0) || math.IsNaN(f.traffic) {
		return errors.New("--traffic: give a number of units a day")
	}
	given := func(e *config.Experiment) plan.Basis {
		return plan.Basis{Baseline: primaryOf(r.project, e).Baseline, PerDay: f.traffic}
	}
	if !f.measure {
		p.AddPower(after, r.project, given)
		return nil
	}
	engine, err := openEngine(cmd.Context(), r.project, f.cache, cmd.ErrOrStderr())
	if err != nil {
		return failed(err)
	}
	m := measurer{cmd: cmd, engine: engine, remote: r, live: live, now: now}
	p.AddPower(after, r.project, func(e *config.Experiment) plan.Basis { return m.complete(e, given(e)) })
	m.addExposed(p)
	return failed(errors.Join(m.err, engine.Close()))
}

// primaryOf is the primary metric of an experiment that has one.
func primaryOf(p *config.Project, e *config.Experiment) config.Metric {
	for _, m := range p.Metrics {
		if m.Key == e.Primary {
			return m
		}
	}
	return config.Metric{}
}

// measurer asks recent events for what is not given. The first mistake sticks.
type measurer struct {
	cmd    *cobra.Command
	engine analysis.Engine
	remote *remote
	live   *plan.State
	now    time.Time
	err    error
}

// complete measures what b lacks: for an experiment that is live by its own exposures, of
// which each share of the traffic saw as many; for another by all exposures there are.
func (m *measurer) complete(e *config.Experiment, b plan.Basis) plan.Basis {
	if m.err != nil || b.Baseline != nil && b.PerDay > 0 {
		return b
	}
	metric, err := metricFrom(m.remote.project, e.Primary)
	if err != nil {
		m.err = err
		return b
	}
	q := analysis.BaselineQuery{
		Unit: m.remote.project.Units[e.Unit], Metric: metric, Since: m.now.AddDate(0, 0, -measuredDays),
	}
	share := m.enrolled(e.Key)
	if share > 0 {
		q.Experiment, q.Control = e.Key, e.Variants[e.Control].Key
	} else {
		share = 1
	}
	found, err := m.engine.Baseline(m.cmd.Context(), q, m.now)
	if err != nil {
		m.err = err
		return b
	}
	if b.Baseline == nil && found.Mean > 0 {
		b.Baseline = &config.Baseline{Mean: found.Mean, Deviation: found.Deviation}
		b.Measured = true
	}
	if b.PerDay == 0 {
		b.PerDay = found.PerDay / share
		b.Measured = true
	}
	return b
}

// addExposed says what becomes of the units that were exposed to what changes.
func (m *measurer) addExposed(p *plan.Plan) {
	if m.err != nil || m.live == nil {
		return
	}
	since := m.now.AddDate(0, 0, -measuredDays)
	exposed, err := m.engine.Exposed(m.cmd.Context(), 1, m.live.Revision, since)
	if err != nil {
		m.err = err
		return
	}
	p.AddExposed(since, func(key string, phase int) map[string]int64 {
		units := map[string]int64{}
		for _, x := range exposed {
			if x.Experiment == key && x.Phase == phase {
				units[x.Variant] = x.Units
			}
		}
		return units
	})
}

// enrolled is the share of eligible units that an experiment takes now, as it is live; 0
// if it is not.
func (m *measurer) enrolled(key string) float64 {
	if m.live == nil {
		return 0
	}
	for i := range m.live.Program.Experiments {
		e := &m.live.Program.Experiments[i]
		if e.Key != key || e.Kind != model.KindExperiment || !plan.Deciding(e, m.now.UnixMilli()) {
			continue
		}
		share := float64(plan.TrafficAt(&e.Rules[0], m.now.UnixMilli())) / model.Slots
		for _, h := range e.Holdouts {
			share *= 1 - float64(m.live.Program.Holdouts[h].Slots)/model.Slots
		}
		return share
	}
	return 0
}
