package control

import (
	"context"
	"time"

	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/publish"
)

// HeartbeatInput says when to renew what is live.
type HeartbeatInput struct {
	Signing

	// Within renews only a revision that expires within this time; 0 renews always.
	Within time.Duration
}

// Renewed is what came of a heartbeat. Published is false if the live revision is fresh for longer.
type Renewed struct{ Made }

// Heartbeat publishes the live payload again as a new revision with a later expiry.
func (w *Workspace) Heartbeat(ctx context.Context, in HeartbeatInput) (*Renewed, error) {
	if in.Within < 0 {
		return nil, invalid("within", "must not be negative")
	}
	if v := in.validity(); in.Within > v {
		return nil, invalid("within", "%v is longer than the %v that a revision is fresh, so each would be renewed at once", in.Within, v)
	}
	p, err := w.publication(ctx, config.LoadTarget, in.Signing)
	if err != nil {
		return nil, err
	}
	p.Action, p.Force, p.Build = audit.Heartbeat, true, publish.Renew(in.Within, p.Now)
	made, _, err := p.publish(ctx)
	if err != nil {
		return nil, err
	}
	return &Renewed{*made}, nil
}
