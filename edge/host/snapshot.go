package host

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/wasm/abi"
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

// decideOne sets d to the decision of an experiment. The error is ErrRequest or ErrCore.
func (s *snapshot) decideOne(d *Decision, in *instance, experiment int) error {
	record, err := in.one(context.Background(), uint32(experiment))
	if err != nil {
		return err
	}
	return s.read(d, record, s.stale.reached())
}

// read sets d to the decision of a record. It returns ErrCore if the record is invalid.
func (s *snapshot) read(d *Decision, record []byte, stale bool) error {
	i, variant := int(binary.LittleEndian.Uint32(record)), int(binary.LittleEndian.Uint16(record[4:]))
	if i < 0 || i >= s.Catalog.Len() {
		return ErrCore
	}
	// Field by field, since this is most of what a decision costs outside the core.
	d.Experiment, d.Kind, d.Unit, d.Phase = s.Catalog.Key(i), s.Catalog.Kind(i), s.Catalog.Unit(i), s.Catalog.Phase(i)
	d.Reason, d.Rule = abi.Reason(record[6]), int(record[7])
	d.Revision, d.Stale = s.manifest.Revision, stale
	d.pool, d.index = s.pool, i
	if variant == abi.NoVariant {
		d.Variant, d.Name, d.Config = "", "", ""
		return nil
	}
	if variant >= s.Catalog.Variants(i) {
		return ErrCore
	}
	v := s.Catalog.Variant(i, variant)
	d.Variant, d.Name, d.Config = v.Key, v.Name, v.Config
	return nil
}
