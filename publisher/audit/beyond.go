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

// trace is the latest revision that anything tells of, beyond the last that has a
// manifest.
type trace struct {
	revision uint64 // 0 if nothing does
	object   string // that tells of it; empty if those do who remember a head
}

// lookBeyond looks for what is left of revisions after the last: the end that they belong
// to was cut off. Whoever takes all of it away too is seen by those who remember a head.
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
			fmt.Sprintf("the log was cut off; %s is of revision %d", v.beyond.object, v.beyond.revision)})
	case err != nil && !errors.Is(err, bundle.ErrTooLarge):
		return fmt.Errorf("read %s: %w", next, err)
	}
	return nil // otherwise it was published meanwhile
}

// tells notes that an object tells of a revision, if that counts. Of objects of one kind,
// which come in no order, the first tells.
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

// lookAtEntries looks at the entries that no manifest names. Most were of publishers that
// lost a race: such an entry continues what was published. One that continues a revision
// without a manifest tells that this had one.
func (v *verification) lookAtEntries(ctx context.Context) error {
	return v.forEach(ctx, path.Dir(bundle.AuditName(bundle.Hash{}))+"/", MaxEntrySize, func(name string, data []byte) {
		e, err := ParseEntry(data)
		if err == nil && bundle.AuditName(e.Name()) == name && e.Leaf.Revision > v.end+1 {
			v.tells(name, e.Leaf.Environment, e.Leaf.Epoch, e.Leaf.Revision-1)
		}
	})
}

// lookAtReports looks at which revisions hosts say that they serve.
func (v *verification) lookAtReports(ctx context.Context) error {
	return v.forEach(ctx, hostreport.Prefix, hostreport.MaxSize, func(name string, data []byte) {
		if r, err := hostreport.Parse(data); err == nil {
			v.tells(name, r.Environment, r.Epoch, r.Revision)
		}
	})
}

// forEach calls f, one call at a time and in no order, for every object whose name begins
// with prefix and that no manifest names, if it is no longer than limit.
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
