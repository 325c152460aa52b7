package publish

import (
	"errors"
	"time"

	"github.com/sortition-dev/sortition/publisher/revision"
)

// ErrNothingLive means that there is no revision to renew.
var ErrNothingLive = errors.New("nothing has been published yet")

// Renew returns the [Build] of a heartbeat, which publishes the live payload again. Use it with
// Force. If within is not 0, it builds only if the live revision expires within that time.
func Renew(within time.Duration, now func() time.Time) Build {
	return func(live *revision.Revision) (*Built, error) {
		switch {
		case live == nil:
			return nil, ErrNothingLive
		case within > 0 && live.Manifest.Expires.Sub(now()) >= within:
			return nil, ErrUnchanged
		}
		return &Built{Payload: live.Payload}, nil
	}
}
