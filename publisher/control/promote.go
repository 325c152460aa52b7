package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// PromoteInput says what to promote.
type PromoteInput struct {
	Signing
	Approval

	// From is the environment whose payload is promoted.
	From string

	// Revision of From; 0 is the live one.
	Revision uint64

	// Expect is the SHA-256 that the payload must have, if it is not nil.
	Expect *bundle.Hash
}

// Promoted is what came of a promotion. Published is false if the payload was live already.
type Promoted struct {
	Made
	From        audit.Origin   `json:"from"`
	Experiments int            `json:"experiments"`
	Flags       int            `json:"flags"`
	Payload     bundle.Payload `json:"payload"`
	Kept        []Kept         `json:"kept"` // operations that stay in force
}

// PlanPromotion says what a promotion would change, and which gates stop it. It writes nothing.
func (w *Workspace) PlanPromotion(ctx context.Context, in PromoteInput) (*plan.Plan, error) {
	r, s, err := w.staged(ctx, in)
	if err != nil {
		return nil, err
	}
	live, err := r.live(ctx)
	if err != nil {
		return nil, err
	}
	if s.isLive(r, live) {
		before, err := stateOf(ctx, r, live)
		if err != nil {
			return nil, err
		}
		return plan.Compare(before, s.state, w.options.Now()), nil
	}
	p := publish.Publication{Action: audit.Promote}
	if err := p.CheckCanary(live); err != nil {
		return nil, err
	}
	return w.planPromotion(ctx, r, live, s, in)
}

// Promote publishes the payload of another environment, byte for byte, with the core that it was
// tested with.
func (w *Workspace) Promote(ctx context.Context, in PromoteInput) (*Promoted, error) {
	if err := in.Signing.check(); err != nil {
		return nil, err
	}
	r, s, err := w.staged(ctx, in)
	if err != nil {
		return nil, err
	}
	p, err := w.sign(ctx, r, in.Signing)
	if err != nil {
		return nil, err
	}
	p.Action = audit.Promote
	from := publish.OriginOf(in.From, s.revision)
	production := p.project.Production == nil
	p.Build = func(live *revision.Revision) (*publish.Built, error) {
		if s.isLive(p.remote, live) {
			return nil, publish.ErrUnchanged
		}
		planned, err := w.planPromotion(ctx, p.remote, live, s, in)
		if err != nil {
			return nil, err
		}
		if err := in.approve(ctx, planned); err != nil {
			return nil, err
		}
		b := &publish.Built{Payload: s.state.Payload.Raw(), Tested: s.tested, Declaration: s.declaration, From: from, Overrides: in.noted(planned)}
		if !production {
			b.Base = s.base
		}
		return b, nil
	}
	made, m, err := p.publish(ctx)
	if err != nil {
		return nil, err
	}
	experiments, flags := countKinds(s.state.Program)
	return &Promoted{*made, *from, experiments, flags, m.Payload, keptOperations(s.state.Program)}, nil
}

// staged is what is promoted.
type staged struct {
	revision    *revision.Revision
	state       plan.State
	declaration []byte
	tested      *publish.Tested
	base        *audit.Origin
}

// isLive tells whether the project's own environment has the payload and the core already: also
// after a promotion, which does not continue what it made live.
func (s *staged) isLive(r *remote, live *revision.Revision) bool {
	return r.project.Production == nil && live != nil && live.Manifest.Core == s.tested.Core &&
		bytes.Equal(live.Payload, s.state.Payload.Raw())
}

