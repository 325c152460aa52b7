// Package publish commits new revisions to a bucket, each on the one that is live.
//
// A publisher commits a revision by creating its manifest, after all objects that the manifest
// names: the payload, the core and the entry of the audit log. So a publisher may be killed at
// any point. Before the commit, hosts see no change; after it, the revision is live. A
// publisher that fails or loses a race leaves only objects that nothing refers to.
//
// This package is internal to Sortition and may change without notice.
package publish

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// DefaultValidity is how long a revision is fresh. Hosts without a newer one keep using it
// after that, and report that it is stale.
const DefaultValidity = 30 * 24 * time.Hour

const (
	// maxAttempts bounds how often a publisher that loses a race builds on the winner.
	maxAttempts = 20
	// A publisher that loses waits for a random time, so that publishers that lose together
	// do not meet again. The longest wait is firstPause, about the time of an attempt, and
	// doubles after each further loss up to lastPause.
	firstPause = 200 * time.Millisecond
	lastPause  = 2 * time.Second
)

// ErrRaced means that another publisher was faster in every attempt.
var ErrRaced = errors.New("other publishers were faster")

// Publication says where to publish, as whom, and with which [Build]. No field may change
// until [Publish] returns. What differs between attempts is in the [Built] of each.
type Publication struct {
	Store        store.Store
	Root         *bundle.Root // trusted; roots that follow it are looked for in the bucket
	RootEnvelope []byte       // the root as it was signed, for hosts to find in the bucket
	Signers      []bundle.Signer
	Environment  string
	Action       audit.Action // what the audit log calls it; audit.Publish if empty
	Author       string       // may be empty
	Message      string       // may be empty
	Validity     time.Duration
	Now          func() time.Time
	Build        Build

	// Canary is the share and the labels that [audit.StartCanary] offers the revision to.
	// During a canary, [audit.Heartbeat] and [audit.Root] keep it. [audit.PromoteCanary],
	// [audit.AbortCanary], [audit.Rollback] and operations end it. All other actions fail
	// with [ErrCanary].
	Canary *bundle.Canary

	// Force publishes a revision even if its payload is the live one, to renew the expiry.
	Force bool

	// Seen is a head of the audit log that was seen earlier, or nil. Publish fails if the
	// bucket's log does not continue it.
	Seen *audit.Head

	// Progress, if not nil, is called before each step.
	Progress func(step string)
}

// Result is the result of [Publish].
type Result struct {
	Manifest  *bundle.Manifest // of what is live now
	Root      *bundle.Root     // the newest in the bucket
	Published bool             // false if nothing had to change
	Attempts  int              // 1 unless other publishers were faster
	HintErr   error            // the revision is live, but the hint could not be renewed
}

// Publish builds the next revision and commits it. If another publisher commits the same
// number first, Publish builds again on that revision. The error is [ErrRaced] if it loses too
// often.
func (p *Publication) Publish(ctx context.Context) (*Result, error) {
	if err := p.publishRoot(ctx); err != nil {
		return nil, err
	}
	for attempt := range maxAttempts {
		result, err := p.attempt(ctx)
		if errors.Is(err, store.ErrExists) {
			if err := wait(ctx, rand.N(min(firstPause<<attempt, lastPause))); err != nil {
				return nil, err
			}
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

// attempt returns store.ErrExists if another publisher was faster.
func (p *Publication) attempt(ctx context.Context) (*Result, error) {
	p.progress("reading the live revision")
	chain, err := bundle.FindChain(ctx, p.Store, p.Root)
	if err != nil {
		return nil, err
	}
	live, err := revision.Live(ctx, p.Store, chain, p.Environment)
	if err != nil {
		return nil, err
	}
	if err := p.checkSeen(ctx, chain, live); err != nil {
		return nil, err
	}
	canary, err := p.canary(live)
	if err != nil {
		return nil, err
	}
	p.progress("compiling")
	built, err := p.Build(live)
	if err != nil && (live == nil || !errors.Is(err, ErrUnchanged)) {
		return nil, err
	}
	unchanged := err != nil
	if !unchanged && !p.Force && !p.dropsCanary(live, canary) {
		if unchanged, err = p.unchanged(ctx, chain, live, built); err != nil {
			return nil, err
		}
	}
	if unchanged {
		return &Result{Manifest: live.Manifest, Root: chain.Root(), HintErr: p.renewHint(ctx, chain, live.Manifest, live.Envelope)}, nil
	}
	r, err := p.prepare(ctx, chain, live, built, canary)
	if err != nil {
		return nil, err
	}
	for _, o := range r.objects {
		p.progress("uploading " + o.Name)
		if err := p.Store.Create(ctx, o.Name, o.Data); err != nil && !errors.Is(err, store.ErrExists) {
			return nil, fmt.Errorf("upload %s: %w", o.Name, err)
		}
	}
	p.progress(fmt.Sprintf("committing revision %d", r.manifest.Revision))
	if err := p.commit(ctx, r); err != nil {
		return nil, err
	}
	return &Result{Manifest: r.manifest, Root: chain.Root(), Published: true, HintErr: p.renewHint(ctx, chain, r.manifest, r.envelope)}, nil
}

// unchanged reports whether the live revision already has the payload, the core and the
// declaration, signed by current keys.
func (p *Publication) unchanged(ctx context.Context, chain *bundle.Chain, live *revision.Revision, b *Built) (bool, error) {
	if live == nil || !bytes.Equal(b.Payload, live.Payload) || live.Manifest.Core != p.core(live, b) {
		return false, nil
	}
	if _, err := chain.VerifyCurrent(live.Envelope); err != nil || b.Declaration == nil {
		return err == nil, nil
	}
	entry, err := audit.ReadEntry(ctx, p.Store, live.Manifest)
	return err == nil && entry.Leaf.Declaration == bundle.HashOf(b.Declaration) && sameOrigin(entry.Leaf.Base, b.Base), err
}

// renewHint points the hint to the revision, unless it is newer. Hosts find the revision
// without it, but more slowly.
func (p *Publication) renewHint(ctx context.Context, chain *bundle.Chain, m *bundle.Manifest, envelope []byte) error {
	if there, err := revision.ReadEnvelope(ctx, p.Store, bundle.LatestName); err == nil && there != nil {
		if hint, err := chain.VerifyCurrent(there); err == nil && !m.Newer(hint) {
			return nil
		}
	}
	return p.Store.Put(ctx, bundle.LatestName, envelope)
}

// checkSeen checks that the audit log continues the head that was seen earlier.
func (p *Publication) checkSeen(ctx context.Context, chain *bundle.Chain, live *revision.Revision) error {
	if p.Seen == nil {
		return nil
	}
	log := audit.Log{Source: p.Store, Chain: chain, Environment: p.Environment}
	if live != nil {
		log.Newest = live.Manifest
	}
	if _, err := log.ProveConsistency(ctx, *p.Seen); err != nil && !errors.Is(err, audit.ErrRevoked) {
		return fmt.Errorf("the bucket does not continue what was seen earlier: %w; publisher audit verify says more", err)
	}
	return nil
}

func (p *Publication) action() audit.Action { return cmp.Or(p.Action, audit.Publish) }

func (p *Publication) progress(step string) {
	if p.Progress != nil {
		p.Progress(step)
	}
}
