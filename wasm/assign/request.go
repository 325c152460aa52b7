package assign

// A request is, all integers little-endian:
//
//	offset 0   int64   now, in milliseconds since the Unix epoch
//	offset 8   uint32  number of units
//	offset 12  uint32  number of attributes
//	offset 16          the values of the units, then those of the attributes
//
// and then the texts that values refer to. If several values have the same unit type or attribute,
// the last one counts. A value is
//
//	offset 0  uint16  unit type or attribute, an index into the payload's tables
//	offset 2  uint16  kind
//	offset 4  uint32  KindString, KindList: length of the text, in bytes; otherwise 0
//	offset 8          KindString, KindList: uint64, offset of the text in the request;
//	                  KindNumber: float64; KindInt: int64; KindBool: uint64, 0 or 1
//
// A unit is a KindString. The text of a KindList has, for each item, its length in bytes as a
// uint16 and then its bytes.
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

// Limits of a program that determine the size of scratch space.
const (
	maxVariants = 256
	maxRules    = 256

	maxPrerequisiteDepth = 8
)

// parse reads a request into the engine. The engine refers to the request's bytes, which must not
// change until the decision is made.
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
		number, kind, text, _, ok := readValue(request, at)
		if !ok || kind != KindString || number >= len(e.units) || len(text) > MaxID {
			return BadRequest
		}
		x := &e.units[number]
		x.hash, x.present = sum64(text), len(text) > 0
		at += ValueSize
	}
	stamp, room, types := e.stamp, e.attributes, e.p.attrType
	for ; attributes > 0; attributes-- {
		number, kind, text, bits, ok := readValue(request, at)
		if !ok || number >= len(room) {
			return BadRequest
		}
		room[number] = attribute{stamp, kind, types[number], text, bits}
		at += ValueSize
	}
	return OK
}

// readValue reads a value. For a list, the bits are the number of items.
//
//go:inline
//go:nobounds
func readValue(request []byte, at int) (number int, kind uint8, text []byte, bits uint64, ok bool) {
	head := load64(request, at)
	bits = load64(request, at+8)
	number, kind = int(uint16(head)), uint8(head>>16)
	if head>>24&0xff != 0 {
		return
	}
	switch kind {
	case KindString, KindList:
		length := head >> 32
		if bits > uint64(len(request)) || length > uint64(len(request))-bits {
			return
		}
		text, bits, ok = request[bits:][:length], 0, true
		if kind == KindList {
			bits, ok = countItems(text)
		}
	case KindNumber, KindInt:
		ok = true
	case KindBool:
		ok = bits <= 1
	}
	return
}

// countItems returns the number of items of a list, and whether the text is a valid list.
//
//go:noinline
//go:nobounds
func countItems(text []byte) (items uint64, ok bool) {
	at := 0
	for ; at+ItemHeader <= len(text) && items <= MaxListItems; items++ {
		at += ItemHeader + int(load16(text, at))
	}
	return items, at == len(text) && items <= MaxListItems
}
