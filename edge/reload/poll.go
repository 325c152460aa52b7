package reload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

// candidate is a verified manifest that may be activated.
type candidate struct {
	manifest *bundle.Manifest
	envelope []byte
	opened   *bundle.Bundle // the bundle, if it was read from disk
}

// poll reads the source once, for at most timeout. It activates the newest bundle of the source and
// of kept, which may be nil, and reports whether it activated one.
func (r *Reloader) poll(ctx context.Context, timeout time.Duration, kept *candidate) bool {
	network, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	periodic := r.polls%walkEvery == 0
	r.polls++
	if periodic {
		r.keepRoots()
		if r.unkept != nil {
			r.remember(r.keep(r.unkept))
		}
	}
	r.trouble, r.refused = false, r.unkept != nil || len(r.unkeptRoots) > 0

	before := r.root()
	found, etag, walked := r.discover(network, periodic)
	if kept != nil && r.sameEpoch(kept.manifest) {
		found = append([]*candidate{kept}, found...)
	}
	activated := r.adopt(ctx, network, found)
	if periodic && !activated {
		r.catchUp(ctx, network)
	}
	if !activated && !r.root().Expires.Equal(before.Expires) {
		r.reactivate(ctx)
	}
	if r.trouble {
		r.walkNext = true
		return activated
	}
	r.etag = etag
	if r.status.answered(r.config.Now(), walked && !r.refused) {
		r.log.Info("the source is available again")
	}
	return activated
}

// discover reads the hint. If the hint has changed or a walk is due, it also reads the new roots
// and the manifests beyond the hint. It returns the acceptable manifests, the hint's ETag, and
// whether it walked.
func (r *Reloader) discover(ctx context.Context, periodic bool) (found []*candidate, etag string, walked bool) {
	walk := periodic || r.walkNext
	etag = r.etag
	hint, err := r.config.Source.Get(ctx, bundle.LatestName, r.etag, bundle.MaxEnvelopeSize)
	switch {
	case err == nil:
		walk, etag = true, hint.ETag
	case errors.Is(err, bundle.ErrNotModified):
	case errors.Is(err, bundle.ErrNotFound):
		walk, etag = true, ""
	case errors.Is(err, bundle.ErrTooLarge):
		walk = true
		r.refuse(ReasonTooLarge, bundle.LatestName, nil, err)
	default:
		r.unavailable(bundle.LatestName, err)
		walk = periodic // an attacker who holds back the hint must not hide the rest
	}
	if !walk {
		return nil, etag, false
	}
	before := r.root()
	more := r.followRoots(ctx)
	if r.root() != before {
		more, etag = true, "" // the new root may accept a hint that was refused before
	}
	if !r.checkRoots() {
		r.walkNext = true
		return nil, "", true
	}
	if err == nil {
		found = r.consider(ctx, found, bundle.LatestName, hint.Data)
	}
	found = r.walk(ctx, found)
	r.walkNext = r.walkNext || more
	return found, etag, true
}

// walk reads the manifests beyond the newest known one, one by one. If it stops before the end, the
// next poll continues.
func (r *Reloader) walk(ctx context.Context, found []*candidate) []*candidate {
	from := max(r.cursor, r.root().Base)
	if r.floor != nil && r.floor.Epoch == r.root().Epoch {
		from = max(from, r.floor.Revision)
	}
	for _, c := range found {
		from = max(from, c.manifest.Revision)
	}
	r.walkNext = false
	for revision := from + 1; revision <= from+walkSteps; revision++ {
		name := bundle.ManifestName(r.root().Epoch, revision)
		o, err := r.config.Source.Get(ctx, name, "", bundle.MaxEnvelopeSize)
		switch {
		case err == nil:
			found = r.consider(ctx, found, name, o.Data)
		case errors.Is(err, bundle.ErrNotFound):
			r.cursor = 0
			return found
		case errors.Is(err, bundle.ErrTooLarge):
			r.refuse(ReasonTooLarge, name, nil, err)
		default:
			r.unavailable(name, err)
			return found
		}
	}
	r.cursor, r.walkNext = from+walkSteps, true
	return found
}

// consider appends the manifest in envelope to found if it may be activated. If it is for other
// hosts, it appends the stable revision instead.
func (r *Reloader) consider(ctx context.Context, found []*candidate, name string, envelope []byte) []*candidate {
	m, err := r.chain.VerifyCurrent(envelope)
	if err == nil {
		err = r.checkUsable(m)
	}
	if err == nil && r.forOthers(m) {
		return r.considerStable(ctx, found, m)
	}
	if err == nil {
		err = r.checkABI(m)
	}
	if err == nil {
		err = r.compare(m)
	}
	switch {
	case err != nil && r.active(envelope):
		return found // there is no revision under the newest root yet
	case err != nil:
		r.refuse(reasonOf(err), name, envelope, err)
		return found
	case m.Canary != nil && r.floor == nil:
		found = r.considerStable(ctx, found, m) // for a new host on which the canary fails
	}
	return r.admit(found, name, envelope, m)
}

