// Package request builds what the core decides on: one request with the ids of its
// units, its attributes and the time, as the msgpack map that wasm/ABI.md describes.
// Values go straight into a buffer, so that a Request that is reused does not allocate.
package request

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// Limits of one request. A Request over them has an error and is not decided on.
const (
	MaxUnits        = 8         // unit ids
	MaxAttributes   = 256       // attributes
	MaxStringLength = 1_024     // bytes of an id, an attribute name or a string value
	MaxListItems    = 256       // items of one list
	MaxEncoded      = 256 << 10 // bytes of the encoded request
)

// ErrLimit is wrapped by the error of a Request that is over a limit.
var ErrLimit = errors.New("request over a limit")

// ErrType is wrapped by the error of a Request that was given a value of a type that
// attributes do not have.
var ErrType = errors.New("no type of an attribute")

// Request is a request under construction. The zero value is ready to use. Its methods
// return the Request so that calls can be chained; the first mistake sticks and is
// reported by Err. A value set twice counts as last set. A Request is not safe for
// concurrent use.
type Request struct {
	now        int64
	timed      bool
	units      section
	attributes section
	encoded    []byte
	err        error
}

type section struct {
	entries []byte
	count   int
}

// New returns an empty request.
func New() *Request { return new(Request) }

// Reset empties the request and keeps its memory.
func (r *Request) Reset() *Request {
	r.now, r.timed = 0, false
	r.units = section{entries: r.units.entries[:0]}
	r.attributes = section{entries: r.attributes.entries[:0]}
	r.err = nil
	return r
}

// Now sets the time at which schedules are evaluated, to the millisecond. Without it,
// that is the time of the decision.
func (r *Request) Now(t time.Time) *Request {
	r.now, r.timed = t.UnixMilli(), true
	return r
}

// Unit sets the id of a unit type, for example Unit("user", "u-4711").
func (r *Request) Unit(unitType, id string) *Request {
	if r.entry(&r.units, unitType, MaxUnits, "unit ids") {
		r.units.entries = r.string(r.units.entries, id)
	}
	return r
}

// String sets an attribute to a string: also a version, and a time in RFC 3339 form.
func (r *Request) String(name, value string) *Request {
	if r.attribute(name) {
		r.attributes.entries = r.string(r.attributes.entries, value)
	}
	return r
}

// Number sets an attribute to a number.
func (r *Request) Number(name string, value float64) *Request {
	if r.attribute(name) {
		b := append(r.attributes.entries, 0xcb)
		r.attributes.entries = binary.BigEndian.AppendUint64(b, math.Float64bits(value))
	}
	return r
}

// Int sets an attribute to a whole number, which also serves as a time in milliseconds
// since the Unix epoch.
func (r *Request) Int(name string, value int64) *Request {
	if r.attribute(name) {
		r.attributes.entries = appendInt(r.attributes.entries, value)
	}
	return r
}

// Bool sets an attribute to true or false.
func (r *Request) Bool(name string, value bool) *Request {
	if r.attribute(name) {
		b := byte(0xc2)
		if value {
			b = 0xc3
		}
		r.attributes.entries = append(r.attributes.entries, b)
	}
	return r
}

// Time sets an attribute to a time, to the millisecond.
func (r *Request) Time(name string, value time.Time) *Request {
	return r.Int(name, value.UnixMilli())
}

// Strings sets an attribute to a list of strings.
func (r *Request) Strings(name string, values ...string) *Request {
	if len(values) > MaxListItems {
		r.fail("attribute %q has %d items, the limit is %d", name, len(values), MaxListItems)
	}
	if r.attribute(name) {
		b := append(r.attributes.entries, 0xdc, byte(len(values)>>8), byte(len(values)))
		for _, v := range values {
			b = r.string(b, v)
		}
		r.attributes.entries = b
	}
	return r
}

// Value sets an attribute to a value whose type is known only now: a string, float64,
// int64, bool, time.Time or []string. Any other type is a mistake: ErrType.
func (r *Request) Value(name string, value any) *Request {
	switch v := value.(type) {
	case string:
		return r.String(name, v)
	case float64:
		return r.Number(name, v)
	case int64:
		return r.Int(name, v)
	case bool:
		return r.Bool(name, v)
	case time.Time:
		return r.Time(name, v)
	case []string:
		return r.Strings(name, v...)
	}
	if r.err == nil {
		r.err = fmt.Errorf("%w: attribute %q is a %T", ErrType, name, value)
	}
	return r
}

// Err returns the first mistake, or nil.
func (r *Request) Err() error { return r.err }

// Encode returns the request as msgpack, or the first mistake. The bytes are valid
// until the next call of any method.
func (r *Request) Encode() ([]byte, error) {
	if !r.timed {
		r.now = time.Now().UnixMilli()
	}
	return r.encode()
}

// EncodeTimeless is Encode for a program in which nothing depends on the time: without
// a time of its own the request has that of the Unix epoch, and no clock is read.
func (r *Request) EncodeTimeless() ([]byte, error) {
	if !r.timed {
		r.now = 0
	}
	return r.encode()
}

func (r *Request) encode() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	b := append(r.encoded[:0], 0x83)
	b = append(append(b, 0xa3), "now"...)
	b = appendInt(b, r.now)
	b = append(append(b, 0xa5), "units"...)
	b = r.units.append(b)
	b = append(append(b, 0xaa), "attributes"...)
	b = r.attributes.append(b)
	r.encoded = b
	if len(b) > MaxEncoded {
		return nil, fmt.Errorf("%w: %d bytes encoded, the limit is %d", ErrLimit, len(b), MaxEncoded)
	}
	return b, nil
}

func (s *section) append(b []byte) []byte {
	b = append(b, 0xde, byte(s.count>>8), byte(s.count))
	return append(b, s.entries...)
}

func (r *Request) attribute(name string) bool {
	return r.entry(&r.attributes, name, MaxAttributes, "attributes")
}

func (r *Request) entry(s *section, name string, limit int, what string) bool {
	if s.count == limit {
		r.fail("more than %d %s", limit, what)
	}
	if r.err != nil {
		return false
	}
	s.count++
	s.entries = r.string(s.entries, name)
	return r.err == nil
}

func (r *Request) string(b []byte, s string) []byte {
	n := len(s)
	if n > MaxStringLength {
		r.fail("a string of %d bytes, the limit is %d", n, MaxStringLength)
		return b
	}
	if n < 32 {
		b = append(b, 0xa0|byte(n))
	} else {
		b = append(b, 0xda, byte(n>>8), byte(n))
	}
	return append(b, s...)
}

func (r *Request) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: "+format, append([]any{ErrLimit}, args...)...)
	}
}

func appendInt(b []byte, v int64) []byte {
	if v >= 0 && v < 0x80 {
		return append(b, byte(v))
	}
	return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(v))
}
