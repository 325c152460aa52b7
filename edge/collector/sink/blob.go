package sink

import (
	"encoding/binary"

	"github.com/sortition-dev/sortition/bundle/event"
)

// A batch is a blob in the spool:
//
//	byte     blobVersion
//	varint   received, in milliseconds
//	string   source
//	string   boot
//	uvarint  number of names, and each as a string
//	uvarint  number of exposures, and each as
//	           varint   seq, less that of the exposure before
//	           varint   time in milliseconds, less that of the exposure before, or less received
//	           uvarint  experiment, variant and unit: three numbers of names
//	           uvarint  phase
//	           uvarint  revision
//	           byte     1 if the variant comes from an override, otherwise 0
//	           bytes    unit hash
//	uvarint  number of outcomes, and each as
//	           string   id
//	           varint   time in milliseconds, less that of the outcome before, or less received
//	           uvarint  event and unit: two numbers of names
//	           string   properties
//	           bytes    unit hash
//
// A string is its length in bytes as a uvarint, and the bytes. Varints are those of
// encoding/binary. A blob that begins with another byte is of an earlier format: a Batch as a
// msgpack array, whose first byte is never blobVersion.
const blobVersion = 2

// maxNames bounds the names that a Builder keeps room for between batches.
const maxNames = 4_096

// Builder encodes a batch while its events are read. It allocates nothing for an event once its
// buffers have grown. The zero value has no batch; call Reset first.
type Builder struct {
	received     event.Millis
	source, boot string
	names        map[string]uint64
	table        []byte // the names
	exposures    records
	outcomes     records
	seq          uint64 // of the exposure before
	blob         []byte
}

// records are the encoded events of one kind.
type records struct {
	n     int
	bytes []byte
	time  event.Millis // of the event before
}

func (r *records) reset(received event.Millis) { r.n, r.bytes, r.time = 0, r.bytes[:0], received }

// Reset begins a batch that was received at a time. Source and boot are those of its exposures.
func (b *Builder) Reset(received event.Millis, source, boot string) {
	if b.names == nil || len(b.names) > maxNames {
		b.names = make(map[string]uint64)
	}
	clear(b.names)
	b.received, b.source, b.boot = received, source, boot
	b.table, b.seq = b.table[:0], 0
	b.exposures.reset(received)
	b.outcomes.reset(received)
}

// Count is a number of events.
type Count struct{ Exposures, Outcomes int }

// Count returns the number of events that were added.
func (b *Builder) Count() Count { return Count{b.exposures.n, b.outcomes.n} }

// AddExposure adds an exposure.
func (b *Builder) AddExposure(x *Exposure) {
	r := &b.exposures
	buf := binary.AppendVarint(r.bytes, int64(x.Seq-b.seq))
	buf = binary.AppendVarint(buf, int64(x.Time-r.time))
	buf = binary.AppendUvarint(buf, b.name(x.Experiment))
	buf = binary.AppendUvarint(buf, b.name(x.Variant))
	buf = binary.AppendUvarint(buf, b.name(x.Unit))
	buf = binary.AppendUvarint(buf, uint64(uint32(x.Phase)))
	buf = binary.AppendUvarint(buf, x.Revision)
	override := byte(0)
	if x.Override {
		override = 1
	}
	r.bytes = append(append(buf, override), x.UnitHash[:]...)
	r.time, b.seq = x.Time, x.Seq
	r.n++
}

// AddOutcome adds an outcome.
func (b *Builder) AddOutcome(o *Outcome) {
	r := &b.outcomes
	buf := appendString(r.bytes, o.ID)
	buf = binary.AppendVarint(buf, int64(o.Time-r.time))
	buf = binary.AppendUvarint(buf, b.name(o.Event))
	buf = binary.AppendUvarint(buf, b.name(o.Unit))
	buf = appendString(buf, o.Properties)
	r.bytes = append(buf, o.UnitHash[:]...)
	r.time = o.Time
	r.n++
}

// name returns the number of a name, which it adds if it is new.
func (b *Builder) name(name string) uint64 {
	n, ok := b.names[name]
	if !ok {
		n = uint64(len(b.names))
		b.names[name] = n
		b.table = appendString(b.table, name)
	}
	return n
}

func appendString(buf []byte, s string) []byte {
	return append(binary.AppendUvarint(buf, uint64(len(s))), s...)
}

// Blob returns the batch as a blob, which is valid until the next call.
func (b *Builder) Blob() []byte {
	buf := append(b.blob[:0], blobVersion)
	buf = binary.AppendVarint(buf, int64(b.received))
	buf = appendString(appendString(buf, b.source), b.boot)
	buf = append(binary.AppendUvarint(buf, uint64(len(b.names))), b.table...)
	for _, r := range []*records{&b.exposures, &b.outcomes} {
		buf = append(binary.AppendUvarint(buf, uint64(r.n)), r.bytes...)
	}
	b.blob = buf
	return b.blob
}
