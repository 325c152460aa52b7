// Package revision reads the revisions of a bucket: the live one, one by its number, the one
// before, and an experiment in earlier ones. It verifies each revision as a host does. It
// writes nothing; package publish does.
//
// This package is internal to Sortition and may change without notice.
package revision

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
)

// Revision is a manifest with its payload, verified and read.
type Revision struct {
	*bundle.Bundle
	Program   *model.Program   // without audiences: see payload.Reader
	Withdrawn []*model.Program // of the revisions that its audit entry names as withdrawn, the last first

	// Stable is what hosts outside of the canary have; nil unless a canary is under way.
	Stable *Revision

	reader *payload.Reader
}

// Ledger returns what the revision has allocated, and the revisions that it withdrew. It
// returns nil for a nil revision.
func (r *Revision) Ledger() *compile.Ledger {
	if r == nil {
		return nil
	}
	ledger := compile.LedgerOf(r.Program)
	ledger.AddWithdrawn(r.Withdrawn...)
	return ledger
}

// Reader returns the reader of the payload. It returns nil for a nil revision.
func (r *Revision) Reader() *payload.Reader {
	if r == nil {
		return nil
	}
	return r.reader
}

// Number returns the revision's number, or 0 for a nil revision.
func (r *Revision) Number() uint64 {
	if r == nil {
		return 0
	}
	return r.Manifest.Revision
}

// Live returns the newest revision in the bucket, or nil if there is none. In an epoch that
// has no revision yet it is the last one that counts of the epoch before. It fails if that
// does not verify: a publisher must not build on what it cannot trust.
func Live(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string) (*Revision, error) {
	envelope, err := newest(ctx, src, chain)
	if err != nil || envelope == nil {
		return nil, err
	}
	live, err := open(ctx, src, chain, envelope, environment)
	if err != nil {
		return nil, fmt.Errorf("the live revision: %w", err)
	}
	if err := live.readWithdrawn(ctx, src, chain); err != nil {
		return nil, err
	}
	return live.findStable(ctx, src, chain, environment)
}

// readWithdrawn sets Withdrawn. It skips entries that the audit log has lost: audit verify
// reports them, and they stop a publish.
func (r *Revision) readWithdrawn(ctx context.Context, src bundle.Source, chain *bundle.Chain) error {
	entry, err := audit.ReadEntry(ctx, src, r.Manifest)
	if errors.Is(err, audit.ErrTampered) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, revision := range slices.Backward(entry.Leaf.Withdrawn) {
		old, err := At(ctx, src, chain, r.Manifest.Environment, revision)
		if err != nil {
			return fmt.Errorf("revision %d was withdrawn by revision %d: %w", revision, r.Manifest.Revision, err)
		}
		r.Withdrawn = append(r.Withdrawn, old.Program)
	}
	return nil
}

// At returns a revision that counts as it was when it was live. The error is
// bundle.ErrNotFound if there is no such revision, or its payload is gone.
func At(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string, revision uint64) (*Revision, error) {
	envelope, err := manifestAt(ctx, src, chain, revision)
	if err != nil {
		return nil, err
	}
	r, err := open(ctx, src, chain, envelope, environment)
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w", revision, err)
	}
	return r, nil
}

// manifestAt returns the envelope of a revision, unverified. The error is
// bundle.ErrNotFound if there is no such revision.
func manifestAt(ctx context.Context, src bundle.Source, chain *bundle.Chain, revision uint64) ([]byte, error) {
	envelope, err := ReadEnvelope(ctx, src, bundle.ManifestName(chain.EpochOf(revision), revision))
	if err == nil && envelope == nil {
		err = fmt.Errorf("revision %d: %w", revision, bundle.ErrNotFound)
	}
	return envelope, err
}

// open verifies the manifest in an envelope, fetches its payload and reads it.
func open(ctx context.Context, src bundle.Source, chain *bundle.Chain, envelope []byte, environment string) (*Revision, error) {
	b, err := bundle.Open(ctx, src, chain, envelope, environment)
	if err != nil {
		return nil, err
	}
	reader, err := payload.NewReader(b.Payload)
	if err != nil {
		return nil, err
	}
	program, err := reader.Program()
	if err != nil {
		return nil, err
	}
	return &Revision{Bundle: b, reader: reader, Program: program}, nil
}
