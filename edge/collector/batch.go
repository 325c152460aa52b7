package collector

import (
	"bytes"
	"fmt"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle/event"
)

// batch is what one request brought. In the spool it is a blob: a msgpack array, so that
// fields may be added at its end, and none may be moved.
type batch struct {
	//lint:ignore U1000 msgpack reads its tag
	_msgpack struct{} `msgpack:",as_array"`

	Received     int64 // milliseconds since the Unix epoch, the collector's clock
	Source, Boot string
	Exposures    []exposure
	Outcomes     []outcome
}

// exposure is what is stored of an event.Exposure.
type exposure struct {
	//lint:ignore U1000 msgpack reads its tag
	_msgpack struct{} `msgpack:",as_array"`

	Seq                 uint64
	Time                int64
	Experiment, Variant string
	Epoch               int32
	Unit                string
	UnitHash            event.UnitHash
	Revision            uint64
	Override            bool
}

// outcome is what is stored of an event.Outcome.
type outcome struct {
	//lint:ignore U1000 msgpack reads its tag
	_msgpack struct{} `msgpack:",as_array"`

	ID         string
	Time       int64
	Event      string
	Unit       string
	UnitHash   event.UnitHash
	Properties string
}

func newBatch(now time.Time) *batch { return &batch{Received: now.UnixMilli()} }

func (b *batch) len() int { return len(b.Exposures) + len(b.Outcomes) }

func (b *batch) encode() []byte {
	var blob bytes.Buffer
	enc := msgpack.NewEncoder(&blob)
	enc.UseCompactInts(true)
	if err := enc.Encode(b); err != nil {
		panic(err) // strings, numbers and byte arrays can always be written
	}
	return blob.Bytes()
}

func decodeBatch(blob []byte) (*batch, error) {
	b := new(batch)
	if err := msgpack.Unmarshal(blob, b); err != nil {
		return nil, fmt.Errorf("a batch of %d bytes in the spool cannot be decoded: %w", len(blob), err)
	}
	return b, nil
}
