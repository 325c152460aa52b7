package control

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/canary"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

const (
	// DefaultEvery is the time between two looks at a canary, and MinEvery the shortest.
	DefaultEvery = 2 * time.Second
	MinEvery     = 100 * time.Millisecond

	// maxFailures bounds the looks in a row that may fail: with DefaultEvery, a minute of a bucket
	// that is down.
	maxFailures = 30
)

// Ending is how a canary ends.
type Ending string

// The endings of a canary.
const (
	CanaryPromoted Ending = "promoted" // every host gets what the canary has
	CanaryAborted  Ending = "aborted"  // every host goes back to what the others have
)

// CanaryEnded is how a canary ended.
type CanaryEnded struct {
	Ended   Ending `json:"ended"`
	Message string `json:"message"`
	Made
}

// PromoteCanary publishes what the canary has for every host.
func (w *Workspace) PromoteCanary(ctx context.Context, s Signing) (*CanaryEnded, error) {
	return w.endCanary(ctx, s, CanaryPromoted)
}

// AbortCanary publishes, as a new revision for every host, what the hosts outside of the canary
// have.
func (w *Workspace) AbortCanary(ctx context.Context, s Signing) (*CanaryEnded, error) {
	return w.endCanary(ctx, s, CanaryAborted)
}

// PlanPromoteCanary says what changes for the hosts outside of the canary if it is promoted. It
// writes nothing.
func (w *Workspace) PlanPromoteCanary(ctx context.Context) (*plan.Plan, error) {
	return w.planEnding(ctx, func(live *revision.Revision) (before, after *revision.Revision) { return live.Stable, live })
}

// PlanAbortCanary says what changes for the hosts of the canary if it is aborted. It writes
// nothing.
func (w *Workspace) PlanAbortCanary(ctx context.Context) (*plan.Plan, error) {
	return w.planEnding(ctx, func(live *revision.Revision) (before, after *revision.Revision) { return live, live.Stable })
}

func (w *Workspace) planEnding(ctx context.Context, choose func(*revision.Revision) (before, after *revision.Revision)) (*plan.Plan, error) {
	r, live, err := w.live(ctx, config.LoadTarget)
	if err != nil {
		return nil, err
	}
	if live == nil || live.Stable == nil {
		return nil, revision.ErrNoCanary
	}
	before, after := choose(live)
	b, err := stateOf(ctx, r, before)
	if err != nil {
		return nil, err
	}
	a, err := stateOf(ctx, r, after)
	if err != nil {
		return nil, err
	}
	return plan.Compare(b, *a, w.options.Now()), nil
}

func (w *Workspace) endCanary(ctx context.Context, s Signing, end Ending) (*CanaryEnded, error) {
	p, err := w.publication(ctx, config.LoadTarget, s)
	if err != nil {
		return nil, err
	}
	return p.endCanary(ctx, end, nil)
}

// endCanary ends a canary; if of is not nil, that one and no other.
func (p *publication) endCanary(ctx context.Context, end Ending, of *bundle.Canary) (*CanaryEnded, error) {
	action, build := audit.PromoteCanary, publish.PromoteCanary
	if end == CanaryAborted {
		action, build = audit.AbortCanary, publish.AbortCanary
	}
	p.Action, p.Force = action, true
	p.Build = func(live *revision.Revision) (*publish.Built, error) {
		if of != nil && live != nil && live.Stable != nil && live.Manifest.Canary.Salt != of.Salt {
			return nil, errors.New("another canary has started in the meantime")
		}
		return build(live)
	}
	made, m, err := p.publish(ctx)
	if err != nil {
		return nil, err
	}
	return &CanaryEnded{end, m.Message, *made}, nil
}

// WatchInput says how a canary is watched.
type WatchInput struct {
	CanaryInput

	// Validity is that of the revision that ends the canary; see [Signing.Validity].
	Validity time.Duration

	// Every is the time between two looks, at least [MinEvery]; [DefaultEvery] if it is 0.
	Every time.Duration

	// See is called after each look, and Failed after a look that failed and is tried again. Both
	// may be nil.
	See    func(*CanaryState) error
	Failed func(error)
}

// Check finds what is wrong with the input. A caller that starts the canary calls Check before
// it does.
func (in *WatchInput) Check() error {
	if in.Every != 0 {
		if err := checkEvery(in.Every); err != nil {
			return err
		}
	}
	return in.check()
}

// WatchCanary looks at the canary that is under way until it can be promoted or must be aborted, as
// sortition.yaml says, and does so. The reason is the message of the revision. The error is
// [revision.ErrNoCanary] if none is under way, or somebody else has ended it.
func (w *Workspace) WatchCanary(ctx context.Context, in WatchInput) (*CanaryEnded, error) {
	if in.Every == 0 {
		in.Every = DefaultEvery
	}
	if err := in.Check(); err != nil {
		return nil, err
	}
	p, err := w.publication(ctx, w.files, Signing{Validity: in.Validity})
	if err != nil {
		return nil, err
	}
	o := w.observer(p.remote, in.CanaryInput)
	verdict, err := o.await(ctx, &in)
	if err != nil {
		return nil, err
	}
	end := CanaryPromoted
	if verdict.Action == canary.Abort {
		end = CanaryAborted
	}
	p.Message = cut(strings.Join(verdict.Reasons, "; "), bundle.MaxMessageLength)
	return p.endCanary(ctx, end, o.live.Manifest.Canary)
}

// await looks until there is something to do.
func (o *observer) await(ctx context.Context, in *WatchInput) (canary.Verdict, error) {
	failures := 0
	for {
		state, err := o.look(ctx)
		switch {
		case err == nil:
			failures = 0
			if in.See != nil {
				if err := in.See(state); err != nil {
					return canary.Verdict{}, err
				}
			}
			if state.Verdict.Action != canary.Wait {
				return state.Verdict, nil
			}
		case errors.Is(err, revision.ErrNoCanary) || failures == maxFailures:
			return canary.Verdict{}, err
		default:
			failures++
			if in.Failed != nil {
				in.Failed(err)
			}
		}
		if err := sleep(ctx, in.Every); err != nil {
			return canary.Verdict{}, err
		}
	}
}

func checkEvery(every time.Duration) error {
	if every < MinEvery {
		return invalid("every", "must be at least %v", MinEvery)
	}
	return nil
}

// cut shortens a text to a number of bytes.
func cut(text string, n int) string { return strings.ToValidUTF8(text[:min(n, len(text))], "") }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
