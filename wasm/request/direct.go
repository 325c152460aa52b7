package request

import (
	"encoding/binary"
	"unsafe"

	"github.com/sortition-dev/sortition/wasm/assign"
)

// Ask makes a request ready in an engine that runs natively, and so saves encoding and reading it.
// It has the errors of [Request.Append]. The request must not change until the decision is made.
func Ask(e *assign.Engine, r *Request, names *Names) error {
	size := assign.RequestHeader + (len(r.units)+len(r.attributes))*assign.ValueSize + r.texts
	if r.err != nil || size > MaxEncoded {
		return r.refuse(size)
	}
	e.Begin(r.time(names))
	known := numbered(r.units, names.units)
	for i := range r.units {
		if u := &r.units[i]; known || names.unit(u) {
			e.SetUnit(int(u.number), view(u.text))
		}
	}
	r.encoded = r.encoded[:0]
	known = numbered(r.attributes, names.attributes)
	for i := range r.attributes {
		a := &r.attributes[i]
		if !known && !numbered(r.attributes[i:][:1], names.attributes) && !names.attribute(a) {
			continue
		}
		switch kind := uint8(a.head >> kindShift); kind {
		case assign.KindString:
			e.SetAttribute(int(a.number), kind, view(a.text), 0)
		case assign.KindList:
			e.SetAttribute(int(a.number), kind, r.list(a), uint64(a.items))
		default:
			e.SetAttribute(int(a.number), kind, nil, a.bits)
		}
	}
	e.Ready()
	return nil
}

// list encodes a list behind those that are in r.encoded. If that moves, the others stay valid.
func (r *Request) list(e *entry) []byte {
	start := len(r.encoded)
	for _, item := range r.items[e.bits:][:e.items] {
		r.encoded = binary.LittleEndian.AppendUint16(r.encoded, uint16(len(item)))
		r.encoded = append(r.encoded, item...)
	}
	return r.encoded[start:]
}

// view returns the bytes of a string, which must not be changed.
func view(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
