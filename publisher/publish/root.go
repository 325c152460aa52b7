package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// ErrUnconditional means that a store overwrites an object that Create must not change.
var ErrUnconditional = errors.New("the store ignores the condition of a conditional write")

// publishRoot makes sure that the bucket has the root, and that its store honours conditional
// writes, which publishing relies on. It creates the root again, which must fail. A store
// that overwrites it does no harm, because the bytes are the same.
func (p *Publication) publishRoot(ctx context.Context) error {
	name := bundle.RootName(p.Root.Version)
	there, err := revision.ReadEnvelope(ctx, p.Store, name)
	if err != nil {
		return err
	}
	if there == nil {
		if there, err = p.createRoot(ctx, name); err != nil {
			return err
		}
	}
	if root, err := bundle.ParseRoot(there); err != nil {
		return fmt.Errorf("the bucket's %s: %w", name, err)
	} else if root.Hash() != p.Root.Hash() {
		return fmt.Errorf("the bucket has another %s: it belongs to other keys; publish to another prefix, or use the keys that made it", name)
	}
	err = p.Store.Create(ctx, name, there)
	switch {
	case err == nil:
		return fmt.Errorf("%w: it wrote %s again. Two publishers could overwrite each other's revisions. Nothing was published:"+
			" use a store that honours If-None-Match on PUT, and no proxy that drops it", ErrUnconditional, name)
	case !errors.Is(err, store.ErrExists):
		return fmt.Errorf("create %s: %w", name, err)
	}
	return nil
}

// createRoot creates the root, and returns the one that the bucket has afterwards: this one,
// or that of a faster publisher.
func (p *Publication) createRoot(ctx context.Context, name string) ([]byte, error) {
	if p.Root.Version > 1 {
		before := bundle.RootName(p.Root.Version - 1)
		there, err := revision.ReadEnvelope(ctx, p.Store, before)
		if err != nil {
			return nil, err
		}
		if there == nil {
			return nil, fmt.Errorf("the bucket has no %s, without which hosts cannot follow to root %d: publish the roots in their order", before, p.Root.Version)
		}
	}
	return p.create(ctx, name, p.RootEnvelope)
}
