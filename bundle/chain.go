package bundle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Next returns a root that follows r. The root keys of both must sign it. It belongs to the
// same epoch as r; to begin a new epoch, set its Epoch, and its Base to the last valid revision.
func (r *Root) Next(created, expires time.Time, root, publish Holders) Root {
	next := NewRoot(r.Version+1, r.Epoch, created, expires, root, publish)
	next.Previous, next.Base = r.Hash(), r.Base
	return next
}

// VerifyNext reads and verifies the envelope of the root that follows r. Enough root keys of r
// and of the new root must have signed it. Its version must be the next one, and it must name r
// as its predecessor. It must either keep the epoch and the base of r, or have a later epoch
// and a base that is not lower. VerifyNext does not check expiry: an expired root can still be
// followed.
//
// Errors are [ErrEnvelope], [ErrRoot], [ErrSignature] or [ErrChain].
func (r *Root) VerifyNext(data []byte) (*Root, error) {
	next, e, err := openRoot(data)
	if err != nil {
		return nil, err
	}
	if err := e.verify(r.Holders(r.Roles.Root)); err != nil {
		return nil, fmt.Errorf("root %d, by the root keys of root %d: %w", next.Version, r.Version, err)
	}
	if err := r.checkNext(next); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChain, err)
	}
	return next, nil
}

// checkNext checks that next may follow r, aside from signatures.
func (r *Root) checkNext(next *Root) error {
	switch {
	case next.Version != r.Version+1:
		return fmt.Errorf("root %d cannot follow root %d: the versions must be consecutive", next.Version, r.Version)
	case next.Previous != r.Hash():
		return fmt.Errorf("root %d names %s as its predecessor, but root %d is %s", next.Version, next.Previous, r.Version, r.Hash())
	case next.Epoch < r.Epoch:
		return fmt.Errorf("root %d goes back to epoch %d from %d", next.Version, next.Epoch, r.Epoch)
	case next.Epoch == r.Epoch && next.Base != r.Base:
		return fmt.Errorf("root %d moves the base of epoch %d from %d to %d", next.Version, r.Epoch, r.Base, next.Base)
	case next.Base < r.Base:
		return fmt.Errorf("root %d goes back to base %d from %d", next.Version, next.Base, r.Base)
	}
	return nil
}

// Chain is a trusted root and the roots that follow it. Each is signed by its own root keys and
// by those of its predecessor. A Chain is immutable, and safe for concurrent use.
type Chain struct {
	roots []*Root // at least one; the versions are consecutive
}

// NewChain returns the chain that consists of one trusted root.
func NewChain(given *Root) *Chain { return &Chain{[]*Root{given}} }

// FindChain reads from src the roots that follow a trusted root, and those before it, and
// returns the chain of all. A root names its predecessor by hash, and so vouches for it.
// FindChain fails if src does not answer or has an invalid root. It cannot notice that src
// hides the newest or the oldest roots.
func FindChain(ctx context.Context, src Source, given *Root) (*Chain, error) {
	c := NewChain(given)
	for {
		envelope, err := c.FetchNext(ctx, src)
		if errors.Is(err, ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		if c, err = c.Extend(envelope); err != nil {
			return nil, err
		}
	}
	for first := given; first.Version > 1 && len(c.roots) < MaxRoots; {
		before, err := fetchPrevious(ctx, src, first)
		if errors.Is(err, ErrNotFound) {
			break
		}
		if err != nil {
			return nil, err
		}
		c, first = &Chain{append([]*Root{before}, c.roots...)}, before
	}
	return c, nil
}

// FetchNext returns the envelope of the root after the newest one, unverified. Errors are
// [ErrNotFound] if there is none, [ErrTooLarge], and those of src.
func (c *Chain) FetchNext(ctx context.Context, src Source) ([]byte, error) {
	name := RootName(c.Root().Version + 1)
	o, err := src.Get(ctx, name, "", MaxEnvelopeSize)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", name, err)
	}
	return o.Data, nil
}

func fetchPrevious(ctx context.Context, src Source, r *Root) (*Root, error) {
	name := RootName(r.Version - 1)
	o, err := src.Get(ctx, name, "", MaxEnvelopeSize)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", name, err)
	}
	before, err := ParseRoot(o.Data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if err := before.checkNext(r); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", name, ErrChain, err)
	}
	return before, nil
}

// Extend returns the chain with one more root. Errors are those of [Root.VerifyNext], and
// [ErrChain] if the chain has [MaxRoots] already.
func (c *Chain) Extend(envelope []byte) (*Chain, error) {
	next, err := c.Root().VerifyNext(envelope)
	if err != nil {
		return nil, err
	}
	if len(c.roots) >= MaxRoots {
		return nil, fmt.Errorf("%w: the chain from root %d has more roots than are followed; the limit is %d; start from a newer root",
			ErrChain, c.roots[0].Version, MaxRoots)
	}
	return &Chain{append(slices.Clone(c.roots), next)}, nil
}

// Root returns the newest root, which says whom to trust now.
func (c *Chain) Root() *Root { return c.roots[len(c.roots)-1] }

// Roots returns all roots, oldest first.
func (c *Chain) Roots() []*Root { return slices.Clone(c.roots) }

// EpochOf returns the epoch of a revision, or 0 if the revision is older than the chain.
// Revisions up to the base of an epoch belong to earlier epochs.
func (c *Chain) EpochOf(revision uint64) uint64 {
	for _, r := range slices.Backward(c.roots) {
		if revision > r.Base {
			return r.Epoch
		}
	}
	return 0
}

// VerifyCurrent verifies a manifest with the newest root alone, as a host does that looks for
// new revisions. Errors are those of [Root.VerifyManifest]. If the keys of an earlier epoch
// signed the manifest, the error is [ErrEpoch] instead of [ErrSignature].
func (c *Chain) VerifyCurrent(data []byte) (*Manifest, error) {
	current := c.Root()
	m, err := current.VerifyManifest(data)
	if !errors.Is(err, ErrSignature) {
		return m, err
	}
	for _, r := range slices.Backward(c.roots) {
		if old, _ := r.VerifyManifest(data); old != nil && old.Epoch != current.Epoch {
			return nil, fmt.Errorf("%w: revision %d has epoch %d, root %d has epoch %d",
				ErrEpoch, old.Revision, old.Epoch, current.Version, current.Epoch)
		}
	}
	return nil, err
}

// VerifyManifest verifies a manifest of any epoch of the chain. Any root of the manifest's
// epoch may vouch for it, and its revision must belong to that epoch. Errors are those of
// [Root.VerifyManifest].
func (c *Chain) VerifyManifest(data []byte) (*Manifest, error) {
	var refusal error // by the newest root
	for _, r := range slices.Backward(c.roots) {
		m, err := r.VerifyManifest(data)
		switch {
		case err == nil && c.EpochOf(m.Revision) == m.Epoch:
			return m, nil
		case err == nil:
			return nil, fmt.Errorf("%w: revision %d claims epoch %d, but belongs to epoch %d",
				ErrEpoch, m.Revision, m.Epoch, c.EpochOf(m.Revision))
		case !errors.Is(err, ErrSignature) && !errors.Is(err, ErrEpoch):
			return nil, err
		case refusal == nil:
			refusal = err
		}
	}
	return nil, refusal
}

// Verifier verifies manifests. A [Root] verifies the manifests of its epoch, a [Chain] those of
// all its epochs.
type Verifier interface {
	VerifyManifest(envelope []byte) (*Manifest, error)
}

var (
	_ Verifier = (*Root)(nil)
	_ Verifier = (*Chain)(nil)
)
