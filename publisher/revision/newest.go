package revision

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
)

// Newest returns the manifest of the newest revision in the bucket, verified, or nil
// if there is none. It does not look at the payload.
func Newest(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string) (*bundle.Manifest, error) {
	envelope, err := newest(ctx, src, chain)
	if err != nil || envelope == nil {
		return nil, err
	}
	m, err := chain.VerifyManifest(envelope)
	if err == nil {
		err = m.CheckUsable(environment)
	}
	if err != nil {
		return nil, fmt.Errorf("the live revision: %w", err)
	}
	return m, nil
}

// newest returns the last revision. Revisions have no gaps, because each is made on the one
// before. So newest doubles its steps from the hint on until a revision is missing, and then
// searches by halves.
func newest(ctx context.Context, src bundle.Source, chain *bundle.Chain) ([]byte, error) {
	root := chain.Root()
	envelope, known, err := fromHint(ctx, src, chain)
	if err != nil {
		return nil, err
	}
	step, beyond := uint64(1), uint64(0) // beyond: a revision that does not exist, 0 if none is known
	for beyond == 0 || beyond-known > 1 {
		probe := known + step
		if beyond != 0 {
			probe = known + (beyond-known)/2
		}
		there, err := ReadEnvelope(ctx, src, bundle.ManifestName(root.Epoch, probe))
		switch {
		case err != nil:
			return nil, err
		case there == nil:
			beyond = probe
		default:
			envelope, known = there, probe
			step *= 2
		}
	}
	if envelope == nil && root.Base > 0 {
		name := bundle.ManifestName(chain.EpochOf(root.Base), root.Base)
		if envelope, err = ReadEnvelope(ctx, src, name); err == nil && envelope == nil {
			err = fmt.Errorf("%s is missing: root %d continues that revision; restore it, or copy the whole bucket that it is from", name, root.Version)
		}
	}
	return envelope, err
}

// fromHint returns the manifest that the hint is a copy of, and its revision. If the hint is
// missing, of another epoch or wrong, it returns the start of the epoch.
func fromHint(ctx context.Context, src bundle.Source, chain *bundle.Chain) ([]byte, uint64, error) {
	root := chain.Root()
	hint, err := ReadEnvelope(ctx, src, bundle.LatestName)
	if err != nil || hint == nil {
		return nil, root.Base, err
	}
	if m, err := chain.VerifyManifest(hint); err == nil && m.Epoch == root.Epoch {
		return hint, m.Revision, nil
	}
	return nil, root.Base, nil
}

// ReadEnvelope returns a manifest or a root of the bucket, unverified. It returns nil if
// there is no such object.
func ReadEnvelope(ctx context.Context, src bundle.Source, name string) ([]byte, error) {
	o, err := src.Get(ctx, name, "", bundle.MaxEnvelopeSize)
	if errors.Is(err, bundle.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return o.Data, nil
}
