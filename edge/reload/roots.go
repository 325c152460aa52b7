package reload

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
)

// rootSteps bounds the roots that one poll reads. Usually a root is valid for years.
const rootSteps = 32

// unkeptRoot is a trusted root that is not yet written to disk.
type unkeptRoot struct {
	version  uint64
	envelope []byte
}

// root returns the newest trusted root.
func (r *Reloader) root() *bundle.Root { return r.chain.Root() }

// recallRoots reads the roots that are kept on disk.
func (r *Reloader) recallRoots() {
	chain, newest, err := r.rootKeeper.read(r.config.Root)
	if err != nil {
		r.refuse(ReasonState, "state directory", nil, err)
	}
	r.chain, r.newestRoot = chain, newest
	r.status.trusted(r.root())
}

// followRoots reads the roots after the newest one by one, and trusts each that the one before
// vouches for. It reports whether there may be more.
func (r *Reloader) followRoots(ctx context.Context) (more bool) {
	for range rootSteps {
		name := bundle.RootName(r.root().Version + 1)
		envelope, err := r.chain.FetchNext(ctx, r.config.Source)
		switch {
		case errors.Is(err, bundle.ErrNotFound):
			return false
		case errors.Is(err, bundle.ErrTooLarge):
			r.refuse(ReasonRoot, name, nil, err)
			return false
		case err != nil:
			r.unavailable(name, err)
			return true
		}
		chain, err := r.chain.Extend(envelope)
		if err != nil {
			r.refuse(ReasonRoot, name, envelope, err)
			return false
		}
		r.trust(chain, envelope)
	}
	return true
}

// trust trusts the newest root of chain. It writes the root to disk first, so that a restart does
// not go back to keys that the root revokes. If the write fails, the root is trusted all the same.
func (r *Reloader) trust(chain *bundle.Chain, envelope []byte) {
	root := chain.Root()
	r.unkeptRoots = append(r.unkeptRoots, unkeptRoot{root.Version, envelope})
	r.keepRoots()
	r.chain = chain
	r.cursor = 0 // the new root may accept manifests that were refused before
	r.status.trusted(root)
	r.log.Info("a new root is trusted", "version", root.Version, "epoch", root.Epoch, "base", root.Base, "expires", root.Expires)
}

// reactivate activates the active bundle again, because the newest root has another expiry than the
// one before.
func (r *Reloader) reactivate(ctx context.Context) {
	if r.current == nil {
		return
	}
	use, err := r.config.Prepare(context.WithoutCancel(ctx), r.current)
	if err != nil {
		r.refuse(ReasonActivation, r.current.Manifest.Name(), r.current.Envelope, err)
		return
	}
	use()
}

// keepRoots writes the roots that are not on disk yet, in order.
func (r *Reloader) keepRoots() {
	for len(r.unkeptRoots) > 0 {
		next := r.unkeptRoots[0]
		if err := r.rootKeeper.write(next.version, next.envelope, r.newestRoot); err != nil {
			r.refuse(ReasonState, "state directory", next.envelope, fmt.Errorf("keep root %d: %w", next.version, err))
			return
		}
		r.unkeptRoots = r.unkeptRoots[1:]
	}
}

// checkRoots reports whether all roots that were trusted before a restart are still known. Without
// them, the host would accept manifests that are signed with revoked keys.
func (r *Reloader) checkRoots() bool {
	if r.root().Version >= r.newestRoot {
		return true
	}
	r.refuse(ReasonState, "state directory", nil, fmt.Errorf(
		"root %d was trusted before, but the state directory has valid roots only up to %d, and the source does not have the others",
		r.newestRoot, r.root().Version))
	return false
}
