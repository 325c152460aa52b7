package publish

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

// Live is the newest revision in a bucket.
type Live struct {
	*bundle.Bundle
	Program   *model.Program   // without audiences: see payload.Reader
	Overtaken []*model.Program // of the revisions that its audit record says are overtaken, the last first

	// Stable is what hosts outside of the canary have; nil unless a canary is under way.
	Stable *Live
}

// Ledger is what the live revision has allocated, and those it has overtaken; nil before
// the first.
func (l *Live) Ledger() *compile.Ledger {
	if l == nil {
		return nil
	}
	ledger := compile.LedgerOf(l.Program)
	ledger.Overtake(l.Overtaken...)
	return ledger
}

// Revision is the number of the live revision; 0 before the first.
func (l *Live) Revision() uint64 {
	if l == nil {
		return 0
	}
	return l.Manifest.Revision
}

// Raw is the payload of the live revision; nil before the first.
func (l *Live) Raw() []byte {
	if l == nil {
		return nil
	}
	return l.Payload
}

// FindLive returns the newest revision in the bucket, or nil if there is none. In an
// epoch that has no revision yet it is the last one that counts of the epoch before. It
// fails if that does not verify: a publisher builds on it, and must not build on what it
// cannot trust.
func FindLive(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string) (*Live, error) {
	envelope, err := newest(ctx, src, chain)
	if err != nil || envelope == nil {
		return nil, err
	}
	live, err := open(ctx, src, chain, envelope, environment)
	if err != nil {
		return nil, fmt.Errorf("the live revision: %w", err)
	}
	if err := live.readOvertaken(ctx, src, chain); err != nil {
		return nil, err
	}
	return live.findStable(ctx, src, chain, environment)
}

// readOvertaken fills Overtaken. What the audit log has lost is for audit verify to find,
// and stops a publish anyway: see Publication.
func (l *Live) readOvertaken(ctx context.Context, src bundle.Source, chain *bundle.Chain) error {
	entry, err := audit.ReadEntry(ctx, src, l.Manifest)
	if errors.Is(err, audit.ErrTampered) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, revision := range slices.Backward(entry.Leaf.Overtaken) {
		old, err := At(ctx, src, chain, l.Manifest.Environment, revision)
		if err != nil {
			return fmt.Errorf("revision %d was overtaken by revision %d: %w", revision, l.Manifest.Revision, err)
		}
		l.Overtaken = append(l.Overtaken, old.Program)
	}
	return nil
}

// At returns a revision that counts as it was when it was live. The error is
// bundle.ErrNotFound if there is no such revision, or its payload is gone.
func At(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string, revision uint64) (*Live, error) {
	envelope, err := manifestAt(ctx, src, chain, revision)
	if err != nil {
		return nil, err
	}
	live, err := open(ctx, src, chain, envelope, environment)
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w", revision, err)
	}
	return live, nil
}

// manifestAt returns the envelope of a revision, unverified.
func manifestAt(ctx context.Context, src bundle.Source, chain *bundle.Chain, revision uint64) ([]byte, error) {
	envelope, err := get(ctx, src, bundle.ManifestName(chain.EpochOf(revision), revision))
	if err == nil && envelope == nil {
		err = fmt.Errorf("revision %d: %w", revision, bundle.ErrNotFound)
	}
	return envelope, err
}

func open(ctx context.Context, src bundle.Source, chain *bundle.Chain, envelope []byte, environment string) (*Live, error) {
	b, err := bundle.Open(ctx, src, chain, envelope, environment)
	if err != nil {
		return nil, err
	}
	reader, err := payload.NewReader(b.Payload)
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w", b.Manifest.Revision, err)
	}
	program, err := reader.Program()
	if err != nil {
		return nil, fmt.Errorf("revision %d: %w", b.Manifest.Revision, err)
	}
	return &Live{Bundle: b, Program: program}, nil
}

// FindNewest returns the manifest of the newest revision in the bucket, verified, or nil
// if there is none. It does not look at the payload.
func FindNewest(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string) (*bundle.Manifest, error) {
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

// newest looks for the revision that has none after it. Revisions have no gaps, because
// each is made on the one before: so it doubles its steps from the hint on until there
// is nothing, and halves them back.
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
		there, err := get(ctx, src, bundle.ManifestName(root.Epoch, probe))
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
		if envelope, err = get(ctx, src, name); err == nil && envelope == nil {
			err = fmt.Errorf("%s is missing: root %d continues that revision; restore it, or copy the whole bucket that it is from", name, root.Version)
		}
	}
	return envelope, err
}

// fromHint returns what the hint is a copy of, and its revision. A hint may be missing,
// old or wrong; then it begins at the beginning of the epoch.
func fromHint(ctx context.Context, src bundle.Source, chain *bundle.Chain) ([]byte, uint64, error) {
	root := chain.Root()
	hint, err := get(ctx, src, bundle.LatestName)
	if err != nil || hint == nil {
		return nil, root.Base, err
	}
	if m, err := chain.VerifyManifest(hint); err == nil && m.Epoch == root.Epoch {
		return hint, m.Revision, nil
	}
	return nil, root.Base, nil
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
