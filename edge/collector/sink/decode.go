package sink

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle/event"
)

// Sizes of the shortest events in a blob. They bound what a wrong count can allocate.
const (
	leastExposure = 8 + len(event.UnitHash{})
	leastOutcome  = 5 + len(event.UnitHash{})
)

// Decode reads a blob. It replaces the content of b and reuses its memory. The strings of b share
// one copy of the blob.
func (b *Batch) Decode(blob []byte) error {
	b.clear()
	var err error
	if len(blob) > 0 && blob[0] == blobVersion {
		err = b.decode(string(blob[1:]))
	} else {
		err = b.decodeEarlier(blob)
	}
	if err != nil {
		return fmt.Errorf("a batch of %d bytes in the spool cannot be decoded: %w", len(blob), err)
	}
	return nil
}

// clear removes the content, so that the memory that b keeps holds no strings.
func (b *Batch) clear() {
	clear(b.Exposures)
	clear(b.Outcomes)
	clear(b.names)
	*b = Batch{Exposures: b.Exposures[:0], Outcomes: b.Outcomes[:0], names: b.names[:0]}
}

func (b *Batch) decode(text string) error {
	r := &reader{rest: text}
	b.Received = event.Millis(r.varint())
	b.Source, b.Boot = r.text(), r.text()
	for range r.count(1) {
		b.names = append(b.names, r.text())
	}
	seq, at := uint64(0), b.Received
	for range r.count(leastExposure) {
		seq += uint64(r.varint())
		at += event.Millis(r.varint())
		b.Exposures = append(b.Exposures, Exposure{
			Seq: seq, Time: at, Experiment: r.name(b.names), Variant: r.name(b.names), Unit: r.name(b.names),
			Phase: int32(r.uvarint()), Revision: r.uvarint(), Override: r.take(1) == "\x01", UnitHash: r.hash(),
		})
	}
	at = b.Received
	for range r.count(leastOutcome) {
		o := Outcome{ID: r.text()}
		at += event.Millis(r.varint())
		o.Time, o.Event, o.Unit = at, r.name(b.names), r.name(b.names)
		o.Properties, o.UnitHash = r.text(), r.hash()
		b.Outcomes = append(b.Outcomes, o)
	}
	if r.failed || r.rest != "" {
		return errors.New("it is not whole")
	}
	return nil
}

// decodeEarlier reads a blob of the format before blobVersion.
func (b *Batch) decodeEarlier(blob []byte) error {
	var in struct {
		//lint:ignore U1000 msgpack reads its tag
		_msgpack struct{} `msgpack:",as_array"`

		Received     event.Millis
		Source, Boot string
		Exposures    []Exposure
		Outcomes     []Outcome
	}
	err := msgpack.Unmarshal(blob, &in)
	*b = Batch{Received: in.Received, Source: in.Source, Boot: in.Boot, Exposures: in.Exposures, Outcomes: in.Outcomes, names: b.names}
	return err
}

// reader reads the fields of a blob. After the first that is not whole, all are zero.
type reader struct {
	rest   string
	failed bool
}

func (r *reader) take(n int) string {
	if n > len(r.rest) {
		r.fail()
		return ""
	}
	field := r.rest[:n]
	r.rest = r.rest[n:]
	return field
}

func (r *reader) fail() { r.failed, r.rest = true, "" }

func (r *reader) uvarint() uint64 {
	var x uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		x |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			return x
		}
	}
	r.fail()
	return 0
}

func (r *reader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (r *reader) text() string {
	n := r.uvarint()
	return r.take(int(min(n, uint64(len(r.rest))+1)))
}

// count reads a number of fields that have at least so many bytes each.
func (r *reader) count(bytes int) int {
	n := r.uvarint()
	if n > uint64(len(r.rest)/bytes) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) name(names []string) string {
	n := r.uvarint()
	if n >= uint64(len(names)) {
		r.fail()
		return ""
	}
	return names[n]
}

func (r *reader) hash() (h event.UnitHash) {
	copy(h[:], r.take(len(h)))
	return h
}
