package publish

import (
	"context"
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// parts holds the payloads of the applications, and the earlier payloads of each.
func (p *Publication) parts(ctx context.Context, live *revision.Revision, b *Built, earlier []*bundle.Bundle) ([]bundle.Part, error) {
	parts, err := p.divide(live, b)
	if err != nil {
		return nil, err
	}
	for i := range parts {
		part := &parts[i]
		if part.Known = known(live, part.Application, part.Payload); part.Known != nil {
			continue
		}
		for _, e := range earlier[:min(len(earlier), bundle.MaxApplicationDeltas/len(parts))] {
			if before, err := bundle.Fetch(ctx, p.Store, e.Manifest, part.Application, e); err == nil {
				part.Earlier = append(part.Earlier, before.Payload)
			}
		}
	}
	return parts, nil
}

// divide makes the payload of each application from the payload of all of them, in every
// kind of revision. So a kill, a ramp or a rollback reaches all applications together. Payloads
// that were tested are used as they are.
func (p *Publication) divide(live *revision.Revision, b *Built) ([]bundle.Part, error) {
	if b.Tested != nil {
		return slices.Clone(b.Tested.Applications), nil
	}
	reader, err := payload.NewReader(b.Payload)
	if err != nil {
		return nil, err
	}
	names, err := p.applications(live, reader)
	if err != nil {
		return nil, err
	}
	var parts []bundle.Part
	for _, name := range names {
		p.progress("making the payload of " + name)
		part := bundle.Part{Application: name}
		if part.Payload, err = compile.ForApplication(reader, name); err != nil {
			return nil, fmt.Errorf("application %s: %w", name, err)
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// known returns the live revision's entry for the payload of an application, or nil if it has
// another payload. A change by command is for few applications; the others need no packing.
func known(live *revision.Revision, application string, raw []byte) *bundle.Payload {
	if live == nil {
		return nil
	}
	p, err := live.Manifest.PayloadOf(application)
	if err != nil || p.Check(raw) != nil {
		return nil
	}
	return p
}

// applications returns those of the payload and those that are live. Hosts of an application
// that is missing would refuse the revision and keep the old one. Only a publish from a
// directory ends an application.
func (p *Publication) applications(live *revision.Revision, reader *payload.Reader) ([]string, error) {
	names, err := reader.Applications()
	if err != nil || live == nil || len(names) == 0 {
		return names, err
	}
	switch p.action() {
	case audit.Publish, audit.StartCanary, audit.Promote:
		return names, nil
	}
	for _, there := range live.Manifest.Applications {
		names = append(names, there.Name)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
