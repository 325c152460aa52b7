package revision

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
)

// maxBack bounds the revisions among which the one before is looked for: heartbeats
// repeat a payload, daily for some years.
const maxBack = 1_000

// ErrNothingBefore says that the bucket has no earlier payload than the live one.
var ErrNothingBefore = errors.New("nothing else was published before")

// Before returns the newest revision before live that every host was given and that has
// another payload: what was offered to a canary only is passed over. The error is
// ErrNothingBefore if there is none.
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
