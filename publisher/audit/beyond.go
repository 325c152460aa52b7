package audit

import (
	"context"
	"errors"
	"fmt"
	"path"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/hostreport"
)

// trace is evidence in the bucket of a revision after the last one with a manifest. It is the
// evidence of the latest such revision.
type trace struct {
	revision uint64 // 0 if there is no evidence
	object   string // the evidence; empty if it is a head that was seen
}

// lookBeyond looks for evidence of revisions after the last one. If there is some, the log was
// truncated. If all evidence was deleted too, only a head that was seen before shows it.
func (v *verification) lookBeyond(ctx context.Context) error {
	for _, look := range []func(context.Context) error{v.lookAtHint, v.lookAtEntries, v.lookAtReports} {
		if err := look(ctx); err != nil {
			return err
		}
	}
	if v.beyond.object == "" {
		return nil
	}
	next := bundle.ManifestName(v.chain.EpochOf(v.end+1), v.end+1)
	switch _, err := v.store.Get(ctx, next, "", bundle.MaxEnvelopeSize); {
	case errors.Is(err, bundle.ErrNotFound):
		v.note(&Problem{Missing, v.end + 1, v.beyond.revision, "",
			fmt.Sprintf("the log was truncated: %s is of revision %d", v.beyond.object, v.beyond.revision)})
	case err != nil && !errors.Is(err, bundle.ErrTooLarge):
		return fmt.Errorf("read %s: %w", next, err)
	}
	return nil // if the manifest exists, it was published in the meantime
}

// tells records an object as evidence of a revision, if the revision is valid. Objects come in no
// particular order; among those for one revision it keeps the first by name.
func (v *verification) tells(object, environment string, epoch, revision uint64) {
	if environment != v.environment || revision <= v.end || v.chain.EpochOf(revision) != epoch {
		return
	}
	b := &v.beyond
	if revision > b.revision || revision == b.revision && object < b.object && path.Dir(object) == path.Dir(b.object) {
		*b = trace{revision, object}
	}
}

func (v *verification) lookAtHint(ctx context.Context) error {
	o, err := v.store.Get(ctx, bundle.LatestName, "", bundle.MaxEnvelopeSize)
	if errors.Is(err, bundle.ErrNotFound) || errors.Is(err, bundle.ErrTooLarge) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", bundle.LatestName, err)
	}
	if m, err := v.chain.VerifyManifest(o.Data); err == nil { // a hint may be wrong
		v.tells(bundle.LatestName, m.Environment, m.Epoch, m.Revision)
	}
	return nil
}

// lookAtEntries reads the entries that no manifest names. Most are from publishers that lost a
// race; such an entry continues a published revision. An entry that continues a revision without
// a manifest is evidence that the revision had one.
func (v *verification) lookAtEntries(ctx context.Context) error {
	return v.forEach(ctx, path.Dir(bundle.AuditName(bundle.Hash{}))+"/", MaxEntrySize, func(name string, data []byte) {
		e, err := ParseEntry(data)
		if err == nil && bundle.AuditName(e.Name()) == name && e.Leaf.Revision > v.end+1 {
			v.tells(name, e.Leaf.Environment, e.Leaf.Epoch, e.Leaf.Revision-1)
		}
	})
}

// lookAtReports reads the revisions that hosts report.
func (v *verification) lookAtReports(ctx context.Context) error {
	return v.forEach(ctx, hostreport.Prefix, hostreport.MaxSize, func(name string, data []byte) {
		if r, err := hostreport.Parse(data); err == nil {
			v.tells(name, r.Environment, r.Epoch, r.Revision)
		}
	})
}

// forEach calls f for every object whose name begins with prefix, which no manifest names, and
// which has at most limit bytes. The calls are not concurrent, and in no particular order.
func (v *verification) forEach(ctx context.Context, prefix string, limit int64, f func(name string, data []byte)) error {
	g, reading := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	var one sync.Mutex
	for e, err := range v.store.List(ctx, prefix) {
		if err != nil {
			return errors.Join(fmt.Errorf("list %s: %w", prefix, err), g.Wait())
		}
		if v.entries[e.Name] {
			continue
		}
		g.Go(func() error {
			o, err := v.store.Get(reading, e.Name, "", limit)
			if errors.Is(err, bundle.ErrNotFound) || errors.Is(err, bundle.ErrTooLarge) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("read %s: %w", e.Name, err)
			}
			one.Lock()
			defer one.Unlock()
			f(e.Name, o.Data)
			return nil
		})
	}
	return g.Wait()
}
