package revision

import (
	"context"

	"github.com/sortition-dev/sortition/bundle"
)

const (
	// maxEarlier is from how many payloads there are deltas: from that of the live
	// revision, which nearly all hosts have, and for those that missed a few.
	maxEarlier = 3
	// maxLookBack bounds the revisions among which they are looked for: heartbeats repeat
	// a payload.
	maxLookBack = 8
)

// Earlier returns the newest revisions with different payloads, live first, for making
// deltas. It returns none if live is nil. It leaves out revisions that cannot be read, because
// hosts do not need a delta.
func Earlier(ctx context.Context, src bundle.Source, chain *bundle.Chain, live *Revision) []*bundle.Bundle {
	if live == nil {
		return nil
	}
	bundles := []*bundle.Bundle{live.Bundle}
	seen := map[bundle.Hash]bool{live.Manifest.Payload.Raw.SHA256: true}
	for back := uint64(1); back <= maxLookBack && back < live.Number() && len(bundles) < maxEarlier; back++ {
		envelope, err := manifestAt(ctx, src, chain, live.Number()-back)
		if err != nil {
			break
		}
		m, err := chain.VerifyManifest(envelope)
		if err != nil || seen[m.Payload.Raw.SHA256] {
			continue
		}
		seen[m.Payload.Raw.SHA256] = true
		if b, err := bundle.Open(ctx, src, chain, envelope, live.Manifest.Environment); err == nil {
			bundles = append(bundles, b)
		}
	}
	return bundles
}
