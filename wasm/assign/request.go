package assign

// Limits of a request. Package wasm/request keeps to them when it builds one.
const (
	MaxRequest = 256 << 10 // bytes

	maxRequestKeys       = 16
	maxRequestUnits      = 8
	maxUnitID            = 1_024 // bytes
	maxRequestAttributes = 256
	maxListItems         = 256
)

// Limits of a program that fix the size of scratch space.
const (
	maxUnits    = 8
	maxVariants = 256
	maxRules    = 256

	maxPrerequisiteDepth = 8
)

// attribute is what the request says of a declared attribute. It counts only where its
// stamp is the engine's.
type attribute struct {
	stamp uint32
	bytes []byte // strings as they are; versions as version keys; lists: the items' msgpack
	order uint64 // numbers and times: the ordered key; bools: 0 or 1; lists: the count
}

// parse reads a request into the engine. The request's bytes are referred to, not
// copied, so they must stay as they are until the decision is made.
//
//go:nobounds
func (e *Engine) parse(request []byte) Status {
	if len(request) > MaxRequest {
		return RequestTooLarge
	}
	e.nextStamp()
	r := reader{b: request}
	top := r.next()
	if top.kind != kindMap || top.bits > maxRequestKeys {
		return BadRequest
	}
	for range top.bits {
		key, v := r.key(), r.next()
		switch {
		case r.bad:
			return BadRequest
		case view(key) == "now":
			if v.kind != kindInt || !v.negative && v.bits >= 1<<63 {
				return BadRequest
			}
			e.now = signed(v)
		case view(key) == "units":
			if v.kind != kindMap || v.bits > maxRequestUnits || !e.parseUnits(&r, int(v.bits)) {
				return BadRequest
			}
		case view(key) == "attributes":
			if v.kind != kindMap || v.bits > maxRequestAttributes || !e.parseAttributes(&r, int(v.bits)) {
				return BadRequest
			}
		default:
			r.skip(v)
		}
	}
	if r.bad || r.pos != len(request) {
		return BadRequest
	}
	return OK
}

func signed(v value) int64 {
	if v.negative {
		return -int64(v.bits)
	}
	return int64(v.bits)
}

//go:nobounds
func (e *Engine) parseUnits(r *reader, n int) bool {
	for range n {
		key, v := r.key(), r.next()
		if r.bad || v.kind != kindString || len(v.bytes) > maxUnitID {
			return false
		}
		for u := range e.p.unitName.len() {
			if view(e.p.string(e.p.unitName.at(u))) == view(key) {
				e.setUnit(u, v.bytes)
			}
		}
	}
	return true
}

//go:nobounds
func (e *Engine) parseAttributes(r *reader, n int) bool {
	for range n {
		i, known := e.attributeNames.find(&e.p, r.key())
		if r.short() {
			text := r.key()
			if known {
				e.attributes[i].stamp = 0
				e.set(i, value{kind: kindString, bytes: text}, nil)
			}
			continue
		}
		v := r.next()
		if v.kind == kindMap || v.kind == kindArray && v.bits > maxListItems {
			return false
		}
		start := r.pos
		r.skip(v)
		if r.bad {
			return false
		}
		if known {
			e.attributes[i].stamp = 0
			e.set(i, v, r.b[start:r.pos])
		}
	}
	return !r.bad
}

// set takes the value for attribute i if it is of the declared type; otherwise the
// attribute stays missing.
//
//go:nobounds
func (e *Engine) set(i int, v value, contents []byte) {
	a := &e.attributes[i]
	ok := false
	switch e.p.attrType[i] {
	case typeString:
		a.bytes, ok = v.bytes, v.kind == kindString
	case typeNumber:
		switch v.kind {
		case kindFloat:
			a.order, ok = numberKeyOfBits(v.bits)
		case kindInt:
			a.order, ok = numberKeyOfBits(bitsOfInt(v.bits, v.negative))
		}
	case typeBool:
		a.order, ok = v.bits, v.kind == kindBool
	case typeVersion:
		if v.kind == kindString {
			a.bytes, ok = appendVersionKey(e.versions[i][:0], v.bytes)
			e.versions[i] = a.bytes
		}
	case typeTime:
		switch v.kind {
		case kindInt:
			if v.negative || v.bits < 1<<63 {
				a.order, ok = TimeKey(signed(v)), true
			}
		case kindString:
			var ms int64
			ms, ok = millisOfRFC3339(v.bytes)
			a.order = TimeKey(ms)
		}
	case typeList:
		a.bytes, a.order, ok = contents, v.bits, v.kind == kindArray && stringsOnly(contents)
	}
	if ok {
		a.stamp = e.stamp
	}
}

func stringsOnly(contents []byte) bool {
	r := reader{b: contents} // outside the loop: TinyGo allocates a loop's own variable
	for r.pos < len(contents) {
		if r.next().kind != kindString {
			return false
		}
	}
	return true
}

// present returns the request's value for attribute i, or nil.
//
//go:nobounds
func (e *Engine) present(i int) *attribute {
	if a := &e.attributes[i]; a.stamp == e.stamp {
		return a
	}
	return nil
}
