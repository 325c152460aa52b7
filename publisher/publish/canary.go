package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
)

// Errors about canaries.
var (
	// ErrCanary says that a canary is under way. Nothing new is published then: it would
	// reach hosts that are to wait for the outcome, or change what the canary is compared
	// with. What takes something back does not wait: see Publication.Canary.
	ErrCanary = errors.New("a canary is under way: promote or abort it first, with publisher canary")

	// ErrNoCanary says that there is nothing to promote or to abort.
	ErrNoCanary = errors.New("no canary is under way")
)

// Settled is what every host may have: the live revision, or during a canary the stable
// one. Commands that cannot wait for a canary build on it, and so end the canary.
func (l *Live) Settled() *Live {
	if l == nil || l.Stable == nil {
		return l
	}
	return l.Stable
}

// PromoteCanary builds the payload of the canary for every host, and so ends the canary.
// The error is ErrNoCanary if none is under way.
func PromoteCanary(live *Live) ([]byte, error) {
	if live == nil || live.Stable == nil {
		return nil, ErrNoCanary
	}
	return live.Payload, nil
}

// AbortCanary builds the payload of the hosts outside of the canary for every host, and so
// ends the canary. The error is ErrNoCanary if none is under way.
func AbortCanary(live *Live) ([]byte, error) {
	if live == nil || live.Stable == nil {
		return nil, ErrNoCanary
	}
	return live.Stable.Payload, nil
}

// canary is that of the revision after live.
func (p *Publication) canary(live *Live) (*bundle.Canary, error) {
	during := live != nil && live.Stable != nil
	switch p.action() {
	case audit.StartCanary:
		switch {
		case live == nil:
			return nil, errors.New("nothing is live that the other hosts could stay with: publish to all of them")
		case during:
			return nil, ErrCanary
		}
		c := *p.Canary
		c.Stable = live.Revision()
		c.Salt = fmt.Sprintf("canary-%d-%d", live.Manifest.Epoch, live.Revision()+1)
		return &c, nil
	case audit.Heartbeat, audit.Root:
		if during {
			return live.Manifest.Canary, nil
		}
		return nil, nil
	case audit.PromoteCanary, audit.AbortCanary, audit.Rollback,
		audit.Kill, audit.UndoKill, audit.PauseRamp, audit.ResumeRamp, audit.JumpRamp:
		return nil, nil
	}
	if during {
		return nil, ErrCanary
	}
	return nil, nil
}

// abandons tells whether the revision after live, with a canary, gives every host what
// does not continue what is offered.
func (p *Publication) abandons(live *Live, canary *bundle.Canary) bool {
	return live != nil && live.Stable != nil && canary == nil && p.action() != audit.PromoteCanary
}

// findStable completes the live revision of a canary. A canary does not outlast its
// epoch: in the next one, what hosts outside of the canary have is built on.
func (l *Live) findStable(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string) (*Live, error) {
	c := l.Manifest.Canary
	if c == nil {
		return l, nil
	}
	name := bundle.ManifestName(l.Manifest.Epoch, c.Stable)
	envelope, err := get(ctx, src, name)
	if err == nil && envelope == nil {
		err = fmt.Errorf("%s is missing, which hosts outside of the canary have: restore it", name)
	}
	if err != nil {
		return nil, err
	}
	stable, err := open(ctx, src, chain, envelope, environment)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the stable revision: %w", err)
	case stable.Revision() != c.Stable || stable.Manifest.Canary != nil:
		return nil, fmt.Errorf("%s is not the stable revision that revision %d names", name, l.Revision())
	case chain.Root().Epoch != l.Manifest.Epoch:
		b := *l.Bundle
		b.Payload = stable.Payload
		return &Live{Bundle: &b, Program: stable.Program}, nil
	}
	l.Stable = stable
	return l, nil
}