// admit appends an acceptable manifest to found, unless it is the active one or in quarantine.
func (r *Reloader) admit(found []*candidate, name string, envelope []byte, m *bundle.Manifest) []*candidate {
	if r.have && m.Equal(r.floor) {
		return found
	}
	if err := r.refusesEveryCore(m); err != nil {
		r.refuse(ReasonQuarantine, name, envelope, err)
		return found
	}
	return append(found, &candidate{manifest: m, envelope: envelope})
}

// active reports whether envelope holds the active manifest. An earlier root may have vouched for
// it.
func (r *Reloader) active(envelope []byte) bool {
	if !r.have {
		return false
	}
	m, err := r.chain.VerifyManifest(envelope)
	return err == nil && m.Equal(r.floor)
}

var (
	errOlder        = errors.New("older than the newest known revision")
	errEquivocation = errors.New("another manifest with the same revision is known")
)

// compare returns errOlder if m is older than the newest known manifest, and errEquivocation if it
// has the same revision but other content.
func (r *Reloader) compare(m *bundle.Manifest) error {
	switch {
	case r.floor == nil || m.Newer(r.floor):
		return nil
	case r.floor.Newer(m):
		return fmt.Errorf("%w: epoch %d revision %d after epoch %d revision %d",
			errOlder, m.Epoch, m.Revision, r.floor.Epoch, r.floor.Revision)
	case !m.Equal(r.floor):
		return fmt.Errorf("%w: epoch %d revision %d", errEquivocation, m.Epoch, m.Revision)
	}
	return nil
}

// adopt activates the newest candidate that can be activated, and reports whether there was one.
func (r *Reloader) adopt(ctx, network context.Context, found []*candidate) bool {
	slices.SortStableFunc(found, func(a, b *candidate) int {
		switch {
		case a.manifest.Newer(b.manifest):
			return -1
		case b.manifest.Newer(a.manifest):
			return 1
		}
		return 0
	})
	attempts := 0
	for _, c := range found {
		b := c.opened
		if b == nil {
			if attempts++; attempts > maxAttempts {
				continue
			}
			if b = r.open(network, c); b == nil {
				continue
			}
		}
		if r.activate(ctx, network, b, c.opened != nil) {
			return true
		}
	}
	return false
}

// open fetches a candidate's payload. It returns nil if that fails.
func (r *Reloader) open(ctx context.Context, c *candidate) *bundle.Bundle {
	name := c.manifest.Name()
	fetched, err := bundle.Fetch(ctx, r.config.Source, c.manifest, r.config.Application, r.base)
	switch reason := reasonOf(err); {
	case err == nil:
	case reason == "":
		r.unavailable(name, err)
		return nil
	case reason == ReasonPayloadMissing:
		r.trouble = true // the payload may not have been replicated yet: the next poll looks again
		fallthrough
	default:
		r.refuse(reason, name, c.envelope, err)
		return nil
	}
	if fetched.DeltaErr != nil {
		r.refuse(ReasonDelta, name, c.envelope, fetched.DeltaErr)
	}
	r.status.fetched(fetched)
	return &bundle.Bundle{Manifest: c.manifest, Envelope: c.envelope, Application: r.config.Application, Payload: fetched.Payload}
}

// recall reads the last known good bundle. It returns nil if there is none that is complete.
func (r *Reloader) recall() *candidate {
	b, m, err := r.keeper.read(r.chain, r.config.Environment, r.config.Application)
	switch {
	case errors.Is(err, bundle.ErrApplication):
		r.refuse(ReasonApplication, "state directory", nil, err)
	case err != nil:
		r.refuse(ReasonState, "state directory", nil, err)
	}
	r.floor, r.base = m, b
	if b == nil || !r.sameEpoch(m) {
		return nil
	}
	if err := r.checkABI(m); err != nil {
		r.refuse(ReasonCore, "state directory", b.Envelope, err)
		return nil
	}
	r.have = true
	return &candidate{manifest: b.Manifest, envelope: b.Envelope, opened: b}
}

// sameEpoch refuses a last known good bundle of an earlier epoch than the newest root's: the keys
// of that epoch may have been stolen.
func (r *Reloader) sameEpoch(m *bundle.Manifest) bool {
	if m.Epoch == r.root().Epoch {
		return true
	}
	r.refuse(ReasonEpoch, "state directory", nil, fmt.Errorf("%w: revision %d has epoch %d, root %d has epoch %d",
		bundle.ErrEpoch, m.Revision, m.Epoch, r.root().Version, r.root().Epoch))
	return false
}

// refuse counts a rejection. It logs each problem once.
func (r *Reloader) refuse(reason Reason, name string, envelope []byte, err error) {
	r.refused = true
	if r.status.rejected(reason, name, envelope, err, r.config.Now()) {
		r.log.Warn("refused "+name, "reason", reason, "err", err, "advice", reason.Advice())
	}
}

// unavailable counts a failed read of the source.
func (r *Reloader) unavailable(name string, err error) {
	r.trouble = true
	if errors.Is(err, context.Canceled) {
		return // the host is shutting down
	}
	if r.status.unavailable(name, err, r.config.Now()) {
		r.log.Warn("the source is unavailable; the active bundle stays in use", "object", name, "err", err)
	}
}
