package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/wasm"
)

// DefaultValidity is how long a revision is fresh. Hosts that cannot get a newer one
// by then go on with it, and say that it is stale.
const DefaultValidity = 30 * 24 * time.Hour

// maxAttempts bounds how often a publisher that lost a race builds on the winner.
const maxAttempts = 20

// ErrRaced says that other publishers were faster each time.
var ErrRaced = errors.New("other publishers were faster")

// Build makes the payload that is to follow the live revision, which is nil at first.
type Build func(live *Live) (payload []byte, err error)

// Publication says what to publish, and as whom.
type Publication struct {
	Store        store.Store
	Root         *bundle.Root
	RootEnvelope []byte // the root as it was signed, for hosts to find in the bucket
	Signers      []bundle.Signer
	Environment  string
	Author       string // may be empty
	Message      string // may be empty
	Validity     time.Duration
	Now          func() time.Time
	Build        Build

	// Force publishes a revision even if its payload is the live one: it renews the
	// expiry.
	Force bool

	// Progress is told what is about to be done, if not nil.
	Progress func(step string)
}

// Result is what came of a publication.
type Result struct {
	Manifest  *bundle.Manifest
	Published bool  // false if the payload was live already
	Attempts  int   // 1 unless other publishers were faster
	HintErr   error // the revision is live, but the hint could not be renewed
}

// Publish builds the next revision and commits it. The commit is the creation of its
// manifest: until then nothing that a host looks at has changed, and afterwards the
// revision is live whatever happens. If another publisher commits the same number
// first, Publish builds again on that.
func (p *Publication) Publish(ctx context.Context) (*Result, error) {
	if err := p.publishRoot(ctx); err != nil {
		return nil, err
	}
	for attempt := range maxAttempts {
		result, err := p.attempt(ctx)
		if errors.Is(err, store.ErrExists) {
			continue
		}
		if err != nil {
			return nil, err
		}
		result.Attempts = attempt + 1
		return result, nil
	}
	return nil, fmt.Errorf("%w: gave up after %d attempts; try again", ErrRaced, maxAttempts)
}

func (p *Publication) attempt(ctx context.Context) (*Result, error) {
	p.progress("reading the live revision")
	live, err := FindLive(ctx, p.Store, p.Root, p.Environment)
	if err != nil {
		return nil, err
	}
	p.progress("compiling")
	payload, err := p.Build(live)
	if err != nil {
		return nil, err
	}
	if live != nil && !p.Force && bytes.Equal(payload, live.Payload) {
		return &Result{Manifest: live.Manifest, HintErr: p.renewHint(ctx, live.Manifest, live.Envelope)}, nil
	}
	now := p.Now()
	sealed, err := bundle.Seal(bundle.Manifest{
		Environment: p.Environment, Epoch: p.Root.Epoch, Revision: live.Revision() + 1,
		Created: now, Expires: now.Add(p.Validity),
		MinimumSchema: bundle.Schema, Core: bundle.CoreOf(wasm.Core, wasm.ABI),
		Author: p.Author, Message: p.Message,
	}, payload, p.Signers...)
	if err != nil {
		return nil, err
	}
	// A signature that hosts would refuse must not become a revision.
	if _, err := p.Root.VerifyManifest(sealed.Envelope); err != nil {
		return nil, fmt.Errorf("hosts would not accept these keys: %w", err)
	}
	for _, o := range sealed.Objects {
		p.progress("uploading " + o.Name)
		if err := p.Store.Create(ctx, o.Name, o.Data); err != nil && !errors.Is(err, store.ErrExists) {
			return nil, fmt.Errorf("upload %s: %w", o.Name, err)
		}
	}
	p.progress(fmt.Sprintf("committing revision %d", sealed.Manifest.Revision))
	if err := p.commit(ctx, sealed); err != nil {
		return nil, err
	}
	return &Result{Manifest: sealed.Manifest, Published: true, HintErr: p.renewHint(ctx, sealed.Manifest, sealed.Envelope)}, nil
}

// commit creates the manifest. A store may have done so and failed to say it, so after
// any error what is there decides: these very bytes are a success, others mean that
// another publisher was faster.
func (p *Publication) commit(ctx context.Context, sealed *bundle.Sealed) error {
	name := sealed.Manifest.Name()
	failed := p.Store.Create(ctx, name, sealed.Envelope)
	if failed == nil {
		return nil
	}
	there, err := get(ctx, p.Store, name)
	switch {
	case err != nil:
		return fmt.Errorf("create %s: %w; whether it was is unknown: %w", name, failed, err)
	case bytes.Equal(there, sealed.Envelope):
		return nil
	case there != nil:
		return store.ErrExists
	}
	return fmt.Errorf("create %s: %w", name, failed)
}

// renewHint points hosts to the revision, unless the hint is newer already. They would
// find the revision without.
func (p *Publication) renewHint(ctx context.Context, m *bundle.Manifest, envelope []byte) error {
	if there, err := get(ctx, p.Store, bundle.LatestName); err == nil && there != nil {
		if hint, err := p.Root.VerifyManifest(there); err == nil && !m.Newer(hint) {
			return nil
		}
	}
	return p.Store.Put(ctx, bundle.LatestName, envelope)
}

// publishRoot makes sure that the bucket has the root document.
func (p *Publication) publishRoot(ctx context.Context) error {
	name := bundle.RootName(p.Root.Version)
	err := p.Store.Create(ctx, name, p.RootEnvelope)
	if err == nil {
		return nil
	}
	there, readErr := get(ctx, p.Store, name)
	switch {
	case readErr != nil:
		return fmt.Errorf("create %s: %w", name, errors.Join(err, readErr))
	case there == nil:
		return fmt.Errorf("create %s: %w", name, err)
	case !bytes.Equal(there, p.RootEnvelope):
		return fmt.Errorf("the bucket has another %s: it belongs to other keys; publish to another prefix, or use the keys that made it", name)
	}
	return nil
}

func (p *Publication) progress(step string) {
	if p.Progress != nil {
		p.Progress(step)
	}
}
