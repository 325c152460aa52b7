package revision

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
)

// maxBack bounds the revisions that are searched. Daily heartbeats repeat a payload, which
// makes it enough for some years.
const maxBack = 1_000

// ErrNothingBefore means that the bucket has no payload earlier than the live one.
var ErrNothingBefore = errors.New("nothing else was published before")

// Before returns the newest revision before live that was for every host and has another
// payload. It skips revisions that were offered to a canary only. The error is
// [ErrNothingBefore] if there is none.
func Before(ctx context.Context, src bundle.Source, chain *bundle.Chain, live *Revision) (*Revision, error) {
	m := live.Manifest
	for revision := m.Revision - 1; revision > 0 && m.Revision-revision <= maxBack; revision-- {
		envelope, err := manifestAt(ctx, src, chain, revision)
		if err != nil {
			return nil, err
		}
		old, err := chain.VerifyManifest(envelope)
		if err != nil {
			return nil, fmt.Errorf("revision %d: %w", revision, err)
		}
		if old.Canary == nil && old.Payload.Raw != m.Payload.Raw {
			return At(ctx, src, chain, m.Environment, revision)
		}
	}
	return nil, ErrNothingBefore
}
