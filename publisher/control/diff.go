package control

import (
	"context"
	"errors"

	"github.com/sortition-dev/sortition/bundle"
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
	found, err := r.at(ctx, chain, uint64(ref), "")
	if err != nil {
		return nil, err
	}
	return stateOf(ctx, r, found)
}

// at is a revision by its number. If there is none yet, the error is [*Invalid] about a field.
func (r *remote) at(ctx context.Context, chain *bundle.Chain, number uint64, field string) (*revision.Revision, error) {
	found, err := revision.At(ctx, r.store, chain, r.project.Environment, number)
	if !errors.Is(err, bundle.ErrNotFound) {
		return found, err
	}
	newest, newestErr := revision.Newest(ctx, r.store, chain, r.project.Environment)
	switch {
	case newestErr != nil:
		return nil, newestErr
	case newest == nil:
		return nil, nothingLive(r.project.Environment)
	case number > newest.Revision:
		return nil, noRevision(field, number, newest)
	}
	return nil, err
}

// noRevision says that there is no revision of that number yet.
func noRevision(field string, number uint64, newest *bundle.Manifest) *Invalid {
	return invalid(field, "there is no revision %d of %s: the newest is %d", number, newest.Environment, newest.Revision)
}
