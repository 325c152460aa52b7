package bundle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Next makes the root that follows r, to be signed by the root keys of both. It
// belongs to the same epoch; for a new one set Epoch, and Base to the last revision
// that counts.
func (r *Root) Next(created, expires time.Time, root, publish Holders) Root {
	next := NewRoot(r.Version+1, r.Epoch, created, expires, root, publish)
	next.Previous, next.Base = r.Hash(), r.Base
	return next
}

// VerifyNext reads the envelope of the root that follows r: signed by enough of r's root
// keys and by enough of its own, of the next version, naming r as the one before, and of
// the same epoch and base or of a later epoch whose base is no lower. It does not look
// at the clock: a root that has expired can still be followed.
//
// Errors are ErrEnvelope, ErrRoot, ErrSignature or ErrChain.
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

// checkNext checks what a root must have in common with the one before.
func (r *Root) checkNext(next *Root) error {
	switch {
	case next.Version != r.Version+1:
		return fmt.Errorf("root %d comes after root %d", next.Version, r.Version)
	case next.Previous != r.Hash():
		return fmt.Errorf("root %d names %s as the root before, not root %d, which is %s", next.Version, next.Previous, r.Version, r.Hash())
	case next.Epoch < r.Epoch:
		return fmt.Errorf("root %d goes back to epoch %d from %d", next.Version, next.Epoch, r.Epoch)
	case next.Epoch == r.Epoch && next.Base != r.Base:
		return fmt.Errorf("root %d moves the base of epoch %d from %d to %d", next.Version, r.Epoch, r.Base, next.Base)
	case next.Base < r.Base:
		return fmt.Errorf("root %d goes back to base %d from %d", next.Version, next.Base, r.Base)
	}
	return nil
}

// Chain is a root that is trusted and the roots that follow it, each signed by the keys
// of the one before and by its own. A Chain never changes, and is safe for concurrent
// use.
type Chain struct {
	roots []*Root // at least one, versions ascending by one
}

// NewChain returns the chain of one root, which is trusted.
func NewChain(given *Root) *Chain { return &Chain{[]*Root{given}} }

// FindChain returns the chain of a trusted root that src has: the roots that follow it,
// and those before it, which it vouches for by naming the hash of the one before. It
// fails if src does not answer or has a root that does not belong there. That src hides
// the newest or the oldest is not noticed.
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

// FetchNext reads the envelope of the root after the newest, unverified. The error is
// ErrNotFound if there is none, ErrTooLarge, or what the source returned.
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

// Extend returns the chain with one more root. Errors are those of Root.VerifyNext, and
// ErrChain if the chain has MaxRoots already.
func (c *Chain) Extend(envelope []byte) (*Chain, error) {
	next, err := c.Root().VerifyNext(envelope)
	if err != nil {
		return nil, err
	}
	if len(c.roots) >= MaxRoots {
		return nil, fmt.Errorf("%w: the chain from root %d has %d roots, as many as are followed; begin with a newer one",
			ErrChain, c.roots[0].Version, MaxRoots)
	}
	return &Chain{append(slices.Clone(c.roots), next)}, nil
}

// Root returns the newest root, which says whom to trust now.
func (c *Chain) Root() *Root { return c.roots[len(c.roots)-1] }

// Roots returns all roots, oldest first.
func (c *Chain) Roots() []*Root { return slices.Clone(c.roots) }

// EpochOf returns the epoch to which a revision belongs: revisions up to the base of an
// epoch belong to earlier ones. It is 0 for revisions older than the chain.
func (c *Chain) EpochOf(revision uint64) uint64 {
	for _, r := range slices.Backward(c.roots) {
		if revision > r.Base {
			return r.Epoch
		}
	}
	return 0
}

// VerifyCurrent verifies a manifest as a host does that looks for news: by the newest
// root alone. Errors are those of Root.VerifyManifest; ErrEpoch rather than ErrSignature
// if the keys of an earlier epoch signed it.
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

// VerifyManifest verifies a manifest of any epoch of the chain that counts: any root of
// its epoch may vouch for it, and its revision must belong to that epoch. Errors are
// those of Root.VerifyManifest.
func (c *Chain) VerifyManifest(data []byte) (*Manifest, error) {
	var refusal error // by the newest root
	for _, r := range slices.Backward(c.roots) {
		m, err := r.VerifyManifest(data)
		switch {
		case err == nil && c.EpochOf(m.Revision) == m.Epoch:
			return m, nil
		case err == nil:
			return nil, fmt.Errorf("%w: revision %d does not belong to epoch %d, but to epoch %d",
				ErrEpoch, m.Revision, m.Epoch, c.EpochOf(m.Revision))
		case !errors.Is(err, ErrSignature) && !errors.Is(err, ErrEpoch):
			return nil, err
		case refusal == nil:
			refusal = err
		}
	}
	return nil, refusal
}

// Verifier verifies manifests: a Root those of its own, a Chain those of all its epochs.
type Verifier interface {
	VerifyManifest(envelope []byte) (*Manifest, error)
}

var (
	_ Verifier = (*Root)(nil)
	_ Verifier = (*Chain)(nil)
)
