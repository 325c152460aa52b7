package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// RollbackInput says what to go back to. A message is demanded. No gate stops a rollback.
type RollbackInput struct {
	Signing

	// To is the revision whose payload is published again; 0 is the last one with another payload.
	To uint64

	// Approve is asked about the plan, as [Approval.Approve] is.
	Approve func(context.Context, *plan.Plan) (bool, error) `json:"-"`
}

// RolledBack is what came of a rollback.
type RolledBack struct {
	Made
	To      uint64         `json:"to"` // the revision whose payload it is
	Payload bundle.Payload `json:"payload"`
	Killed  []string       `json:"killed"` // keys that were killed since and stay so

	// EndedCanary is the revision whose canary the rollback ended; 0 if there was none.
	EndedCanary uint64 `json:"ended_canary,omitempty"`
}

// PlanRollback says what a rollback would change. It writes nothing.
func (w *Workspace) PlanRollback(ctx context.Context, in RollbackInput) (*plan.Plan, error) {
	r, live, err := w.live(ctx, config.LoadTarget)
	if err != nil {
		return nil, err
	}
	back, err := in.target(ctx, r, live)
	if err != nil {
		return nil, err
	}
	return w.planRollback(ctx, r, live, back)
}

// Rollback publishes an earlier payload as a new revision for every host. What was killed since
// stays killed.
func (w *Workspace) Rollback(ctx context.Context, in RollbackInput) (*RolledBack, error) {
	if in.Message == "" {
		return nil, invalid("message", "say why, for the audit log")
	}
	p, err := w.publication(ctx, config.LoadTarget, in.Signing)
	if err != nil {
		return nil, err
	}
	var back *earlier
	var ended uint64
	p.Action = audit.Rollback
	p.Build = func(live *revision.Revision) (*publish.Built, error) {
		if back, err = in.target(ctx, p.remote, live); err != nil {
			return nil, err
		}
		if ended = 0; live.Stable != nil {
			ended = live.Number()
		} else if bytes.Equal(back.state.Payload.Raw(), live.Payload) {
			return nil, publish.ErrUnchanged
		}
		planned, err := w.planRollback(ctx, p.remote, live, back)
		if err != nil {
			return nil, err
		}
		approval := Approval{Approve: in.Approve}
		if err := approval.approve(ctx, planned); err != nil {
			return nil, err
		}
		return &publish.Built{Payload: back.state.Payload.Raw(), Declaration: back.declaration, Base: back.base, Withdraws: true}, nil
	}
	made, m, err := p.publish(ctx)
	if err != nil {
		return nil, err
	}
	killed := []string{}
	for _, k := range back.kept {
		killed = append(killed, k.Key)
	}
	return &RolledBack{*made, back.state.Revision, m.Payload, killed, ended}, nil
}

// earlier is what a rollback goes back to.
type earlier struct {
	state       plan.State    // its revision is the earlier one; with the kills that stay
	declaration []byte        // nil if the earlier revision has none
	base        *audit.Origin // of the earlier revision
	kept        []model.Kill
}

// target finds what to go back to.
func (in *RollbackInput) target(ctx context.Context, r *remote, live *revision.Revision) (*earlier, error) {
	if live == nil {
		return nil, nothingLive(r.project.Environment)
	}
	chain, err := r.chain(ctx)
	if err != nil {
		return nil, err
	}
	var old *revision.Revision
	switch {
	case in.To == 0:
		old, err = revision.Before(ctx, r.store, chain, live)
	case in.To >= live.Number():
		return nil, &Invalid{"to", fmt.Sprintf("revision %d is live; name an earlier one", live.Number()), "publisher history lists them"}
	default:
		old, err = revision.At(ctx, r.store, chain, r.project.Environment, in.To)
	}
	if errors.Is(err, bundle.ErrNotFound) {
		return nil, fmt.Errorf("%w: its payload was deleted from the bucket; name another revision", err)
	}
	if err != nil {
		return nil, err
	}
	state, err := stateOf(ctx, r, old)
	if err != nil {
		return nil, err
	}
	entry, err := audit.ReadEntry(ctx, r.store, old.Manifest)
	if err != nil {
		return nil, err
	}
	back := &earlier{state: *state, base: entry.Leaf.Base}
	if state.Declaration != nil {
		if back.declaration, err = state.Declaration.Encode(); err != nil {
			return nil, err
		}
	}
	return back, back.keepKills(live.Program)
}

// keepKills kills again what was killed since.
func (b *earlier) keepKills(live *model.Program) error {
	for _, k := range live.Ledger.Kills {
		if !slices.ContainsFunc(b.state.Program.Ledger.Kills, func(old model.Kill) bool { return old.Key == k.Key }) {
			b.kept = append(b.kept, k)
		}
	}
	if len(b.kept) == 0 {
		return nil
	}
	raw, program, err := compile.Patch(b.state.Payload.Raw(), compile.KeepKills(live))
	if err != nil {
		return err
	}
	b.state.Program = program
	b.state.Payload, err = payload.NewReader(raw)
	return err
}

func (w *Workspace) planRollback(ctx context.Context, r *remote, live *revision.Revision, back *earlier) (*plan.Plan, error) {
	before, err := stateOf(ctx, r, live)
	if err != nil {
		return nil, err
	}
	return plan.Compare(before, back.state, w.options.Now()), nil
}
