package assign

// A request is, all integers little-endian:
//
//	offset 0   int64   now, in milliseconds since the Unix epoch
//	offset 8   uint32  number of units
//	offset 12  uint32  number of attributes
//	offset 16          so many units, then so many attributes: values
//
// and then the texts that values refer to. Of values of the same unit type or attribute
// the last counts. A value is
//
//	offset 0  uint16  unit type or attribute, an index into the payload's tables
//	offset 2  uint16  kind
//	offset 4  uint32  KindString, KindList: length of the text, in bytes; otherwise 0
//	offset 8          KindString, KindList: uint64, offset of the text in the request;
//	                  KindNumber: float64; KindInt: int64; KindBool: uint64, 0 or 1
//
// A unit is a KindString. The text of a KindList is its items, of which each is a uint16
// that tells its length in bytes, and then so many bytes.
const (
	RequestHeader = 16 // bytes before the values
	ValueSize     = 16 // bytes of a value
)

// The kinds of values.
const (
	KindString = 1
	KindNumber = 2
	KindInt    = 3
	KindBool   = 4
	KindList   = 5
)

// ItemHeader is the number of bytes before each item of a list.
const ItemHeader = 2

// Limits of a request.
const (
	MaxRequest   = 256 << 10 // bytes
	MaxUnits     = 8
	MaxID        = 1_024 // bytes
	MaxValues    = 256   // attributes
	MaxListItems = 256
)

// Limits of a program that fix the size of scratch space.
const (
	maxVariants = 256
	maxRules    = 256

	maxPrerequisiteDepth = 8
)

// parse reads a request into the engine. The request's bytes are referred to, not
// copied, so they must stay as they are until the decision is made.
//
//go:nobounds
func (e *Engine) parse(request []byte) Status {
	if len(request) > MaxRequest {
		return RequestTooLarge
	}
	e.nextStamp()
	if len(request) < RequestHeader {
		return BadRequest
	}
	e.now = int64(load64(request, 0))
	units, attributes := load32(request, 8), load32(request, 12)
	if units > MaxUnits || attributes > MaxValues ||
		len(request) < RequestHeader+int(units+attributes)*ValueSize {
		return BadRequest
	}
	at := RequestHeader
	for ; units > 0; units-- {
		v, ok := readValue(request, at)
		if !ok || v.kind != KindString || int(v.index) >= len(e.units) || len(v.bytes) > MaxID {
			return BadRequest
		}
		e.units[v.index].setID(v.bytes)
		at += ValueSize
	}
	for ; attributes > 0; attributes-- {
		v, ok := readValue(request, at)
		if !ok || int(v.index) >= len(e.attributes) {
			return BadRequest
		}
		a := &e.attributes[v.index]
		a.stamp, a.raw = e.stamp, true
		a.kind, a.bytes, a.bits = v.kind, v.bytes, v.bits
		at += ValueSize
	}
	return OK
}

// value is a value of a request.
type value struct {
	index uint16
	kind  uint16
	bytes []byte
	bits  uint64 // lists: the number of items
}

//go:nobounds
func readValue(request []byte, at int) (v value, ok bool) {
	v.index, v.kind = load16(request, at), load16(request, at+2)
	length := load32(request, at+4)
	v.bits = load64(request, at+8)
	switch v.kind {
	case KindString, KindList:
		size := uint64(len(request))
		if v.bits > size || uint64(length) > size-v.bits {
			return v, false
		}
		v.bytes = request[v.bits:][:length]
		if v.kind == KindList {
			return v, v.countItems()
		}
		return v, true
	case KindNumber, KindInt:
		return v, true
	case KindBool:
		return v, v.bits <= 1
	}
	return v, false
}

// countItems reports whether the text of a list is one.
//
//go:nobounds
func (v *value) countItems() bool {
	v.bits = 0
	at := 0
	for ; at+ItemHeader <= len(v.bytes) && v.bits <= MaxListItems; v.bits++ {
		at += ItemHeader + int(load16(v.bytes, at))
	}
	return at == len(v.bytes) && v.bits <= MaxListItems
}
