package reload

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
)

// forOthers reports whether a verified manifest is for a canary to which this host does not belong.
// A host with a newer revision than the stable one belongs to every canary, because it cannot go
// back.
func (r *Reloader) forOthers(m *bundle.Manifest) bool {
	c := m.Canary
	if c == nil || c.Includes(r.config.Host) {
		return false
	}
	return r.floor == nil || m.Epoch != r.floor.Epoch || r.floor.Revision <= c.Stable
}

// considerStable appends to found the stable revision that a canary's manifest names, if it may be
// activated.
func (r *Reloader) considerStable(ctx context.Context, found []*candidate, m *bundle.Manifest) []*candidate {
	if r.have && r.floor.Epoch == m.Epoch && r.floor.Revision == m.Canary.Stable {
		return found
	}
	for _, c := range found {
		if c.manifest.Revision == m.Canary.Stable {
			return found
		}
	}
	name := bundle.ManifestName(m.Epoch, m.Canary.Stable)
	o, err := r.config.Source.Get(ctx, name, "", bundle.MaxEnvelopeSize)
	if err == nil {
		var stable *bundle.Manifest
		if stable, err = r.verifyStable(m, o.Data); err == nil {
			return r.admit(found, name, o.Data, stable)
		}
	}
	switch reason := reasonOf(err); reason {
	case "":
		r.unavailable(name, err)
	case ReasonPayloadMissing:
		r.trouble = true // the next poll looks again
		fallthrough
	default:
		r.refuse(reason, name, o.Data, err)
	}
	return found
}

// verifyStable verifies the manifest of the stable revision that a verified manifest names.
func (r *Reloader) verifyStable(m *bundle.Manifest, envelope []byte) (*bundle.Manifest, error) {
	stable, err := r.chain.VerifyManifest(envelope)
	if err != nil {
		return nil, err
	}
	switch {
	case stable.Epoch != m.Epoch || stable.Revision != m.Canary.Stable:
		return nil, fmt.Errorf("%w: it is epoch %d revision %d", bundle.ErrManifest, stable.Epoch, stable.Revision)
	case stable.Canary != nil:
		return nil, fmt.Errorf("%w: the stable revision of a canary has a canary itself", bundle.ErrManifest)
	}
	return stable, errors.Join(r.checkUsable(stable), r.checkABI(stable), r.compare(stable))
}
