package publish

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

// earlier returns the newest revisions whose payloads differ, the live one first. Hosts do
// without a delta, so what cannot be had is left out.
func (p *Publication) earlier(ctx context.Context, chain *bundle.Chain, live *Live) []*bundle.Bundle {
	if live == nil {
		return nil
	}
	bundles := []*bundle.Bundle{live.Bundle}
	seen := map[bundle.Hash]bool{live.Manifest.Payload.Raw.SHA256: true}
	for back := uint64(1); back <= maxLookBack && back < live.Revision() && len(bundles) < maxEarlier; back++ {
		envelope, err := manifestAt(ctx, p.Store, chain, live.Revision()-back)
		if err != nil {
			break
		}
		m, err := chain.VerifyManifest(envelope)
		if err != nil || seen[m.Payload.Raw.SHA256] {
			continue
		}
		seen[m.Payload.Raw.SHA256] = true
		if b, err := bundle.Open(ctx, p.Store, chain, envelope, p.Environment); err == nil {
			bundles = append(bundles, b)
		}
	}
	return bundles
}
