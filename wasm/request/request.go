// Package request encodes requests for the core: unit ids, attributes and the time, in the form
// that wasm/ABI.md describes. A reused [Request] does not allocate.
//
// This package is internal to Sortition and may change without notice, aside from [Request],
// which stable packages use.
package request

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/sortition-dev/sortition/wasm/assign"
)

// Limits of a request. A [Request] that exceeds one has an error and is not decided.
const (
	MaxUnits        = assign.MaxUnits     // unit ids
	MaxAttributes   = assign.MaxValues    // attributes
	MaxStringLength = assign.MaxID        // bytes of an id, an attribute name or a string value
	MaxListItems    = assign.MaxListItems // items of one list
	MaxEncoded      = assign.MaxRequest   // bytes of the encoded request
)

// ErrLimit is the error of a [Request] that exceeds a limit.
var ErrLimit = errors.New("request over a limit")

// ErrType is the error of a [Request] with a value of a type that attributes cannot have.
var ErrType = errors.New("no type of an attribute")

// Request is a request under construction. The zero value is ready to use. Methods return the
// Request, so that calls can be chained; [Request.Err] returns the first error. If a value is set
// twice, the last one counts. A Request refers to the strings in it until [Request.Reset]. It is
// not safe for concurrent use.
type Request struct {
	now        int64
	timed      bool
	units      []entry
	attributes []entry
	items      []string // of all lists
	texts      int      // bytes of all texts
	encoded    []byte
	err        error
}

// New returns an empty request.
func New() *Request { return new(Request) }

// Reset removes all values and keeps the memory.
func (r *Request) Reset() *Request {
	r.now, r.timed = 0, false
	r.units, r.attributes = emptied(r.units), emptied(r.attributes)
	clear(r.items)
	r.items, r.texts = r.items[:0], 0
	r.err = nil
	return r
}

// Now sets the time of the decision, for schedules, ramps and elapsed time. It is truncated to
// milliseconds. The default is the current time when the request is decided.
func (r *Request) Now(t time.Time) *Request {
	r.now, r.timed = t.UnixMilli(), true
	return r
}

// Unit sets the id of a unit type, for example Unit("user", "u-4711").
func (r *Request) Unit(unitType, id string) *Request {
	n := len(r.units)
	if n == cap(r.units) {
		if n == MaxUnits {
			r.fail("too many unit ids; the limit is %d", MaxUnits)
			return r
		}
		r.units = larger(r.units, MaxUnits)
	}
	r.units = r.units[:n+1]
	e := &r.units[n]
	e.name, e.text, e.head = unitType, id, stringHead|uint64(len(id))<<sizeShift
	return r.spent(unitType, id)
}

// String sets an attribute to a string. It is also for a version, and for a time in RFC 3339 form.
func (r *Request) String(name, value string) *Request {
	n := len(r.attributes) // from here on as attribute and spent, without calls
	if n == cap(r.attributes) && !r.moreAttributes() {
		return r
	}
	r.attributes = r.attributes[:n+1]
	e := &r.attributes[n]
	e.name, e.text, e.head = name, value, stringHead|uint64(len(value))<<sizeShift
	r.texts += len(value)
	if max(len(name), len(value)) > MaxStringLength {
		r.tooLong(name, value)
	}
	return r
}

// Number sets an attribute to a number.
func (r *Request) Number(name string, value float64) *Request {
	return r.set(name, assign.KindNumber, math.Float64bits(value))
}

// Int sets an attribute to a whole number. It is also for a time in milliseconds since the Unix
// epoch.
func (r *Request) Int(name string, value int64) *Request {
	return r.set(name, assign.KindInt, uint64(value))
}

// Bool sets an attribute to true or false.
func (r *Request) Bool(name string, value bool) *Request {
	bits := uint64(0)
	if value {
		bits = 1
	}
	return r.set(name, assign.KindBool, bits)
}

// Time sets an attribute to a time, truncated to milliseconds.
func (r *Request) Time(name string, value time.Time) *Request {
	return r.Int(name, value.UnixMilli())
}

