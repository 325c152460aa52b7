package control

import (
	"context"
	"errors"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/canary"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// CanaryInput says how a canary is judged.
type CanaryInput struct {
	// Interval is how long everything must be well before the canary is promoted; 0 is what
	// sortition.yaml says.
	Interval time.Duration
}

func (in *CanaryInput) check() error {
	if in.Interval < 0 {
		return invalid("interval", "must not be negative")
	}
	return nil
}

// CanaryState is how a canary is doing.
type CanaryState struct {
	Environment string         `json:"environment"`
	Epoch       uint64         `json:"epoch"`
	Revision    uint64         `json:"revision"`
	Canary      bundle.Canary  `json:"canary"`
	Started     time.Time      `json:"started"`
	Groups      []CanaryGroup  `json:"groups"` // the canary, then the other hosts
	Hosts       []CanaryHost   `json:"hosts"`  // of the canary
	Splits      []CanarySplit  `json:"splits"`
	Verdict     canary.Verdict `json:"verdict"`
}

// CanaryGroup sums up the reports of a group of hosts since the canary started.
type CanaryGroup struct {
	Name      string  `json:"name"`
	Hosts     int     `json:"hosts"`
	Serving   int     `json:"serving"` // the revision that is theirs
	Requests  uint64  `json:"requests"`
	Errors    uint64  `json:"errors"`
	Decisions uint64  `json:"decisions"`
	P99MS     float64 `json:"p99_ms"` // upper bound in milliseconds; 0 without requests
}

// CanaryHost is what a host of the canary reported last.
type CanaryHost struct {
	Host      string            `json:"host"`
	Revision  uint64            `json:"revision"`
	Serving   bool              `json:"serving"`
	Activated time.Time         `json:"activated,omitzero"`
	Requests  uint64            `json:"requests"`
	Errors    uint64            `json:"errors"`
	Refused   map[string]uint64 `json:"refused"`
}

// CanarySplit says how the units that the canary exposed are divided among variants.
type CanarySplit struct {
	Experiment string  `json:"experiment"`
	Units      []int64 `json:"units"`   // by variant
	Checked    bool    `json:"checked"` // there are enough of them
	P          float64 `json:"p"`       // of the sample-ratio test
}

// Canary says how the canary that is under way is doing, and what [Workspace.WatchCanary] would do
// now. It changes nothing. The error is [revision.ErrNoCanary] if none is under way.
func (w *Workspace) Canary(ctx context.Context, in CanaryInput) (*CanaryState, error) {
	o, err := w.observe(ctx, in)
	if err != nil {
		return nil, err
	}
	return o.look(ctx)
}

// FollowCanary looks at the canary that is under way until it is over, and calls see after each
// look. It changes nothing. The error is [revision.ErrNoCanary] if none is under way at first, and
// what see returns.
func (w *Workspace) FollowCanary(ctx context.Context, in CanaryInput, every time.Duration, see func(*CanaryState) error) error {
	if err := checkEvery(every); err != nil {
		return err
	}
	o, err := w.observe(ctx, in)
	if err != nil {
		return err
	}
	for {
		before := o.live
		state, err := o.look(ctx)
		if errors.Is(err, revision.ErrNoCanary) && before != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := see(state); err != nil {
			return err
		}
		if err := sleep(ctx, every); err != nil {
			return err
		}
	}
}

// observer looks at a canary again and again.
type observer struct {
	workspace *Workspace
	remote    *remote
	rules     config.Canary

	live    *revision.Revision // as of the last look
	started time.Time
	counted time.Time // when exposures were last counted
	splits  []canary.Split
}

func (w *Workspace) observe(ctx context.Context, in CanaryInput) (*observer, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r, err := w.remote(ctx, w.files)
	if err != nil {
		return nil, err
	}
	return w.observer(r, in), nil
}

func (w *Workspace) observer(r *remote, in CanaryInput) *observer {
	o := &observer{workspace: w, remote: r, rules: r.project.Canary}
	if in.Interval > 0 {
		o.rules.Interval = config.Period(in.Interval)
	}
	return o
}

// look reads how the canary is doing.
func (o *observer) look(ctx context.Context) (*CanaryState, error) {
	r := o.remote
	newest, chain, err := r.newest(ctx)
	if err != nil {
		return nil, err
	}
	if o.live == nil || newest == nil || !newest.Equal(o.live.Manifest) {
		live, err := revision.Live(ctx, r.store, chain, r.project.Environment)
		if err != nil {
			return nil, err
		}
		if live == nil || live.Stable == nil {
			return nil, revision.ErrNoCanary
		}
		if o.started, err = canary.Started(ctx, r.store, chain, live); err != nil {
			return nil, err
		}
		o.live = live
	}
	now := o.workspace.options.Now()
	state, err := canary.Read(ctx, r.store, o.live, o.started, now)
	if err != nil {
		return nil, err
	}
	if o.rules.SampleRatio && now.Sub(o.counted) >= canary.SplitPause {
		if err := o.count(ctx); err != nil {
			return nil, err
		}
		o.counted = now
	}
	state.Splits = o.splits
	return describeCanary(state, canary.Judge(state, o.rules)), nil
}

// count counts the units that the canary exposed to experiments. It opens an engine each time,
// because an engine reads the events that are there when it opens.
func (o *observer) count(ctx context.Context) error {
	engine, err := o.workspace.engine(ctx, o.remote)
	if err != nil {
		return err
	}
	defer engine.Close()
	o.splits, err = canary.ReadSplits(ctx, engine, o.live)
	return err
}

func describeCanary(s *canary.State, v canary.Verdict) *CanaryState {
	d := &CanaryState{
		Environment: s.Environment, Epoch: s.Epoch, Revision: s.Revision, Canary: s.Canary, Started: s.Started,
		Hosts: []CanaryHost{}, Splits: []CanarySplit{}, Verdict: v,
	}
	first, others := s.Groups()
	for _, g := range []struct {
		name string
		canary.Group
	}{{"canary", first}, {"others", others}} {
		d.Groups = append(d.Groups, CanaryGroup{
			g.name, g.Hosts, g.Serving, g.Requests, g.Errors, g.Decisions, float64(g.Quantile(0.99).Microseconds()) / 1000,
		})
	}
	for i := range s.Hosts {
		h := &s.Hosts[i]
		if !h.InCanary && !s.Serves(h) {
			continue
		}
		host := CanaryHost{Host: h.Host, Revision: h.Revision, Serving: s.Serves(h), Requests: h.Activity.Requests, Errors: h.Activity.Errors, Refused: h.Refused}
		if h.Activated > 0 {
			host.Activated = h.Activated.Time()
		}
		d.Hosts = append(d.Hosts, host)
	}
	for _, split := range s.Splits {
		d.Splits = append(d.Splits, CanarySplit{split.Experiment, split.Units, split.Checked, split.P})
	}
	return d
}
