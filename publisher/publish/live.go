// Package publish reads what is live in a bucket and commits new revisions to it.
package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
)

// maxWalk bounds the revisions that are looked for beyond the one that the hint names.
// A hint is that far behind only if that many publishers died between their commit and
// the hint.
const maxWalk = 1_000

// Live is the newest revision in a bucket.
type Live struct {
	*bundle.Bundle
	Program *model.Program // without audiences: see bundle.Catalog
}

// Ledger is what the live revision has allocated; nil before the first.
func (l *Live) Ledger() compile.Ledger {
	if l == nil {
		return nil
	}
	return compile.LedgerOf(l.Program)
}

// Revision is the number of the live revision; 0 before the first.
func (l *Live) Revision() uint64 {
	if l == nil {
		return 0
	}
	return l.Manifest.Revision
}

// FindLive returns the newest revision in the bucket, or nil if there is none. It
// fails if that does not verify: a publisher builds on it, and must not build on what
// it cannot trust.
func FindLive(ctx context.Context, src bundle.Source, root *bundle.Root, environment string) (*Live, error) {
	envelope, err := newest(ctx, src, root)
	if err != nil || envelope == nil {
		return nil, err
	}
	b, err := bundle.Open(ctx, src, root, envelope, environment)
	if err != nil {
		return nil, fmt.Errorf("the live revision: %w", err)
	}
	catalog, err := bundle.ParseCatalog(b.Payload)
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w", b.Manifest.Revision, err)
	}
	program, err := catalog.Program()
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w", b.Manifest.Revision, err)
	}
	return &Live{Bundle: b, Program: program}, nil
}

// newest follows the hint, and from there every revision that exists.
func newest(ctx context.Context, src bundle.Source, root *bundle.Root) ([]byte, error) {
	var envelope []byte
	revision := root.Base
	hint, err := get(ctx, src, bundle.LatestName)
	if err != nil {
		return nil, err
	}
	if hint != nil {
		m, err := root.VerifyManifest(hint)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", bundle.LatestName, err)
		}
		envelope, revision = hint, m.Revision
	}
	for range maxWalk {
		next, err := get(ctx, src, bundle.ManifestName(root.Epoch, revision+1))
		if err != nil || next == nil {
			return envelope, err
		}
		envelope = next
		revision++
	}
	return nil, fmt.Errorf("%s is more than %d revisions behind", bundle.LatestName, maxWalk)
}

// get returns nil for an object that does not exist.
func get(ctx context.Context, src bundle.Source, name string) ([]byte, error) {
	o, err := src.Get(ctx, name, "", bundle.MaxEnvelopeSize)
	if errors.Is(err, bundle.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return o.Data, nil
}
