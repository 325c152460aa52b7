package collector

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

// entry is a spool record: what one request brought. It is written as a msgpack array,
// so fields may be added at its end, and none may be moved.
type entry struct {
	_msgpack struct{} `msgpack:",as_array"`

	Received     int64 // milliseconds since the Unix epoch, the collector's clock
	Source, Boot string
	Exposures    []exposure
	Outcomes     []outcome
}

// exposure is what is stored of an event.Exposure.
type exposure struct {
	_msgpack struct{} `msgpack:",as_array"`

	Seq                 uint64
	Time                int64
	Experiment, Variant string
	Epoch               int32
	Unit                string
	UnitHash            unitHash
	Revision            uint64
	Override            bool
}

// outcome is what is stored of an event.Outcome.
type outcome struct {
	_msgpack struct{} `msgpack:",as_array"`

	ID         string
	Time       int64
	Event      string
	Unit       string
	UnitHash   unitHash
	Properties string
}

func newEntry(now time.Time) *entry { return &entry{Received: now.UnixMilli()} }

func (e *entry) len() int { return len(e.Exposures) + len(e.Outcomes) }

func (e *entry) encode() []byte {
	var record bytes.Buffer
	enc := msgpack.NewEncoder(&record)
	enc.UseCompactInts(true)
	if err := enc.Encode(e); err != nil {
		panic(err) // strings, numbers and byte arrays can always be written
	}
	return record.Bytes()
}

func decodeEntry(record []byte) (*entry, error) {
	e := new(entry)
	if err := msgpack.Unmarshal(record, e); err != nil {
		return nil, fmt.Errorf("a spool record of %d bytes cannot be decoded: %w", len(record), err)
	}
	return e, nil
}

// unitHash stands for a unit's id: the first half of HMAC-SHA-256(key, unit ‖ 0x00 ‖ id).
type unitHash [sha256.Size / 2]byte

func hashUnit(key []byte, unit, id string) unitHash {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(unit))
	mac.Write([]byte{0})
	mac.Write([]byte(id))
	return unitHash(mac.Sum(nil)[:len(unitHash{})])
}
