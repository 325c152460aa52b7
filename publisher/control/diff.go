package control

import (
	"context"

	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// Ref names a revision by its number; 0 is the live one.
type Ref uint64

// Diff says how two revisions differ, as a plan does. Schedules and ramps are looked at as of now.
func (w *Workspace) Diff(ctx context.Context, before, after Ref) (*plan.Plan, error) {
	r, err := w.remote(ctx, config.LoadTarget)
	if err != nil {
		return nil, err
	}
	b, err := r.state(ctx, before)
	if err != nil {
		return nil, err
	}
	a, err := r.state(ctx, after)
	if err != nil {
		return nil, err
	}
	return plan.Compare(b, *a, w.options.Now()).Difference(), nil
}

// state is the revision that a reference names.
func (r *remote) state(ctx context.Context, ref Ref) (*plan.State, error) {
	if ref == 0 {
		live, err := r.live(ctx)
		if err == nil && live == nil {
			err = nothingLive(r.project.Environment)
		}
		if err != nil {
			return nil, err
		}
		return stateOf(ctx, r, live)
	}
	chain, err := r.chain(ctx)
	if err != nil {
		return nil, err
	}
	found, err := revision.At(ctx, r.store, chain, r.project.Environment, uint64(ref))
	if err != nil {
		return nil, err
	}
	return stateOf(ctx, r, found)
}
