package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"github.com/sortition-dev/sortition/bundle"
)

// readers is the number of objects that are read concurrently, to hide the latency of the bucket.
const readers = 16

// Log is the audit log of an environment up to a revision. It reads entries as needed and caches
// none. It is safe for concurrent use.
type Log struct {
	Source      bundle.Source
	Chain       *bundle.Chain
	Environment string
	Newest      *bundle.Manifest // verified; nil if nothing was published
}

// Head returns the head at the newest revision, or the zero Head if there is none.
func (l *Log) Head() Head {
	if l.Newest == nil {
		return Head{}
	}
	return HeadOf(l.Newest)
}

// Entry returns the entry of a revision up to the newest. The error is a [*Problem] or that of
// the source.
func (l *Log) Entry(ctx context.Context, revision uint64) (*Entry, error) {
	if n := l.Head().Revision; revision < 1 || revision > n {
		return nil, fmt.Errorf("there is no revision %d: the newest in the audit log is %d", revision, n)
	}
	m := l.Newest
	if revision != m.Revision {
		var err error
		if m, err = readManifest(ctx, l.Source, l.Chain, l.Environment, revision); err != nil {
			return nil, err
		}
	}
	return ReadEntry(ctx, l.Source, m)
}

// readManifest reads the manifest of a revision. The error is a [*Problem] or that of the source.
func readManifest(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string, revision uint64) (*bundle.Manifest, error) {
	name := bundle.ManifestName(chain.EpochOf(revision), revision)
	o, err := src.Get(ctx, name, "", bundle.MaxEnvelopeSize)
	switch {
	case errors.Is(err, bundle.ErrNotFound):
		return nil, problem(Missing, revision, name, "the manifest was deleted")
	case errors.Is(err, bundle.ErrTooLarge):
		return nil, problem(Altered, revision, name, "it is not a manifest: it is too long; the limit is %d bytes", bundle.MaxEnvelopeSize)
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	m, err := chain.VerifyManifest(o.Data)
	switch {
	case err != nil:
		return nil, problem(Altered, revision, name, "%v", err)
	case m.Name() != name:
		return nil, problem(Misplaced, revision, name, "it contains revision %d of epoch %d", m.Revision, m.Epoch)
	case m.Environment != environment:
		return nil, problem(Misplaced, revision, name, "it belongs to the environment %q, not %q", m.Environment, environment)
	}
	return m, nil
}

// ReadEntry returns the entry that a verified manifest names. The error is a [*Problem] or that
// of the source.
func ReadEntry(ctx context.Context, src bundle.Source, m *bundle.Manifest) (*Entry, error) {
	e, name, err := readObject(ctx, src, m.Revision, m.AuditHead.Entry)
	if err != nil {
		return nil, err
	}
	if err := e.checkManifest(m); err != nil {
		return nil, problem(Contradictory, m.Revision, name, "%v", err)
	}
	return e, nil
}

// readObject reads the entry of a revision by the hash of its object. It also returns the name of
// the object. The error is a [*Problem] or that of the source.
func readObject(ctx context.Context, src bundle.Source, revision uint64, hash bundle.Hash) (*Entry, string, error) {
	name := bundle.AuditName(hash)
	o, err := src.Get(ctx, name, "", MaxEntrySize)
	switch {
	case errors.Is(err, bundle.ErrNotFound):
		return nil, name, problem(Missing, revision, name, "the entry was deleted")
	case errors.Is(err, bundle.ErrTooLarge):
		return nil, name, problem(Altered, revision, name, "it is not an entry: it is too long; the limit is %d bytes", MaxEntrySize)
	case err != nil:
		return nil, name, fmt.Errorf("read %s: %w", name, err)
	}
	if h := bundle.HashOf(o.Data); h != hash {
		return nil, name, problem(Altered, revision, name, "its hash is %s", h)
	}
	e, err := ParseEntry(o.Data)
	if err != nil {
		return nil, name, problem(Contradictory, revision, name, "it was signed as an entry but is not a valid one: %v", err)
	}
	return e, name, nil
}

// checkManifest checks that the entry agrees with the manifest of its revision, and that its
// tree has the root that the manifest names.
func (e *Entry) checkManifest(m *bundle.Manifest) error {
	r := &e.Leaf
	for _, f := range []struct {
		name      string
		same      bool
		here, its any
	}{
		{"environment", r.Environment == m.Environment, r.Environment, m.Environment},
		{"epoch", r.Epoch == m.Epoch, r.Epoch, m.Epoch},
		{"revision", r.Revision == m.Revision, r.Revision, m.Revision},
		{"time", r.Time.Equal(m.Created), r.Time, m.Created},
		{"actor", r.Actor == m.Author, r.Actor, m.Author},
		{"message", r.Message == m.Message, r.Message, m.Message},
		{"payload", r.Payload == m.Payload.Raw.SHA256, r.Payload, m.Payload.Raw.SHA256},
	} {
		if !f.same {
			return fmt.Errorf("its %s is %v, but the manifest has %v", f.name, f.here, f.its)
		}
	}
	if root := e.Head().Root; root != m.AuditHead.Root {
		return fmt.Errorf("its tree has the root %s, but the manifest has %s", root, m.AuditHead.Root)
	}
	return nil
}

// hashes reads the hashes of subtrees from the entries that complete them.
func (l *Log) hashes(ctx context.Context) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(readers)
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			g.Go(func() error {
				e, err := l.Entry(ctx, uint64(n+1)<<level)
				if err == nil {
					hashes[i] = e.subtree(level)
				}
				return err
			})
		}
		return hashes, g.Wait()
	})
}
