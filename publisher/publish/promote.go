package publish

import (
	"context"
	"errors"
	"fmt"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// ErrDiverged means that a payload does not continue the live revision of the environment
// that it is promoted to. There it would move units, or undo operations.
var ErrDiverged = errors.New("it was not built on what is live")

// Tested is what hosts of another environment ran with a payload: the core, and the payloads
// of the applications, ordered by name.
type Tested struct {
	Core         bundle.Core
	WASM         []byte
	Applications []bundle.Part
}

// TestedWith reads what hosts run with the payload of a verified manifest.
func TestedWith(ctx context.Context, src bundle.Source, m *bundle.Manifest) (*Tested, error) {
	t := &Tested{Core: m.Core}
	var err error
	if t.WASM, err = bundle.FetchCore(ctx, src, m.Core); err != nil {
		return nil, err
	}
	for _, a := range m.Applications {
		f, err := bundle.Fetch(ctx, src, m, a.Name, nil)
		if err != nil {
			return nil, fmt.Errorf("application %s: %w", a.Name, err)
		}
		t.Applications = append(t.Applications, bundle.Part{Application: a.Name, Payload: f.Payload})
	}
	return t, nil
}

// OriginOf returns the live revision of an environment, for Base of a [Built].
func OriginOf(environment string, live *revision.Revision) *audit.Origin {
	o := &audit.Origin{Environment: environment}
	if live != nil {
		o.Epoch, o.Revision = live.Manifest.Epoch, live.Manifest.Revision
	}
	return o
}

func sameOrigin(a, b *audit.Origin) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// CheckContinues checks that a payload with a base continues the live revision of an
// environment. It does if, since the base, only the same payload was published there: with a
// new expiry, under new keys or for more hosts. Every payload continues a nil live, and a
// nil base continues nothing else. The error is [ErrDiverged], with what came in between.
func CheckContinues(ctx context.Context, src bundle.Source, chain *bundle.Chain, environment string, live *revision.Revision, base *audit.Origin) error {
	switch {
	case live == nil:
		return nil
	case base == nil || base.Environment != environment:
		return fmt.Errorf("%w: its allocations are not those of %s", ErrDiverged, environment)
	case base.Revision == 0:
		return fmt.Errorf("%w: nothing was live in %s then, and now revision %d is", ErrDiverged, environment, live.Number())
	case base.Revision > live.Number() || chain.EpochOf(base.Revision) != base.Epoch:
		return fmt.Errorf("%w: revision %d of epoch %d of %s, which it continues, does not count any more", ErrDiverged, base.Revision, base.Epoch, environment)
	}
	log := audit.Log{Source: src, Chain: chain, Environment: environment, Newest: live.Manifest}
	for e, err := range log.Backward(ctx) {
		if err != nil {
			return err
		}
		switch r := &e.Leaf; {
		case r.Revision <= base.Revision:
			return nil
		case r.Action != audit.Heartbeat && r.Action != audit.Root && r.Action != audit.PromoteCanary:
			return fmt.Errorf("%w: since revision %d of %s, on which it was built, there is revision %d, %s", ErrDiverged,
				base.Revision, environment, r.Revision, describe(r))
		}
	}
	return nil
}

// describe returns how a revision was made, such as "kill by ann: errors at checkout".
func describe(r *audit.Leaf) string {
	text := string(r.Action)
	if r.Actor != "" {
		text += " by " + r.Actor
	}
	if r.Message != "" {
		text += ": " + r.Message
	}
	return text
}
