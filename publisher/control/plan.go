package control

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/declaration"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// PlanInput says how a plan is made.
type PlanInput struct {
	// At is the time as of which schedules and ramps are looked at; now if it is zero.
	At time.Time

	// Requests has one request a line, as the JSON body of POST /api/v1/assign. The plan estimates
	// on them how many requests change. It is read from its start for each plan: once, or once for
	// each attempt of a publish. Nil estimates nothing.
	Requests io.ReadSeeker

	// PerDay is the number of new eligible units a day, from which the plan computes how long
	// experiments take; 0 if it is not known.
	PerDay float64

	// Measure asks the events of the last two weeks who was exposed, and for baselines and traffic
	// that are not given. It needs [Options.Engine].
	Measure bool
}

func (in *PlanInput) check() error {
	if in.PerDay < 0 || math.IsInf(in.PerDay, 0) || math.IsNaN(in.PerDay) {
		return invalid("per_day", "give a number of units a day")
	}
	return nil
}

// Plan compares the project with what is live and says what a publish would do. It writes nothing.
func (w *Workspace) Plan(ctx context.Context, in PlanInput) (*plan.Plan, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r, live, err := w.live(ctx, w.files)
	if err != nil {
		return nil, err
	}
	on, err := w.basis(ctx, r, live)
	if err != nil {
		return nil, err
	}
	now := in.At
	if now.IsZero() {
		now = w.options.Now()
	}
	after, err := compileProject(r.project, on, now)
	if err != nil {
		return nil, err
	}
	return w.plan(ctx, r, on, after, in, now, nil)
}

// basis is what a payload continues: what is live in the environment for which it is meant in the
// end.
type basis struct {
	*remote
	live *revision.Revision // nil before the first revision
	base *audit.Origin      // nil if it is the environment that the payload is published to
}

// basis finds what a payload continues that is published where live is live.
func (w *Workspace) basis(ctx context.Context, r *remote, live *revision.Revision) (*basis, error) {
	if r.project.Production == nil {
		return &basis{remote: r, live: live}, nil
	}
	production, err := w.open(ctx, r.project.Production)
	if err != nil {
		return nil, err
	}
	if live, err = production.live(ctx); err != nil {
		return nil, err
	}
	return &basis{production, live, publish.OriginOf(production.project.Environment, live)}, nil
}

// compileProject compiles what a publish would follow the live revision with.
func compileProject(project *config.Project, on *basis, now time.Time) (*plan.State, error) {
	program, err := compile.Program(project, on.live.Ledger(), now)
	if err != nil {
		return nil, &Misconfigured{err}
	}
	raw, err := compile.PayloadAfter(program, on.live.Reader())
	if err != nil {
		return nil, &Misconfigured{err}
	}
	reader, err := payload.NewReader(raw)
	if err != nil {
		return nil, err
	}
	return &plan.State{
		Environment: project.Environment, Program: program, Declaration: declaration.Of(project),
		Payload: reader, Packing: bundle.NewPacking(raw),
	}, nil
}

// plan compares a compiled project with what it continues. Gates named in overrides are noted as
// overridden.
func (w *Workspace) plan(ctx context.Context, r *remote, on *basis, after *plan.State, in PlanInput, now time.Time, overrides []string) (*plan.Plan, error) {
	before, err := stateBefore(ctx, on, after)
	if err != nil {
		return nil, err
	}
	p := plan.Compare(before, *after, now)
	if p.Cost, err = plan.MeasureCosts(before, *after); err != nil {
		return nil, err
	}
	p.Check(before, *after, r.project, overrides)
	if in.Requests != nil {
		if _, err := in.Requests.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("requests: %w", err)
		}
		if p.Requests, err = plan.Replay(in.Requests, before, *after, now); err != nil {
			return nil, fmt.Errorf("requests: %w", err)
		}
	}
	return p, w.measure(ctx, p, on.remote, before, *after, in, now)
}

// stateOf is a revision with the declaration of its directory; nil if there is no revision.
func stateOf(ctx context.Context, r *remote, live *revision.Revision) (*plan.State, error) {
	if live == nil {
		return nil, nil
	}
	declared, err := revision.DeclarationOf(ctx, r.store, live.Manifest)
	if err != nil {
		return nil, err
	}
	return newState(live, declared), nil
}

// stateBefore is [stateOf] for what a compiled project continues. The two declarations share what
// is the same in both.
func stateBefore(ctx context.Context, on *basis, after *plan.State) (*plan.State, error) {
	if on.live == nil {
		return nil, nil
	}
	encoding, err := after.Declaration.Encode()
	if err != nil { // a publish would say so
		return stateOf(ctx, on.remote, on.live)
	}
	after.Declared = encoding
	declared, err := revision.DeclarationLike(ctx, on.store, on.live.Manifest, after.Declaration, encoding)
	if err != nil {
		return nil, err
	}
	return newState(on.live, declared), nil
}

func newState(live *revision.Revision, declared *declaration.Declaration) *plan.State {
	return &plan.State{
		Environment: live.Manifest.Environment, Revision: live.Manifest.Revision,
		Program: live.Program, Declaration: declared, Payload: live.Reader(), Packed: &live.Manifest.Payload,
	}
}
