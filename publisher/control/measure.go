package control

import (
	"context"
	"errors"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
)

// measuredDays is the number of recent days that a baseline is measured over: two weeks,
// so that each day of the week counts the same.
const measuredDays = 14

// measure adds to a plan how long experiments take and, if the input says so, what recent events
// tell.
func (w *Workspace) measure(ctx context.Context, p *plan.Plan, r *remote, live *plan.State, after plan.State, in PlanInput, now time.Time) error {
	given := func(e *config.Experiment) plan.Basis {
		return plan.Basis{Baseline: primaryOf(r.project, e).Baseline, PerDay: in.PerDay}
	}
	if !in.Measure {
		p.AddPower(after, r.project, given)
		return nil
	}
	engine, err := w.engine(ctx, r)
	if err != nil {
		return err
	}
	m := measurer{ctx: ctx, engine: engine, project: r.project, live: live, now: now}
	p.AddPower(after, r.project, func(e *config.Experiment) plan.Basis { return m.complete(e, given(e)) })
	m.addExposed(p)
	return errors.Join(m.err, engine.Close())
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

// measurer asks recent events for what is not given. It keeps the first error.
type measurer struct {
	ctx     context.Context
	engine  analysis.Engine
	project *config.Project
	live    *plan.State
	now     time.Time
	err     error
}

// complete measures what b lacks: for an experiment that is live by its own exposures, of
// which each share of the traffic saw as many; for another by all exposures there are.
func (m *measurer) complete(e *config.Experiment, b plan.Basis) plan.Basis {
	if m.err != nil || b.Baseline != nil && b.PerDay > 0 {
		return b
	}
	metric, err := metricFrom(m.project, e.Primary)
	if err != nil {
		m.err = err
		return b
	}
	q := analysis.BaselineQuery{
		Unit: m.project.Units[e.Unit], Metric: metric, Since: m.now.AddDate(0, 0, -measuredDays),
	}
	share := m.enrolled(e.Key)
	if share > 0 {
		q.Experiment, q.Control = e.Key, e.Variants[e.Control].Key
	} else {
		share = 1
	}
	found, err := m.engine.Baseline(m.ctx, q, m.now)
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
	exposed, err := m.engine.Exposed(m.ctx, 1, m.live.Revision, since)
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
		if e.Key != key || e.Kind != model.KindExperiment || !plan.Deciding(e, model.MillisOf(m.now)) {
			continue
		}
		share := float64(plan.TrafficAt(&e.Rules[0], model.MillisOf(m.now))) / model.Slots
		for _, h := range e.Holdouts {
			share *= 1 - float64(m.live.Program.Holdouts[h].Slots)/model.Slots
		}
		return share
	}
	return 0
}
