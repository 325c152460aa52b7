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
	middle := RequestHeader + int(units)*ValueSize
	if !e.readUnits(request, middle) || !e.readAttributes(request, middle, middle+int(attributes)*ValueSize) {
		return BadRequest
	}
	return OK
}

// readUnits reads the units, which end at end.
//
//go:noinline
//go:nobounds
func (e *Engine) readUnits(request []byte, end int) bool {
	for at := RequestHeader; at < end; at += ValueSize {
		head := load64(request, at)
		text, ok := textOf(request, head, load64(request, at+8))
		number := int(uint16(head))
		if !ok || head>>16&0xffff != KindString || number >= len(e.units) || len(text) > MaxID {
			return false
		}
		e.setID(number, text)
	}
	return true
}

// readAttributes reads the attributes, which lie at at … end. It and readUnits are functions of
// their own, so that compilers for WebAssembly keep their variables in registers.
//
//go:noinline
//go:nobounds
func (e *Engine) readAttributes(request []byte, at, end int) bool {
	room, stamp := e.attributes, e.stamp
	for ; at < end; at += ValueSize {
		head, bits := load64(request, at), load64(request, at+8)
		number := int(uint16(head))
		if number >= len(room) {
			return false
		}
		var text []byte
		ok := true
		switch head >> 16 & 0xffff {
		case KindString:
			text, ok = textOf(request, head, bits)
			bits = 0
		case KindList:
			if text, ok = textOf(request, head, bits); ok {
				bits, ok = countItems(text)
			}
		case KindNumber, KindInt:
		case KindBool:
			ok = bits <= 1
		default:
			ok = false
		}
		if !ok {
			return false
		}
		room[number] = attribute{stamp, uint8(head >> 16), view(text), bits}
	}
	return true
}

// textOf returns the text of a value, and whether it lies in the request.
//
//go:inline
//go:nobounds
func textOf(request []byte, head, offset uint64) ([]byte, bool) {
	length := head >> 32
	if offset > uint64(len(request)) || length > uint64(len(request))-offset {
		return nil, false
	}
	return request[offset:][:length], true
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
