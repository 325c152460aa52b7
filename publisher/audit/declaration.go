package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// readDeclarations reads the declarations that entries name, each once, and sets the problem
// of the first revision whose declaration is not the one that was signed.
func (v *verification) readDeclarations(ctx context.Context, found []revision) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for i := range found {
		r := &found[i]
		if r.entry == nil {
			continue
		}
		hash := r.entry.Leaf.Declaration
		if hash == (bundle.Hash{}) || v.declarations[hash] {
			continue
		}
		v.declarations[hash] = true
		g.Go(func() (err error) {
			r.problem, err = v.readDeclaration(ctx, r.number, hash)
			return err
		})
	}
	return g.Wait()
}

// readDeclaration returns the problem of a declaration, or nil if there is none. The error is
// that of the store.
func (v *verification) readDeclaration(ctx context.Context, revision uint64, hash bundle.Hash) (*Problem, error) {
	name := bundle.DeclarationName(hash)
	o, err := v.store.Get(ctx, name, "", declaration.MaxSize)
	switch {
	case errors.Is(err, bundle.ErrNotFound):
		return problem(Missing, revision, name, "the declaration was deleted"), nil
	case errors.Is(err, bundle.ErrTooLarge):
		return problem(Altered, revision, name, "it is not a declaration: it is too long; the limit is %d bytes", declaration.MaxSize), nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if h := bundle.HashOf(o.Data); h != hash {
		return problem(Altered, revision, name, "its hash is %s", h), nil
	}
	return nil, nil
}