// Strings sets an attribute to a list of strings.
func (r *Request) Strings(name string, values ...string) *Request {
	if len(values) > MaxListItems {
		r.fail("attribute %q has %d items; the limit is %d", name, len(values), MaxListItems)
		return r
	}
	e := r.attribute(name)
	if e == nil {
		return r
	}
	size := len(values) * assign.ItemHeader
	r.texts += size
	for _, v := range values {
		size += len(v)
		r.spent(name, v)
	}
	e.head = listHead | uint64(size)<<sizeShift
	e.bits, e.items = uint64(len(r.items)), uint16(len(values))
	r.items = append(r.items, values...)
	return r
}

// Value sets an attribute to a string, float64, int64, bool, [time.Time] or []string. For a value
// of another type, the request has the error [ErrType].
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

// Err returns the first error, or nil.
func (r *Request) Err() error { return r.err }

// Encode returns the request in the form of the core, with the numbers of the given names, or the
// first error. It omits values whose names the payload does not have. The bytes are valid until the
// next call of a method.
func (r *Request) Encode(names *Names) ([]byte, error) {
	var err error
	r.encoded, err = r.Append(r.encoded[:0], names)
	return r.encoded, err
}

// Append is like [Request.Encode], but appends the bytes to b, at most [MaxEncoded]. It does not
// allocate if b has room. If there is an error, it returns b unchanged.
func (r *Request) Append(b []byte, names *Names) ([]byte, error) {
	values := assign.RequestHeader + (len(r.units)+len(r.attributes))*assign.ValueSize
	size := values + r.texts
	if r.err != nil || size > MaxEncoded {
		return b, r.refuse(size)
	}
	start := len(b)
	if cap(b)-start < size {
		b = append(make([]byte, 0, start+size), b...)
	}
	b = b[:start+size]
	w := writer{b: b[start:], at: assign.RequestHeader, text: values}
	units, attributes := len(r.units), len(r.attributes)
	if numbered(r.units, names.units) && numbered(r.attributes, names.attributes) {
		w.write(r.units, r.items)
		w.write(r.attributes, r.items)
	} else {
		units = w.writeKnown(r.units, names.units, names.unit, r.items)
		attributes = w.writeKnown(r.attributes, names.attributes, names.attribute, r.items)
		clear(w.b[w.at:values]) // the room for values whose names are not known
	}
	binary.LittleEndian.PutUint64(w.b, uint64(r.time(names)))
	binary.LittleEndian.PutUint64(w.b[word:], uint64(units)|uint64(attributes)<<32)
	return b[:start+w.text], nil
}

// time returns the time of the decision, in milliseconds since the Unix epoch.
func (r *Request) time(names *Names) int64 {
	if r.timed || names.timeless {
		return r.now
	}
	return names.now().UnixMilli()
}

// refuse returns why the request, which has so many bytes when it is encoded, is not decided.
func (r *Request) refuse(size int) error {
	if r.err != nil {
		return r.err
	}
	return fmt.Errorf("%w: the encoded request has %d bytes; the limit is %d", ErrLimit, size, MaxEncoded)
}

// attribute adds an attribute, or returns nil if there are too many.
func (r *Request) attribute(name string) *entry {
	n := len(r.attributes)
	if n == cap(r.attributes) && !r.moreAttributes() {
		return nil
	}
	r.attributes = r.attributes[:n+1]
	e := &r.attributes[n]
	e.name = name
	return e
}

func (r *Request) moreAttributes() bool {
	if len(r.attributes) == MaxAttributes {
		r.fail("too many attributes; the limit is %d", MaxAttributes)
		return false
	}
	r.attributes = larger(r.attributes, MaxAttributes)
	return true
}

func (r *Request) set(name string, kind, bits uint64) *Request {
	if e := r.attribute(name); e != nil {
		e.head, e.bits = kind<<kindShift, bits
		r.spent(name, "")
	}
	return r
}

// spent counts a text. It is an error if the text or its name exceeds the limit.
func (r *Request) spent(name, text string) *Request {
	r.texts += len(text)
	if max(len(name), len(text)) > MaxStringLength {
		r.tooLong(name, text)
	}
	return r
}

func (r *Request) tooLong(name, text string) {
	r.fail("a string has %d bytes; the limit is %d", max(len(name), len(text)), MaxStringLength)
}

func (r *Request) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: "+format, append([]any{ErrLimit}, args...)...)
	}
}
