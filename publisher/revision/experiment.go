package revision

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
)

// Limits of a search for an experiment.
const (
	MaxRevisions = 1_000 // manifests read
	MaxPayloads  = 100   // payloads read; revisions with the same payload count once
)

// ErrNoExperiment means that no searched revision has the experiment in the phase.
var ErrNoExperiment = errors.New("not found in the bucket's history")

// Found is an experiment in a revision.
type Found struct {
	Revision   uint64
	Unit       string // unit type
	Experiment *model.Experiment
}

// Experiment returns an experiment of the revision. Phase 0 stands for any phase.
func (r *Revision) Experiment(key string, phase int) (*Found, bool) {
	p := r.Program
	for i := range p.Experiments {
		x := &p.Experiments[i]
		if x.Key == key && x.Kind == model.KindExperiment && (phase == 0 || x.Phase == phase) {
			return &Found{Revision: r.Number(), Unit: p.Units[x.Unit], Experiment: x}, true
		}
	}
	return nil, false
}

// Experiment returns the newest occurrence of an experiment in the revisions up to newest:
// its variants, weights and unit in a phase that is no longer live, or before it was
// stopped. Phase 0 stands for any phase. The search ends with ErrNoExperiment at a revision that no
// longer exists or that no root of the chain vouches for.
func Experiment(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string, newest uint64, key string, phase int) (*Found, error) {
	seen := map[bundle.Hash]bool{}
	for n := newest; n > 0 && newest-n < MaxRevisions && len(seen) < MaxPayloads; n-- {
		envelope, err := manifestAt(ctx, src, chain, n)
		if errors.Is(err, bundle.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("revision %d: %w", n, err)
		}
		m, err := chain.VerifyManifest(envelope)
		if errors.Is(err, bundle.ErrEpoch) || errors.Is(err, bundle.ErrSignature) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("revision %d: %w", n, err)
		}
		if seen[m.Payload.Raw.SHA256] {
			continue
		}
		seen[m.Payload.Raw.SHA256] = true
		r, err := open(ctx, src, chain, envelope, environment)
		if errors.Is(err, bundle.ErrNotFound) {
			continue // the payload was tidied away, older ones may be shared
		}
		if err != nil {
			return nil, fmt.Errorf("revision %d: %w", n, err)
		}
		if found, ok := r.Experiment(key, phase); ok {
			return found, nil
		}
	}
	if phase == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoExperiment, key)
	}
	return nil, fmt.Errorf("%w: phase %d of %s", ErrNoExperiment, phase, key)
}
