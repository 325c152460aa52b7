package host

import (
	"time"

	"github.com/sortition-dev/sortition/bundle"
)

// snapshot is an active bundle: its manifest, and the pool that decides. It never changes. Each
// revision has a snapshot of its own; two share a pool if payload and core are the same.
type snapshot struct {
	*pool
	manifest  *bundle.Manifest
	activated time.Time
	expires   time.Time
	stale     *expiry
}

func newSnapshot(p *pool, m *bundle.Manifest, expires time.Time, now func() time.Time) *snapshot {
	return &snapshot{pool: p, manifest: m, activated: now(), expires: expires, stale: watch(expires, now)}
}

// revision returns the revision of a snapshot, or 0 of none.
func (s *snapshot) revision() uint64 {
	if s == nil {
		return 0
	}
	return s.manifest.Revision
}

// isStale reports whether a snapshot has expired. None has not.
func (s *snapshot) isStale() bool { return s != nil && s.stale.reached() }