// staged opens the workspace's environment, and finds what is promoted to it.
func (w *Workspace) staged(ctx context.Context, in PromoteInput) (*remote, *staged, error) {
	if in.From == "" {
		return nil, nil, invalid("from", "name the environment whose payload to promote")
	}
	if err := in.Approval.check(); err != nil {
		return nil, nil, err
	}
	r, err := w.remote(ctx, config.LoadGates)
	if err != nil {
		return nil, nil, err
	}
	from, err := w.source(ctx, r, in.From)
	if err != nil {
		return nil, nil, err
	}
	s, err := in.find(ctx, from)
	if err != nil {
		return nil, nil, err
	}
	if raw := s.state.Payload.Raw(); in.Expect != nil && bundle.HashOf(raw) != *in.Expect {
		return nil, nil, fmt.Errorf("revision %d of %s has the payload sha256:%s, not the expected sha256:%s: nothing was published",
			s.state.Revision, in.From, bundle.HashOf(raw), in.Expect)
	}
	return r, s, nil
}

// source opens the environment that is promoted from.
func (w *Workspace) source(ctx context.Context, r *remote, name string) (*remote, error) {
	project := r.project
	if project.Production != nil {
		project = project.Production
	}
	in, err := project.In(name)
	if err != nil {
		return nil, noEnvironment("from", name, project)
	}
	if in.Environment == r.project.Environment {
		return nil, invalid("from", "%s is the environment that is promoted to; name another", name)
	}
	return w.open(ctx, in)
}

// find reads the revision that is promoted, and verifies all of it.
func (in *PromoteInput) find(ctx context.Context, from *remote) (*staged, error) {
	found, err := in.findRevision(ctx, from)
	if err != nil {
		return nil, err
	}
	state, err := stateOf(ctx, from, found)
	if err != nil {
		return nil, err
	}
	if state.Declaration == nil {
		return nil, fmt.Errorf("the declaration of revision %d of %s is gone from its bucket: publish to %s again", state.Revision, in.From, in.From)
	}
	s := &staged{revision: found, state: *state}
	if s.declaration, err = state.Declaration.Encode(); err != nil {
		return nil, err
	}
	if s.tested, err = publish.TestedWith(ctx, from.store, found.Manifest); err != nil {
		return nil, err
	}
	entry, err := audit.ReadEntry(ctx, from.store, found.Manifest)
	if err != nil {
		return nil, err
	}
	s.base = entry.Leaf.Base
	return s, nil
}

func (in *PromoteInput) findRevision(ctx context.Context, from *remote) (*revision.Revision, error) {
	if in.Revision != 0 {
		chain, err := from.chain(ctx)
		if err != nil {
			return nil, err
		}
		return from.at(ctx, chain, in.Revision, "revision")
	}
	live, err := from.live(ctx)
	switch {
	case err != nil:
		return nil, err
	case live == nil:
		return nil, fmt.Errorf("nothing is live in %s yet: publish to it with --environment %s", in.From, in.From)
	case live.Stable != nil:
		return nil, fmt.Errorf("a canary is under way in %s: end it, or name the revision to promote", in.From)
	}
	return live, nil
}

// planPromotion compares what is promoted with what it continues.
func (w *Workspace) planPromotion(ctx context.Context, r *remote, live *revision.Revision, s *staged, in PromoteInput) (*plan.Plan, error) {
	on, err := w.basis(ctx, r, live)
	if err != nil {
		return nil, err
	}
	chain, err := on.chain(ctx)
	if err != nil {
		return nil, err
	}
	if err := publish.CheckContinues(ctx, on.store, chain, on.project.Environment, on.live, s.base); err != nil {
		if errors.Is(err, publish.ErrDiverged) {
			err = fmt.Errorf("revision %d of %s cannot be promoted: %w; publish to %s again, test that, and promote it", s.state.Revision, in.From, err, in.From)
		}
		return nil, err
	}
	before, err := stateOf(ctx, on.remote, on.live)
	if err != nil {
		return nil, err
	}
	p := plan.Compare(before, s.state, w.options.Now())
	p.Environment = r.project.Environment
	if p.Cost, err = plan.MeasureCosts(before, s.state); err != nil {
		return nil, err
	}
	p.Check(before, s.state, r.project, in.Overrides)
	return p, nil
}
