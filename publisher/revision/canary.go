package revision

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
)

// ErrNoCanary means that no canary is under way.
var ErrNoCanary = errors.New("no canary is under way")

// Settled returns the revision that is for every host: the live one, or during a canary the
// stable one. Commands that cannot wait for a canary build on it, and so end the canary.
func (r *Revision) Settled() *Revision {
	if r == nil || r.Stable == nil {
		return r
	}
	return r.Stable
}

// findStable adds the stable revision to the live revision of a canary. A canary ends with
// its epoch: the first revision of the next epoch is built on the stable revision.
func (r *Revision) findStable(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string) (*Revision, error) {
	c := r.Manifest.Canary
	if c == nil {
		return r, nil
	}
	name := bundle.ManifestName(r.Manifest.Epoch, c.Stable)
	envelope, err := ReadEnvelope(ctx, src, name)
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
	case stable.Number() != c.Stable || stable.Manifest.Canary != nil:
		return nil, fmt.Errorf("%s is not the stable revision that revision %d names", name, r.Number())
	case chain.Root().Epoch != r.Manifest.Epoch:
		b := *r.Bundle
		b.Payload = stable.Payload
		return &Revision{Bundle: &b, reader: stable.reader, Program: stable.Program}, nil
	}
	r.Stable = stable
	return r, nil
}
