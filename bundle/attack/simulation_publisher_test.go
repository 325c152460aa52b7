package attack_test

import (
	"context"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// publisher publishes in a simulated world: programs, old payloads again, heartbeats.
type publisher struct {
	*simulation
	view *view
	name string
	task *task // what it is at; nil if it rests

	published *bundle.Manifest // by what it was at last
	err       error
}

// step begins a publication now and then, and goes on with the one that was begun.
func (p *publisher) step() {
	switch {
	case p.task == nil && p.rng.IntN(4) == 0:
		p.begin()
	case p.task == nil:
	case p.rng.IntN(200) == 0 && p.weather > 0:
		p.kill()
	case !p.task.step():
		p.task = nil
		p.happened(p.name, "published", p.published != nil)
	}
}

// kill stops it where it is.
func (p *publisher) kill() {
	if p.task != nil {
		p.task.stop()
		p.task = nil
		p.happened(p.name, "killed")
	}
}

func (p *publisher) begin() {
	p.published, p.err = nil, nil
	p.task = begin(func(pause func()) {
		p.view.pause = pause
		publication := publish.Publication{
			Store: p.view, Root: parseRoot(p.t, p.simulation.root), RootEnvelope: p.simulation.root,
			Signers: []bundle.Signer{p.key()}, Environment: environment, Author: p.name, Validity: fresh,
			Now: func() time.Time { return p.now },
		}
		p.choose(&publication)
		result, err := publication.Publish(context.Background())
		if p.err = err; err == nil {
			p.published = result.Manifest
		}
	})
}

// choose decides what to publish.
func (p *publisher) choose(publication *publish.Publication) {
	publication.Build = publish.FromPayload(func(*revision.Revision) ([]byte, error) { return p.compile() })
	if len(p.oracle.honest) == 0 {
		return
	}
	if p.rng.IntN(4) == 0 {
		publication.Action, publication.Force = audit.Heartbeat, true
		publication.Build = publish.Renew(0, publication.Now)
	}
}
