package audit

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// readDirectories looks at the records of directories that entries name, each once, and
// sets the problem of the first revision whose record is not the one that was signed.
func (v *verification) readDirectories(ctx context.Context, found []revision) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for i := range found {
		r := &found[i]
		if r.entry == nil {
			continue
		}
		hash := r.entry.Record.Directory
		if hash == (bundle.Hash{}) || v.directories[hash] {
			continue
		}
		v.directories[hash] = true
		g.Go(func() (err error) {
			r.problem, err = v.readDirectory(ctx, r.number, hash)
			return err
		})
	}
	return g.Wait()
}

// readDirectory tells what is wrong with a directory's record, and an error of the store.
func (v *verification) readDirectory(ctx context.Context, revision uint64, hash bundle.Hash) (*Problem, error) {
	name := bundle.RecordName(hash)
	o, err := v.store.Get(ctx, name, "", declaration.MaxSize)
	switch {
	case errors.Is(err, bundle.ErrNotFound):
		return problem(Missing, revision, name, "the directory's record was deleted"), nil
	case errors.Is(err, bundle.ErrTooLarge):
		return problem(Altered, revision, name, "it is no directory's record: it has over %d bytes", declaration.MaxSize), nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if h := bundle.HashOf(o.Data); h != hash {
		return problem(Altered, revision, name, "its hash is %s", h), nil
	}
	return nil, nil
}
