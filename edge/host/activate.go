package host

import (
	"context"
	"errors"
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

// prepare makes a verified bundle ready, and use swaps it in. Calls in flight finish on
// the bundle that they began with. If payload and core are those of the active bundle, its
// pool stays in use: a revision that only renews costs nothing.
func (h *Host) prepare(ctx context.Context, b *bundle.Bundle) (use func(), err error) {
	last := h.current.Load()
	c, err := h.coreOf(ctx, b, last)
	if err != nil {
		return nil, err
	}
	var p *pool
	if last != nil && last.core == c && last.raw == b.Raw() {
		p = last.pool
	} else if p, err = newPool(ctx, c, b, h.instances); err != nil {
		return nil, errors.Join(err, h.releaseCore(ctx, c, last))
	} else {
		p.names = p.names.WithClock(h.now)
	}
	return func() { h.swap(ctx, last, p, b.Manifest) }, nil
}

// swap puts a pool into use, with a manifest, in place of the last snapshot.
func (h *Host) swap(ctx context.Context, last *snapshot, p *pool, m *bundle.Manifest) {
	expires := m.Expires
	if root := h.reloader.Status().RootExpires; root.Before(expires) {
		expires = root
	}
	next := newSnapshot(p, m, expires, h.now)
	h.current.Store(next)
	if err := h.release(ctx, last, next); err != nil {
		h.logger.Warn("cannot free the instances of the previous bundle", "err", err)
	}
}

// coreOf returns the compiled core for a bundle: the program's own, that of the active
// snapshot, or a new one.
func (h *Host) coreOf(ctx context.Context, b *bundle.Bundle, last *snapshot) (*core, error) {
	switch {
	case b.Core == nil:
		return h.core, nil
	case last != nil && last.core.hash == b.Manifest.Core.SHA256:
		return last.core, nil
	}
	if err := h.tryCore(ctx, b); err != nil {
		return nil, err
	}
	return newCore(ctx, b.Core)
}

// coreTrial bounds, for a core that the host does not know, what loading a payload and
// deciding on its golden vectors takes: a thousand times of what they should.
const coreTrial = 10 * time.Second

// tryCore loads the payload into an instance of the bundle's core that can be interrupted:
// one that never returned would hold up the host's reloads for ever.
func (h *Host) tryCore(ctx context.Context, b *bundle.Bundle) error {
	ctx, cancel := context.WithTimeout(ctx, h.coreTrial)
	defer cancel()
	c, err := newSlowCore(ctx, b.Core)
	if err != nil {
		return err
	}
	p, err := newPool(ctx, c, b, 1)
	if err == nil {
		err = p.close(ctx)
	}
	return errors.Join(err, c.close(ctx))
}

// release frees what a snapshot has and the next does not. Either may be nil.
func (h *Host) release(ctx context.Context, s, next *snapshot) error {
	if s == nil {
		return nil
	}
	s.stale.stop()
	if next != nil && next.pool == s.pool {
		return nil
	}
	return errors.Join(s.close(ctx), h.releaseCore(ctx, s.core, next))
}

// releaseCore frees a core that neither the program nor the snapshot needs.
func (h *Host) releaseCore(ctx context.Context, c *core, s *snapshot) error {
	if c == h.core || s != nil && s.core == c {
		return nil
	}
	return c.close(ctx)
}
