package publish

import (
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// ErrCanary means that a canary is under way. A new revision would reach hosts that wait for
// the outcome, or change what the canary is compared with. Revisions that take something back
// do not wait: see [Publication].Canary.
var ErrCanary = errors.New("a canary is under way: promote or abort it first, with publisher canary")

// PromoteCanary builds the payload of the canary for every host, and so ends the canary.
// The error is revision.ErrNoCanary if none is under way.
func PromoteCanary(live *revision.Revision) (*Built, error) {
	if live == nil || live.Stable == nil {
		return nil, revision.ErrNoCanary
	}
	return &Built{Payload: live.Payload}, nil
}

// AbortCanary builds the payload of the hosts outside of the canary for every host, and so
// ends the canary. The error is revision.ErrNoCanary if none is under way.
func AbortCanary(live *revision.Revision) (*Built, error) {
	if live == nil || live.Stable == nil {
		return nil, revision.ErrNoCanary
	}
	return &Built{Payload: live.Stable.Payload}, nil
}

// CheckCanary returns ErrCanary if a canary is under way that the publication must not disturb, and
// an error if it starts a canary where nothing is live.
func (p *Publication) CheckCanary(live *revision.Revision) error {
	_, err := p.canary(live)
	return err
}

// canary returns the canary of the revision after live.
func (p *Publication) canary(live *revision.Revision) (*bundle.Canary, error) {
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
		c.Stable = live.Number()
		c.Salt = fmt.Sprintf("canary-%d-%d", live.Manifest.Epoch, live.Number()+1)
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

// dropsCanary reports whether the next revision ends the canary of the live one without promoting
// it. The next revision is for the hosts of canary, or for every host if that is nil.
func (p *Publication) dropsCanary(live *revision.Revision, canary *bundle.Canary) bool {
	return live != nil && live.Stable != nil && canary == nil && p.action() != audit.PromoteCanary
}
