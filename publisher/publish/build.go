package publish

import (
	"errors"

	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// ErrUnchanged is what a Build returns if there is nothing to publish.
var ErrUnchanged = errors.New("nothing to publish")

// Build makes what is to follow the live revision, which is nil before the first. If
// another publisher is faster, Publish calls it again with the revision of that one, after
// the call before has returned; what an earlier call returned is not published then. With
// ErrUnchanged the live revision stays; that there is none is an error.
//
// A Build must not change the Publication. It may read Now, Environment and all other
// fields, which are the same in each attempt.
type Build func(live *revision.Revision) (*Built, error)

// Built is what a Build makes on one live revision: the payload, and what the audit log
// says of it.
type Built struct {
	Payload []byte

	// Tested is what else hosts had with the payload, and are to have again; nil for this
	// program's core, and what it makes of the payload for each application.
	Tested *Tested

	// Declaration is the object that says what the payload is made of, see package
	// declaration. If it is nil, the payload is made of what the live one is made of.
	Declaration []byte

	// Base is the revision of another environment whose allocations a compiled payload
	// continues; nil if they are those of this one. A payload that is made of what the live
	// one is made of has its base too.
	Base *audit.Origin

	// From is the revision of another environment that audit.Promote takes the payload of.
	From *audit.Origin

	// Withdraws says that the payload does not continue what the live revision allocated;
	// the next one that is compiled does. What it is made of is not known then, unless
	// Declaration says so.
	Withdraws bool

	// Overrides are the gates that the payload breaks and that were overridden.
	Overrides []string
}

// FromPayload returns a Build that makes a payload and says no more of it.
func FromPayload(make func(live *revision.Revision) ([]byte, error)) Build {
	return func(live *revision.Revision) (*Built, error) {
		payload, err := make(live)
		if err != nil {
			return nil, err
		}
		return &Built{Payload: payload}, nil
	}
}
