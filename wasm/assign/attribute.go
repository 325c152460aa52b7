package assign

// attribute is the request's value of a declared attribute. It is valid only if its stamp is
// that of the engine.
type attribute struct {
	stamp uint32
	kind  uint8  // KindString and its siblings, or converted
	text  string // strings and lists: in the memory of the request; versions: the version key
	bits  uint64 // numbers and times: the ordered key; bools: 0 or 1; lists: the number of items
}

// converted is the kind of a value in the form of its declared type. Values of other kinds are in
// the form of the request.
const converted = 0

// present returns the request's value of attribute i, or nil if it is missing or does not have the
// declared type.
//
//go:nobounds
func (e *Engine) present(i int) *attribute {
	a := &e.attributes[i]
	if a.stamp != e.stamp {
		return nil
	}
	switch {
	case a.kind == converted:
	case a.kind == KindString && e.p.attrType[i] == typeString:
	case !e.convert(i, a):
		return nil
	}
	return a
}

// convert converts a value to the form of its declared type. If the value does not have the type,
// convert removes it and reports false.
//
//go:noinline
//go:nobounds
func (e *Engine) convert(i int, a *attribute) bool {
	kind := a.kind
	a.kind = converted
	ok := false
	switch e.p.attrType[i] {
	case typeNumber:
		switch kind {
		case KindNumber:
			a.bits, ok = numberKeyOfBits(a.bits)
		case KindInt:
			a.bits, ok = numberKeyOfBits(bitsOfInt(int64(a.bits)))
		}
	case typeBool:
		ok = kind == KindBool
	case typeVersion:
		if kind == KindString {
			n := putVersionKey(e.versions[i], raw(a.text))
			a.text, ok = view(e.versions[i][:n]), n > 0
		}
	case typeTime:
		switch kind {
		case KindInt:
			a.bits, ok = TimeKey(int64(a.bits)), true
		case KindString:
			var ms int64
			ms, ok = millisOfRFC3339(raw(a.text))
			a.text, a.bits = "", TimeKey(ms)
		}
	case typeList:
		ok = kind == KindList
	}
	if !ok {
		a.stamp = 0
	}
	return ok
}

// listHas reports whether a list has an item.
//
//go:noinline
//go:nobounds
func listHas(a *attribute, item []byte) bool {
	for list := a.text; len(list) > 0; {
		end := ItemHeader + int(list[0]) + int(list[1])<<8
		if list[ItemHeader:end] == view(item) {
			return true
		}
		list = list[end:]
	}
	return false
}
