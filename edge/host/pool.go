package host

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// pool holds a payload and the instances of a core that have loaded it. Its payload and core never
// change.
type pool struct {
	payload.Tables
	core     core
	raw      []byte
	digest   bundle.Digest // of raw
	variants []uint16      // how many each experiment has
	places   []place
}

// place holds one instance of the pool. The instance is nil after the pool was closed, or if it
// trapped and could not be replaced.
type place struct {
	mu       sync.Mutex
	instance instance
	_        [64]byte // keeps the locks of neighbours on different cache lines
}

// newPool loads a bundle's payload into instances of a core, and checks its golden vectors on each.
func newPool(ctx context.Context, c core, b *bundle.Bundle, instances int) (*pool, error) {
	tables, err := payload.ReadTables(b.Payload)
	if err != nil {
		return nil, err
	}
	p := &pool{Tables: tables, core: c, raw: b.Payload, digest: b.Raw(), places: make([]place, instances)}
	for i := range p.Catalog.Len() {
		p.variants = append(p.variants, uint16(min(p.Catalog.Variants(i), abi.NoVariant)))
	}
	for i := range p.places {
		if p.places[i].instance, err = instantiate(ctx, c, b.Payload, p.Vectors); err != nil {
			return nil, errors.Join(err, p.close(ctx))
		}
	}
	return p, nil
}

// acquire locks a place that has an instance, preferably an idle one. It returns nil if no place
// has one, in particular after the pool was closed.
func (p *pool) acquire() *place {
	start := 0
	if len(p.places) > 1 {
		start = int(uint64(rand.Uint32()) * uint64(len(p.places)) >> 32)
	}
	if at := &p.places[start]; at.mu.TryLock() {
		if at.instance != nil {
			return at
		}
		at.mu.Unlock()
	}
	return p.search(start)
}

// search is the rest of acquire if the place at start is busy or empty.
func (p *pool) search(start int) *place {
	n := len(p.places)
	for i := range n {
		at := &p.places[(start+i)%n]
		if at.mu.TryLock() {
			if at.instance != nil {
				return at
			}
			at.mu.Unlock()
		}
	}
	for i := range n {
		at := &p.places[(start+i)%n]
		at.mu.Lock()
		if at.instance != nil {
			return at
		}
		at.mu.Unlock()
	}
	return nil
}

// replace replaces the instance of a locked place by a new one.
func (p *pool) replace(ctx context.Context, at *place) error {
	err := at.instance.close(ctx)
	var failed error
	at.instance, failed = p.core.instantiate(ctx, p.raw)
	return errors.Join(err, failed)
}

// close waits for the calls in flight and frees the instances.
func (p *pool) close(ctx context.Context) error {
	var errs []error
	for i := range p.places {
		at := &p.places[i]
		at.mu.Lock()
		if at.instance != nil {
			errs = append(errs, at.instance.close(ctx))
			at.instance = nil
		}
		at.mu.Unlock()
	}
	return errors.Join(errs...)
}
