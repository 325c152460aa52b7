package publish

import (
	"errors"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// ErrUnchanged is returned by a [Build] if there is nothing to publish.
var ErrUnchanged = errors.New("nothing to publish")

// Build makes the revision that follows the live one, which is nil before the first. If
// another publisher is faster, [Publish] calls Build again with the new live revision and
// drops the earlier result. Calls do not overlap. If Build returns [ErrUnchanged], the live
// revision stays; without one, that is an error.
//
// A Build may read the fields of the [Publication], which are the same in each attempt. It
// must not change them.
type Build func(live *revision.Revision) (*Built, error)

// Built is the result of a [Build]: the payload, and what the audit log says about it.
type Built struct {
	Payload []byte

	// Packing packs the payload, if that has begun before; nil otherwise.
	Packing *bundle.Packing

	// Tested holds the core and the application payloads to publish with the payload. If it
	// is nil, Publish uses this program's core and makes the application payloads.
	Tested *Tested

	// Declaration is the declaration that the payload is made of, see package declaration.
	// If it is nil, the live revision's declaration stays.
	Declaration []byte

	// Base is the revision of another environment whose allocations a compiled payload
	// continues; nil if it continues those of this environment. If the live revision's
	// declaration stays, so does its base.
	Base *audit.Origin

	// From is the revision of another environment whose payload [audit.Promote] takes.
	From *audit.Origin

	// Withdraws says that the payload does not continue the allocations of the live revision;
	// the next compiled payload does. Without Declaration, the revision then has none.
	Withdraws bool

	// Overrides are the gates that were overridden.
	Overrides []string
}

// FromPayload returns a [Build] that makes a payload and sets nothing else.
func FromPayload(make func(live *revision.Revision) ([]byte, error)) Build {
	return func(live *revision.Revision) (*Built, error) {
		payload, err := make(live)
		if err != nil {
			return nil, err
		}
		return &Built{Payload: payload}, nil
	}
}
