package reload

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
)

var errABI = errors.New("the bundle needs a core with another ABI")

// checkABI returns errABI if the program does not support the ABI of the bundle's core.
func (r *Reloader) checkABI(m *bundle.Manifest) error {
	if r.ownCore(m) || m.Core.ABI == r.config.Core.ABI {
		return nil
	}
	return fmt.Errorf("%w: revision %d needs ABI %d; this program supports %d", errABI, m.Revision, m.Core.ABI, r.config.Core.ABI)
}

// ownCore reports whether the core that a manifest names is the program's own.
func (r *Reloader) ownCore(m *bundle.Manifest) bool {
	return r.config.Core == bundle.Core{} || m.Core.SHA256 == r.config.Core.SHA256
}

// findCore returns the core that a bundle's manifest names. It returns nil if that is the program's
// own core, is in quarantine, or cannot be fetched.
func (r *Reloader) findCore(ctx context.Context, b *bundle.Bundle) []byte {
	m := b.Manifest
	if r.ownCore(m) {
		return nil
	}
	if err := r.quarantine.refuses(pair{b.Raw().SHA256, m.Core.SHA256}); err != nil {
		r.refuse(ReasonQuarantine, m.Name(), b.Envelope, err)
		return nil
	}
	for _, at := range []*bundle.Bundle{b, r.base} {
		if at != nil && at.Core != nil && at.Manifest.Core == m.Core {
			return at.Core
		}
	}
	core, err := bundle.FetchCore(ctx, r.config.Source, m.Core)
	switch {
	case err == nil:
		return core
	case reasonOf(err) == "":
		r.unavailable(m.Name(), err)
	default:
		r.refuse(ReasonCore, m.Name(), b.Envelope, err)
	}
	return nil
}

// activate activates a bundle with the core that its manifest names, or else with the program's
// own. It reports whether that succeeded.
func (r *Reloader) activate(ctx, network context.Context, b *bundle.Bundle, fromDisk bool) bool {
	origin := OriginSource
	if fromDisk {
		origin = OriginDisk
	}
	if core := r.findCore(network, b); core != nil && r.try(ctx, withCore(b, core), origin, ReasonCore) {
		return true
	}
	return r.try(ctx, withCore(b, nil), origin, ReasonActivation)
}

// catchUp tries to activate the active bundle with the core that its manifest names, if it runs on
// the program's own core because that core was not available before.
func (r *Reloader) catchUp(ctx, network context.Context) {
	b := r.current
	if b == nil || b.Core != nil || r.ownCore(b.Manifest) {
		return
	}
	if core := r.findCore(network, b); core != nil {
		r.try(ctx, withCore(b, core), OriginSource, ReasonCore)
	}
}

func withCore(b *bundle.Bundle, core []byte) *bundle.Bundle {
	with := *b
	with.Core = core
	return &with
}

// pairOf returns the payload of a bundle and the core that it is activated with.
func (r *Reloader) pairOf(b *bundle.Bundle) pair {
	if b.Core != nil {
		return pair{b.Raw().SHA256, b.Manifest.Core.SHA256}
	}
	return pair{b.Raw().SHA256, r.config.Core.SHA256}
}

// refusesEveryCore returns errQuarantined if the payload of a usable manifest is in quarantine with
// both the program's own core and the one that the manifest names.
func (r *Reloader) refusesEveryCore(m *bundle.Manifest) error {
	payload := r.raw(m).SHA256
	err := r.quarantine.refuses(pair{payload, r.config.Core.SHA256})
	if err == nil || r.ownCore(m) {
		return err
	}
	return r.quarantine.refuses(pair{payload, m.Core.SHA256})
}

// try activates a bundle unless it is in quarantine, and reports whether that succeeded. It counts
// a failure under the reason.
func (r *Reloader) try(ctx context.Context, b *bundle.Bundle, origin Origin, reason Reason) bool {
	m, p := b.Manifest, r.pairOf(b)
	renewal := r.current != nil && p == r.pairOf(r.current)
	if !renewal {
		err := r.quarantine.refuses(p)
		if err == nil {
			err = r.quarantine.begin(p)
		}
		if errors.Is(err, errQuarantined) {
			r.status.quarantined(r.quarantine.count())
			r.refuse(ReasonQuarantine, m.Name(), b.Envelope, err)
			return false
		}
		r.remember(err)
	}
	use, err := r.config.Prepare(context.WithoutCancel(ctx), b)
	if !renewal {
		r.remember(r.quarantine.end())
	}
	if err != nil {
		r.remember(r.quarantine.failed(p, err))
		r.status.quarantined(r.quarantine.count())
		r.refuse(reason, m.Name(), b.Envelope, err)
		return false
	}
	r.remember(r.quarantine.succeeded(p))
	r.unkept = nil
	var unkept error
	if origin == OriginSource {
		unkept = r.keep(b) // before it is used, so that a restart does not go back to an older one
	}
	use()

	behind := b.Core == nil && !r.ownCore(m)
	r.current, r.base, r.floor, r.have = b, b, m, true
	r.status.activated(m, origin, behind, r.config.Now())
	what := "activated a bundle"
	if renewal {
		what = "renewed the bundle"
	}
	r.log.Info(what, "epoch", m.Epoch, "revision", m.Revision, "from", origin, "expires", m.Expires)
	r.remember(unkept)
	return true
}

// keep writes a bundle to disk as the last known good one. If that fails, later polls try again.
func (r *Reloader) keep(b *bundle.Bundle) error {
	r.unkept = nil
	if err := r.keeper.write(b); err != nil {
		r.unkept = b
		return fmt.Errorf("keep revision %d: %w", b.Manifest.Revision, err)
	}
	return nil
}

// remember counts err, if it is not nil, as a failure of the state directory.
func (r *Reloader) remember(err error) {
	if err != nil {
		r.refuse(ReasonState, "state directory", nil, err)
	}
}
