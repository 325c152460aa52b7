package control

import (
	"context"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/expect"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// PublishInput says what to publish, and to whom.
type PublishInput struct {
	Signing
	Approval
	Plan PlanInput

	// Force publishes a revision even if nothing changed: it renews the expiry.
	Force bool

	// Canary is the share and the labels of the hosts that are offered the revision first; nil
	// offers it to every host.
	Canary *bundle.Canary
}

// Published is what came of a publish.
type Published struct {
	Made
	Canary      *bundle.Canary `json:"canary"` // null if the revision is for every host
	Experiments int            `json:"experiments"`
	Flags       int            `json:"flags"`
	Payload     bundle.Payload `json:"payload"`

	Applications []bundle.Application `json:"applications,omitempty"` // with the payload of each

	Work payload.Work `json:"work"` // the most that a request can cost
	Kept []Kept       `json:"kept"` // operations that stay in force

	// Plan is what was approved.
	Plan *plan.Plan `json:"-"`
}

// PlanPublish says what a publish would change, and fails as the publish would: if a test fails, or
// if a canary is under way. Gates that stop the publish are in the plan. It writes nothing.
func (w *Workspace) PlanPublish(ctx context.Context, in PublishInput) (*plan.Plan, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r, live, err := w.live(ctx, w.files)
	if err != nil {
		return nil, err
	}
	p := publish.Publication{Action: in.action(), Canary: in.Canary}
	if err := p.CheckCanary(live); err != nil {
		return nil, err
	}
	b := builder{workspace: w, remote: r, in: in}
	if _, err := b.compile(ctx, live); err != nil {
		return nil, err
	}
	return b.plan, nil
}

// check finds what is wrong with the input before anything is done.
func (in *PublishInput) check() error {
	if err := in.Approval.check(); err != nil {
		return err
	}
	if err := in.Plan.check(); err != nil {
		return err
	}
	return in.Signing.check()
}

func (in *PublishInput) action() audit.Action {
	if in.Canary != nil {
		return audit.StartCanary
	}
	return audit.Publish
}

// Publish compiles, signs and publishes the project. It tries the tests of the project first. If
// another publisher is faster, it builds again on that one's revision.
func (w *Workspace) Publish(ctx context.Context, in PublishInput) (*Published, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	p, err := w.publication(ctx, w.files, in.Signing)
	if err != nil {
		return nil, err
	}
	b := builder{workspace: w, remote: p.remote, in: in}
	p.Force, p.Action, p.Canary = in.Force, in.action(), in.Canary
	p.Build = func(live *revision.Revision) (*publish.Built, error) { return b.build(ctx, live) }
	made, m, err := p.publish(ctx)
	if err != nil {
		return nil, err
	}
	experiments, flags := countKinds(b.next.Program)
	return &Published{
		Made: *made, Canary: m.Canary, Experiments: experiments, Flags: flags, Payload: m.Payload,
		Applications: m.Applications, Work: b.plan.Cost.After.Work, Kept: keptOperations(b.next.Program), Plan: b.plan,
	}, nil
}

// builder compiles a project for a publication. It keeps what the last attempt came to.
type builder struct {
	workspace *Workspace
	remote    *remote
	in        PublishInput

	next *plan.State
	plan *plan.Plan
}

func (b *builder) build(ctx context.Context, live *revision.Revision) (*publish.Built, error) {
	on, err := b.compile(ctx, live)
	if err != nil {
		return nil, err
	}
	declared := b.next.Declared
	if declared == nil {
		if declared, err = b.next.Declaration.Encode(); err != nil {
			return nil, err
		}
	}
	if err := b.in.approve(ctx, b.plan); err != nil {
		return nil, err
	}
	return &publish.Built{
		Payload: b.next.Payload.Raw(), Packing: b.next.Packing,
		Declaration: declared, Base: on.base, Overrides: b.in.noted(b.plan),
	}, nil
}

// compile tests, compiles and plans what follows a revision, and returns what it continues.
func (b *builder) compile(ctx context.Context, live *revision.Revision) (*basis, error) {
	on, err := b.workspace.basis(ctx, b.remote, live)
	if err != nil {
		return nil, err
	}
	now := b.workspace.options.Now()
	results, err := expect.Run(b.remote.project, on.live.Ledger(), now, nil)
	if err != nil {
		return nil, &Misconfigured{err}
	}
	if tested := count(results); tested.Failed > 0 {
		return nil, &Refused{Tests: tested}
	}
	if b.next, err = compileProject(b.remote.project, on, now); err != nil {
		return nil, err
	}
	b.plan, err = b.workspace.plan(ctx, b.remote, on, b.next, b.in.Plan, now, b.in.Overrides)
	return on, err
}

func countKinds(p *model.Program) (experiments, flags int) {
	for _, e := range p.Experiments {
		if e.Kind == model.KindFlag {
			flags++
		} else {
			experiments++
		}
	}
	return experiments, flags
}
