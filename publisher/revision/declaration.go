package revision

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// DeclarationOf returns the declaration of the revision that a verified manifest is for, as
// the audit log names it. It returns nil if the log names none, or the object is missing.
func DeclarationOf(ctx context.Context, src bundle.Source, m *bundle.Manifest) (*declaration.Declaration, error) {
	return DeclarationLike(ctx, src, m, nil, nil)
}

// DeclarationLike is [DeclarationOf] for a revision whose declaration is mostly the same as
// another one, with its encoding; see [declaration.ParseLike]. Like may be nil.
func DeclarationLike(ctx context.Context, src bundle.Source, m *bundle.Manifest, like *declaration.Declaration, encoding []byte) (*declaration.Declaration, error) {
	entry, err := audit.ReadEntry(ctx, src, m)
	if err != nil {
		return nil, err
	}
	d, err := readDeclaration(ctx, src, entry.Leaf.Declaration, like, encoding)
	if err != nil {
		return nil, fmt.Errorf("the declaration of revision %d: %w", m.Revision, err)
	}
	return d, nil
}

// ReadDeclaration returns the declaration with a hash. It returns nil if the hash is zero or
// the object is missing from the bucket.
func ReadDeclaration(ctx context.Context, src bundle.Source, hash bundle.Hash) (*declaration.Declaration, error) {
	return readDeclaration(ctx, src, hash, nil, nil)
}

func readDeclaration(ctx context.Context, src bundle.Source, hash bundle.Hash, like *declaration.Declaration, encoding []byte) (*declaration.Declaration, error) {
	if hash == (bundle.Hash{}) {
		return nil, nil
	}
	o, err := src.Get(ctx, bundle.DeclarationName(hash), "", declaration.MaxSize)
	if errors.Is(err, bundle.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if got := bundle.HashOf(o.Data); got != hash {
		return nil, fmt.Errorf("%w: it has the SHA-256 %s, %s was signed", bundle.ErrMismatch, got, hash)
	}
	if like == nil {
		return declaration.Parse(o.Data)
	}
	return declaration.ParseLike(o.Data, like, encoding)
}
