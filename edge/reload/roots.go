package reload

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
)

// rootSteps bounds the roots that one poll follows. They are years apart, or a few after
// an incident.
const rootSteps = 32

// unkeptRoot is a root that is trusted but could not be written to disk.
type unkeptRoot struct {
	version  uint64
	envelope []byte
}

// root is the newest root that is known, which says whom to trust.
func (r *Reloader) root() *bundle.Root { return r.chain.Root() }

// recallRoots reads the roots that were followed before the restart.
func (r *Reloader) recallRoots() {
	chain, newest, err := r.rootKeeper.read(r.config.Root)
	if err != nil {
		r.refuse(ReasonState, "state directory", nil, err)
	}
	r.chain, r.newestRoot = chain, newest
	r.status.trusted(r.root())
}

// followRoots reads the roots after the newest, one by one, and trusts those that follow.
// It tells whether there may be more.
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

// trust goes on to the next root. It is written to disk first, so that a restart does
// not go back to keys that it revokes; but a disk that is full does not make the host
// stay with them.
func (r *Reloader) trust(chain *bundle.Chain, envelope []byte) {
	root := chain.Root()
	r.unkeptRoots = append(r.unkeptRoots, unkeptRoot{root.Version, envelope})
	r.keepRoots()
	r.chain = chain
	r.cursor = 0 // what was refused under the root before may be right now
	r.status.trusted(root)
	r.log.Info("a new root is trusted", "version", root.Version, "epoch", root.Epoch, "base", root.Base, "expires", root.Expires)
}

// reactivate puts the active bundle into use again, because the newest root expires at
// another time than the one before.
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

// keepRoots writes the roots to disk for which that has not been done, in order.
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

// checkRoots refuses news while roots that were known before a restart are known no
// more: the manifests of revoked keys would be taken for good.
func (r *Reloader) checkRoots() bool {
	if r.root().Version >= r.newestRoot {
		return true
	}
	r.refuse(ReasonState, "state directory", nil, fmt.Errorf(
		"root %d was trusted, but the roots kept are whole only up to %d, and the source does not have the rest",
		r.newestRoot, r.root().Version))
	return false
}
