package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/revision"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// prepared holds what a commit publishes: first the objects, then the manifest.
type prepared struct {
	manifest *bundle.Manifest
	envelope []byte
	objects  []bundle.NamedObject
}

// prepare makes the revision after live and its entry in the audit log.
func (p *Publication) prepare(ctx context.Context, chain *bundle.Chain, live *revision.Revision, b *Built, canary *bundle.Canary) (*prepared, error) {
	created := p.Now().UTC().Truncate(time.Second)
	m := bundle.Manifest{
		Environment: p.Environment, Epoch: chain.Root().Epoch, Revision: live.Number() + 1,
		Created: created, Expires: created.Add(p.Validity).Truncate(time.Second),
		MinimumSchema: payload.Schema, Core: p.core(live, b),
		Canary: canary, Author: p.Author, Message: p.Message,
	}
	entry, err := p.entry(ctx, chain, live, &m, b)
	if err != nil {
		return nil, err
	}
	m.AuditHead = entry.Head()
	r, err := p.seal(ctx, chain, m, live, b)
	if err != nil {
		return nil, err
	}
	if live == nil || m.Core != live.Manifest.Core {
		r.objects = append(r.objects, bundle.NamedObject{Name: bundle.CoreName(m.Core.SHA256), Data: b.wasm()})
	}
	if b.Declaration != nil {
		r.objects = append(r.objects, bundle.NamedObject{Name: bundle.DeclarationName(entry.Leaf.Declaration), Data: b.Declaration})
	}
	r.objects = append(r.objects, bundle.NamedObject{Name: bundle.AuditName(m.AuditHead.Entry), Data: entry.Encode()})
	// A signature that hosts would refuse must not become a revision.
	if _, err := chain.VerifyCurrent(r.envelope); err != nil {
		return nil, fmt.Errorf("hosts would not accept these keys: %w", err)
	}
	return r, nil
}

// seal packs the payload, unless it is the live one, which is in the bucket already.
func (p *Publication) seal(ctx context.Context, chain *bundle.Chain, m bundle.Manifest, live *revision.Revision, b *Built) (*prepared, error) {
	if live != nil && live.Manifest.Payload.Check(b.Payload) == nil {
		m.MinimumSchema, m.Payload, m.Applications = live.Manifest.MinimumSchema, live.Manifest.Payload, live.Manifest.Applications
		envelope, err := bundle.SignManifest(m, p.Signers...)
		return &prepared{manifest: &m, envelope: envelope}, err
	}
	earlier := revision.Earlier(ctx, p.Store, chain, live)
	parts, err := p.parts(ctx, live, b, earlier)
	if err != nil {
		return nil, err
	}
	var payloads [][]byte
	for _, e := range earlier {
		payloads = append(payloads, e.Payload)
	}
	packing := b.Packing
	if packing == nil {
		packing = bundle.NewPacking(b.Payload)
	}
	sealed, err := packing.Seal(m, payloads, parts, p.Signers...)
	if err != nil {
		return nil, err
	}
	return &prepared{sealed.Manifest, sealed.Envelope, sealed.Objects}, nil
}

// entry makes the next entry of the audit log.
func (p *Publication) entry(ctx context.Context, chain *bundle.Chain, live *revision.Revision, m *bundle.Manifest, b *Built) (*audit.Entry, error) {
	var previous *audit.Entry
	if live != nil {
		var err error
		previous, err = audit.ReadEntry(ctx, p.Store, live.Manifest)
		if errors.Is(err, audit.ErrTampered) {
			return nil, fmt.Errorf("the audit log cannot be continued: %w; restore the object from a copy of the bucket", err)
		}
		if err != nil {
			return nil, err
		}
	}
	var declared bundle.Hash
	base := b.Base
	switch {
	case b.Declaration != nil:
		declared = bundle.HashOf(b.Declaration)
	case p.dropsCanary(live, m.Canary) && !b.Withdraws:
		stable, err := audit.ReadEntry(ctx, p.Store, live.Stable.Manifest)
		if err != nil {
			return nil, err
		}
		declared, base = stable.Leaf.Declaration, stable.Leaf.Base
	case previous != nil && !b.Withdraws:
		declared, base = previous.Leaf.Declaration, previous.Leaf.Base
	}
	return audit.Append(previous, audit.Leaf{
		Time: m.Created, Action: p.action(), Actor: m.Author, Message: m.Message,
		Environment: m.Environment, Epoch: m.Epoch, Revision: m.Revision,
		Payload: bundle.HashOf(b.Payload), Declaration: declared, Root: audit.RefOf(chain.Root()), Overrides: b.Overrides,
		Withdrawn: p.withdrawn(previous, b.Withdraws || p.dropsCanary(live, m.Canary)), From: b.From, Base: base,
	})
}

// withdrawn returns the revisions whose allocations the revision after previous does not
// continue. A nil previous stands for none.
func (p *Publication) withdrawn(previous *audit.Entry, withdraws bool) []uint64 {
	switch a := p.action(); {
	case previous == nil || a == audit.Publish || a == audit.Promote || a == audit.PromoteCanary: // compiled against all of them
		return nil
	case withdraws:
		return append(slices.Clone(previous.Leaf.Withdrawn), previous.Leaf.Revision)
	}
	return previous.Leaf.Withdrawn
}

// core returns the core that the revision is for: this program's, unless another was tested,
// or the live payload only gets a new signature.
func (p *Publication) core(live *revision.Revision, b *Built) bundle.Core {
	if a := p.action(); live != nil && (a == audit.Heartbeat || a == audit.Root) {
		return live.Manifest.Core
	}
	if b.Tested != nil {
		return b.Tested.Core
	}
	return bundle.CoreOf(wasm.Core, abi.Version)
}

// wasm returns the core if it is not the live revision's.
func (b *Built) wasm() []byte {
	if b.Tested != nil {
		return b.Tested.WASM
	}
	return wasm.Core
}
