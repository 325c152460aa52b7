package sink

import (
	"encoding/hex"

	"github.com/sortition-dev/sortition/bundle/event"
)

// Batch holds the events of one request.
type Batch struct {
	Received     event.Millis // by the collector's clock
	Source, Boot string       // of the exposures; see event.ExposureBatch
	Exposures    []Exposure
	Outcomes     []Outcome

	names []string // of the blob that Decode read
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

// hexDigits is the length of a unit hash in a row.
const hexDigits = event.UnitHashHexLength

// AppendExposures appends the rows of the exposures, in order.
func (b *Batch) AppendExposures(rows []event.StoredExposure) []event.StoredExposure {
	digits := make([]byte, 0, hexDigits*len(b.Exposures))
	for i := range b.Exposures {
		digits = hex.AppendEncode(digits, b.Exposures[i].UnitHash[:])
	}
	hashes := string(digits) // one allocation for all
	for i := range b.Exposures {
		x := &b.Exposures[i]
		rows = append(rows, event.StoredExposure{
			Source: b.Source, Boot: b.Boot, Seq: x.Seq, Time: x.Time, Received: b.Received,
			Experiment: x.Experiment, Variant: x.Variant, Phase: x.Phase,
			Unit: x.Unit, UnitHash: hashes[hexDigits*i : hexDigits*(i+1)],
			Revision: x.Revision, Override: x.Override,
		})
	}
	return rows
}

// AppendOutcomes appends the rows of the outcomes, in order.
func (b *Batch) AppendOutcomes(rows []event.StoredOutcome) []event.StoredOutcome {
	digits := make([]byte, 0, hexDigits*len(b.Outcomes))
	for i := range b.Outcomes {
		digits = hex.AppendEncode(digits, b.Outcomes[i].UnitHash[:])
	}
	hashes := string(digits) // one allocation for all
	for i := range b.Outcomes {
		o := &b.Outcomes[i]
		rows = append(rows, event.StoredOutcome{
			ID: o.ID, Time: o.Time, Received: b.Received, Event: o.Event,
			Unit: o.Unit, UnitHash: hashes[hexDigits*i : hexDigits*(i+1)], Properties: o.Properties,
		})
	}
	return rows
}
