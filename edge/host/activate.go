package host

import (
	"context"
	"errors"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/wasm"
)

// prepare makes a verified bundle ready, and returns a function that swaps it in. Calls in flight
// finish on the bundle that they began with. If payload and core are those of the active bundle,
// its pool stays in use, so that a renewal costs nothing.
func (h *Host) prepare(ctx context.Context, b *bundle.Bundle) (use func(), err error) {
	last := h.current.Load()
	c, err := h.coreOf(ctx, b, last)
	if err != nil {
		return nil, err
	}
	var p *pool
	if last != nil && last.core == c && last.digest == b.Raw() {
		p = last.pool
	} else if p, err = newPool(ctx, c, b, h.instances); err != nil {
		return nil, errors.Join(err, h.releaseCore(ctx, c, last))
	} else {
		p.Names = p.Names.WithClock(h.now)
		if c.engine() != h.core.engine() {
			h.logger.Warn("the bundle names another core than that of this program, so it is served by "+string(c.engine()),
				"revision", b.Manifest.Revision, "core", b.Manifest.Core.SHA256)
		}
	}
	return func() { h.swap(ctx, last, p, b.Manifest) }, nil
}

// swap replaces the last snapshot by one of the pool and the manifest.
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

// coreOf returns the core for a bundle: the program's own, that of the last snapshot, or a new one.
// Only the program's own core runs natively, and only for a bundle that names it.
func (h *Host) coreOf(ctx context.Context, b *bundle.Bundle, last *snapshot) (core, error) {
	binary, hash := b.Core, b.Manifest.Core.SHA256
	if binary == nil { // the named core is the program's own, or cannot be used
		if h.core.engine() == EngineWazero || h.core.id() == hash {
			return h.core, nil
		}
		binary, hash = wasm.Core, h.core.id()
	}
	if last != nil && last.core != h.core && last.core.id() == hash {
		return last.core, nil
	}
	if b.Core != nil {
		if err := h.tryCore(ctx, b); err != nil {
			return nil, err
		}
	}
	return newWazeroCore(ctx, binary)
}

// coreTrial bounds the time in which an unknown core loads a payload and decides its golden
// vectors: about a thousand times what that takes.
const coreTrial = 10 * time.Second

// tryCore loads the payload into an instance of the bundle's core, and interrupts it after
// coreTrial. A core that never returns must not block all later reloads.
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

// release frees the resources of a snapshot that the next snapshot does not share. Both may be nil.
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

// releaseCore frees a core, unless it is the program's own or the snapshot uses it.
func (h *Host) releaseCore(ctx context.Context, c core, s *snapshot) error {
	if c == h.core || s != nil && s.core == c {
		return nil
	}
	return c.close(ctx)
}
