// Package history finds what an experiment was in earlier revisions of a bucket: its
// variants, weights and unit in an epoch that is no longer live, or before it was
// stopped.
package history

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
)

// Limits of one search.
const (
	MaxRevisions = 1_000 // manifests read
	MaxPayloads  = 100   // payloads read; revisions with the same payload count once
)

// ErrNotFound says that no revision that was searched has the experiment, or not in the
// epoch.
var ErrNotFound = errors.New("not found in the bucket's history")

// Found is an experiment as a revision has it.
type Found struct {
	Revision   uint64
	Unit       string // unit type
	Experiment *model.Experiment
}

// In looks an experiment up in a program. Epoch 0 is any.
func In(p *model.Program, key string, epoch int) (*Found, bool) {
	for i := range p.Experiments {
		x := &p.Experiments[i]
		if x.Key == key && x.Kind == model.KindExperiment && (epoch == 0 || x.Epoch == epoch) {
			return &Found{Unit: p.Units[x.Unit], Experiment: x}, true
		}
	}
	return nil, false
}

// Find returns the newest occurrence of an experiment in the revisions up to newest, of
// which each is verified as a host would. Epoch 0 is any. The search ends with
// ErrNotFound at a revision that no longer exists or that no root of the chain vouches
// for.
func Find(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string, newest uint64, key string, epoch int) (*Found, error) {
	seen := map[bundle.Hash]bool{}
	for revision := newest; revision > 0 && newest-revision < MaxRevisions && len(seen) < MaxPayloads; revision-- {
		envelope, err := src.Get(ctx, bundle.ManifestName(chain.EpochOf(revision), revision), "", bundle.MaxEnvelopeSize)
		if errors.Is(err, bundle.ErrNotFound) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("revision %d: %w", revision, err)
		}
		m, err := chain.VerifyManifest(envelope.Data)
		if errors.Is(err, bundle.ErrEpoch) || errors.Is(err, bundle.ErrSignature) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("revision %d: %w", revision, err)
		}
		if seen[m.Payload.Raw.SHA256] {
			continue
		}
		seen[m.Payload.Raw.SHA256] = true
		p, err := program(ctx, src, chain, environment, envelope.Data)
		if errors.Is(err, bundle.ErrNotFound) {
			continue // the payload was tidied away, older ones may be shared
		}
		if err != nil {
			return nil, fmt.Errorf("revision %d: %w", revision, err)
		}
		if found, ok := In(p, key, epoch); ok {
			found.Revision = revision
			return found, nil
		}
	}
	if epoch == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	return nil, fmt.Errorf("%w: epoch %d of %s", ErrNotFound, epoch, key)
}

func program(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string, envelope []byte) (*model.Program, error) {
	b, err := bundle.Open(ctx, src, chain, envelope, environment)
	if err != nil {
		return nil, err
	}
	reader, err := payload.NewReader(b.Payload)
	if err != nil {
		return nil, err
	}
	return reader.Program()
}
