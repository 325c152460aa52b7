package sink

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
)

// Batch holds the events of one request. In the spool it is a blob: a msgpack array. Fields may be
// added at its end, but never moved or removed.
type Batch struct {
	//lint:ignore U1000 msgpack reads its tag
	_msgpack struct{} `msgpack:",as_array"`

	Received     event.Millis // by the collector's clock
	Source, Boot string       // of the exposures; see event.ExposureBatch
	Exposures    []Exposure
	Outcomes     []Outcome
}

// Exposure is the stored part of an [event.Exposure].
type Exposure struct {
	//lint:ignore U1000 msgpack reads its tag
	_msgpack struct{} `msgpack:",as_array"`

	Seq                 uint64
	Time                event.Millis
	Experiment, Variant string
	Phase               int32
	Unit                string
	UnitHash            event.UnitHash
	Revision            uint64
	Override            bool
}

// Outcome is the stored part of an [event.Outcome].
type Outcome struct {
	//lint:ignore U1000 msgpack reads its tag
	_msgpack struct{} `msgpack:",as_array"`

	ID         string
	Time       event.Millis
	Event      string
	Unit       string
	UnitHash   event.UnitHash
	Properties string
}

// NewBatch returns a batch without events that was received at now.
func NewBatch(now time.Time) *Batch { return &Batch{Received: model.MillisOf(now)} }

// Len returns the number of events.
func (b *Batch) Len() int { return len(b.Exposures) + len(b.Outcomes) }

// Encode returns the batch as a blob.
func (b *Batch) Encode() []byte {
	var blob bytes.Buffer
	enc := msgpack.NewEncoder(&blob)
	enc.UseCompactInts(true)
	if err := enc.Encode(b); err != nil {
		panic(err) // strings, numbers and byte arrays cannot fail
	}
	return blob.Bytes()
}

// DecodeBatch reads a blob that Encode wrote.
func DecodeBatch(blob []byte) (*Batch, error) {
	b := new(Batch)
	if err := msgpack.Unmarshal(blob, b); err != nil {
		return nil, fmt.Errorf("a batch of %d bytes in the spool cannot be decoded: %w", len(blob), err)
	}
	return b, nil
}

// StoredExposures returns the rows of the exposures, in order.
func (b *Batch) StoredExposures() []event.StoredExposure {
	rows := make([]event.StoredExposure, len(b.Exposures))
	for i := range b.Exposures {
		x := &b.Exposures[i]
		rows[i] = event.StoredExposure{
			Source: b.Source, Boot: b.Boot, Seq: x.Seq, Time: x.Time, Received: b.Received,
			Experiment: x.Experiment, Variant: x.Variant, Phase: x.Phase,
			Unit: x.Unit, UnitHash: hex.EncodeToString(x.UnitHash[:]),
			Revision: x.Revision, Override: x.Override,
		}
	}
	return rows
}

// StoredOutcomes returns the rows of the outcomes, in order.
func (b *Batch) StoredOutcomes() []event.StoredOutcome {
	rows := make([]event.StoredOutcome, len(b.Outcomes))
	for i := range b.Outcomes {
		o := &b.Outcomes[i]
		rows[i] = event.StoredOutcome{
			ID: o.ID, Time: o.Time, Received: b.Received, Event: o.Event,
			Unit: o.Unit, UnitHash: hex.EncodeToString(o.UnitHash[:]), Properties: o.Properties,
		}
	}
	return rows
}
