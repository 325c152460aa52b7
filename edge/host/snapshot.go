package host

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// snapshot is an active bundle: its names, and instances that decide on it. It never
// changes; another bundle is another snapshot.
type snapshot struct {
	manifest  *bundle.Manifest
	activated time.Time
	expires   time.Time
	stale     atomic.Bool // the bundle has expired
	expiry    *time.Timer // sets stale
	payload   []byte
	directory *bundle.Directory
	names     *request.Names
	places    []place
}

// place holds one instance of the pool. The instance is nil when the snapshot is
// closed, or when it trapped and could not be made again.
type place struct {
	mu       sync.Mutex
	instance *instance
	_        [64]byte // keeps the locks of neighbours on different cache lines
}

// newSnapshot loads a bundle into instances of the core and tries its golden vectors
// on each.
func newSnapshot(ctx context.Context, c *core, b *bundle.Bundle, expires time.Time, instances int) (*snapshot, error) {
	catalog, err := bundle.ParseCatalog(b.Payload)
	if err != nil {
		return nil, err
	}
	if got := catalog.Environment(); got != b.Manifest.Environment {
		return nil, fmt.Errorf("the payload is for environment %q, its manifest for %q", got, b.Manifest.Environment)
	}
	directory, err := catalog.Directory()
	if err != nil {
		return nil, err
	}
	names, err := catalog.Names()
	if err != nil {
		return nil, err
	}
	vectors, err := catalog.Vectors()
	if err != nil {
		return nil, err
	}
	s := &snapshot{
		manifest:  b.Manifest,
		activated: time.Now(),
		expires:   expires,
		payload:   b.Payload,
		directory: directory,
		names:     names,
		places:    make([]place, instances),
	}
	s.stale.Store(!time.Now().Before(expires))
	s.expiry = time.AfterFunc(time.Until(expires), func() { s.stale.Store(true) })
	for i := range s.places {
		in, err := c.instantiate(ctx, b.Payload)
		if err == nil {
			s.places[i].instance = in
			err = in.selfTest(ctx, vectors)
		}
		if err != nil {
			return nil, errors.Join(err, s.close(ctx))
		}
	}
	return s, nil
}

// acquire locks a place with an instance, preferably one that is idle. It returns nil
// when the snapshot is closed.
func (s *snapshot) acquire() *place {
	n := len(s.places)
	start := rand.IntN(n)
	for i := range n {
		p := &s.places[(start+i)%n]
		if p.mu.TryLock() {
			if p.instance != nil {
				return p
			}
			p.mu.Unlock()
		}
	}
	for i := range n {
		p := &s.places[(start+i)%n]
		p.mu.Lock()
		if p.instance != nil {
			return p
		}
		p.mu.Unlock()
	}
	return nil
}

// replace throws away the instance of a locked place and puts a fresh one there.
func (s *snapshot) replace(ctx context.Context, c *core, p *place) error {
	err := p.instance.module.Close(ctx)
	var failed error
	p.instance, failed = c.instantiate(ctx, s.payload)
	return errors.Join(err, failed)
}

// close waits for the calls in flight and frees the instances.
func (s *snapshot) close(ctx context.Context) error {
	s.expiry.Stop()
	var errs []error
	for i := range s.places {
		p := &s.places[i]
		p.mu.Lock()
		if p.instance != nil {
			errs = append(errs, p.instance.module.Close(ctx))
			p.instance = nil
		}
		p.mu.Unlock()
	}
	return errors.Join(errs...)
}

// decideOne decides an experiment of the snapshot. Errors are ErrRequest and ErrCore.
func (s *snapshot) decideOne(d *Decision, in *instance, experiment int) error {
	record, err := in.one(context.Background(), uint32(experiment))
	if err != nil {
		return err
	}
	return s.read(d, record, s.stale.Load())
}

// read sets d to the decision that a record stands for. The error is ErrCore if there
// is none.
func (s *snapshot) read(d *Decision, record []byte, stale bool) error {
	i, variant := int(binary.LittleEndian.Uint32(record)), int(binary.LittleEndian.Uint16(record[4:]))
	if i < 0 || i >= s.directory.Len() {
		return ErrCore
	}
	// Field by field, since this is most of what a decision costs outside the core.
	d.Experiment, d.Kind, d.Unit, d.Epoch = s.directory.Key(i), s.directory.Kind(i), s.directory.Unit(i), s.directory.Epoch(i)
	d.Reason, d.Rule = model.Reason(record[6]), int(record[7])
	d.Revision, d.Stale = s.manifest.Revision, stale
	if variant == assign.NoVariant {
		d.Variant, d.Name, d.Config = "", "", ""
		return nil
	}
	if variant >= s.directory.Variants(i) {
		return ErrCore
	}
	v := s.directory.Variant(i, variant)
	d.Variant, d.Name, d.Config = v.Key, v.Name, v.Config
	return nil
}
