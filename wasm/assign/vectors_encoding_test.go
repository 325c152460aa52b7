package assign_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// Requests by hand.

// rawValue is a value of a request. Its offset counts from the beginning of the texts.
type rawValue struct {
	index, kind uint16
	length      uint32
	bits        uint64
}

// rawRequest is a request whose counts are right, unless they are changed afterwards.
type rawRequest struct {
	units, attributes []rawValue
	text              string
}

const (
	rawUser   = 0 // unit types of a suite
	rawDevice = 1

	rawHeader = assign.RequestHeader
)

// userOnly is a request of user-1 without attributes.
func userOnly() *rawRequest { return new(rawRequest).unit(rawUser, "user-1") }

func (r *rawRequest) unit(index uint16, id string) *rawRequest {
	r.units = append(r.units, rawValue{index, assign.KindString, uint32(len(id)), uint64(len(r.text))})
	r.text += id
	return r
}

func (r *rawRequest) string(index int, s string) *rawRequest {
	return r.texted(index, assign.KindString, s)
}

func (r *rawRequest) texted(index int, kind uint16, text string) *rawRequest {
	r.attributes = append(r.attributes, rawValue{uint16(index), kind, uint32(len(text)), uint64(len(r.text))})
	r.text += text
	return r
}

func (r *rawRequest) value(index int, kind uint16, bits uint64) *rawRequest {
	r.attributes = append(r.attributes, rawValue{index: uint16(index), kind: kind, bits: bits})
	return r
}

// bytes encodes the request at noon.
func (r *rawRequest) bytes() []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(noon.UnixMilli()))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.units)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(r.attributes)))
	texts := uint64(rawHeader + assign.ValueSize*(len(r.units)+len(r.attributes)))
	for _, values := range [][]rawValue{r.units, r.attributes} {
		for _, v := range values {
			if v.kind == assign.KindString || v.kind == assign.KindList {
				v.bits += texts
			}
			b = binary.LittleEndian.AppendUint16(b, v.index)
			b = binary.LittleEndian.AppendUint16(b, v.kind)
			b = binary.LittleEndian.AppendUint32(b, v.length)
			b = binary.LittleEndian.AppendUint64(b, v.bits)
		}
	}
	return append(b, r.text...)
}

// changed is the request with one 32-bit integer changed.
func (r *rawRequest) changed(at int, to uint32) []byte {
	b := r.bytes()
	binary.LittleEndian.PutUint32(b[at:], to)
	return b
}

// listOf is the text of a list.
func listOf(items ...string) string {
	var b []byte
	for _, item := range items {
		b = append(binary.LittleEndian.AppendUint16(b, uint16(len(item))), item...)
	}
	return string(b)
}

// encoding adds a case about a request's encoding.
func (s *suite) encoding(experiment, name string, encoded []byte, want outcome, why string) {
	s.cases = append(s.cases, vectorCase{name: name, why: why, raw: encoded, experiment: experiment, want: want})
}

func encodingVectors() *suite {
	s := audienceSuite("encodings", "Requests as bytes, those that no library writes among them, and requests that are refused.")
	s.experiment("plain")
	s.experiment("device", forDevices)
	s.valueCases()
	s.structureCases()
	s.refusedCases()
	return s.done()
}

// holds adds the audience's experiment, and returns a function that adds a case of one
// request.
func (s *suite) holds(e *model.Expr) func(name string, r *rawRequest, matches bool, why string) {
	key := explain.Format(s.program, e)
	s.experiment(key, audience(e))
	return func(name string, r *rawRequest, matches bool, why string) {
		want := because(abi.ReasonAudience)
		if matches {
			want = given("on")
		}
		s.encoding(key, key+": "+name, r.bytes(), want, why)
	}
}

func (s *suite) valueCases() {
	one := math.Float64bits(1)
	n := s.holds(present(attrNumber))
	n("NaN with a payload", userOnly().value(attrNumber, assign.KindNumber, 0xfff8_0000_dead_beef), false, "every NaN counts as missing")
	n("a signalling NaN", userOnly().value(attrNumber, assign.KindNumber, 0x7ff0_0000_0000_0001), false, "every NaN counts as missing")
	n("infinity", userOnly().value(attrNumber, assign.KindNumber, math.Float64bits(math.Inf(-1))), true, "an infinity is no NaN")
	n("bool", userOnly().value(attrNumber, assign.KindBool, 1), false, "a bool is no number")
	n("list", userOnly().texted(attrNumber, assign.KindList, listOf("x")), false, "a list is no number")
	n("the last is of another type", userOnly().value(attrNumber, assign.KindNumber, one).string(attrNumber, "1"), false, "of values of one attribute the last counts, also where it counts as missing")
	s.holds(number(model.OpEqual, -1<<63))("int", userOnly().value(attrNumber, assign.KindInt, 1<<63), true, "the least int")
	s.holds(number(model.OpEqual, 1<<63))("int", userOnly().value(attrNumber, assign.KindInt, math.MaxInt64), true, "the greatest int goes up to a double")

	x := s.holds(in("x"))
	x("list", userOnly().texted(attrString, assign.KindList, listOf("x")), false, "a list is no string")
	x("the last counts", userOnly().string(attrString, "y").string(attrString, "x"), true, "of values of one attribute the last counts")
	x("the first does not count", userOnly().string(attrString, "x").string(attrString, "y"), false, "of values of one attribute the last counts")
	x("the last is of another type", userOnly().string(attrString, "x").value(attrString, assign.KindInt, 1), false, "of values of one attribute the last counts, also where it counts as missing")
	shared := userOnly().string(attrString, "xyz")
	shared.attributes[0].length = 1
	x("more text than is used", shared, true, "text that no value refers to does not matter")
	within := userOnly().string(attrString2, "yx").string(attrString, "")
	within.attributes[1].bits, within.attributes[1].length = within.attributes[0].bits+1, 1
	x("text in another text", within, true, "texts may overlap")
	many := userOnly()
	for range 255 {
		many.value(attrNumber, assign.KindInt, 1)
	}
	x("256 attributes", many.string(attrString, "x"), true, "a request has up to 256 attributes")

	yes := s.holds(isTrue(attrBool))
	yes("true", userOnly().value(attrBool, assign.KindBool, 1), true, "true")
	yes("1", userOnly().value(attrBool, assign.KindInt, 1), false, "an int is no bool")

	t := s.holds(present(attrTime))
	t("greatest time", userOnly().value(attrTime, assign.KindInt, math.MaxInt64), true, "every int is a time")
	t("double", userOnly().value(attrTime, assign.KindNumber, one), false, "a double is no time")

	l := s.holds(texts(model.OpHas, attrList, "x"))
	items := make([]string, 256)
	for i := range items {
		items[i] = "y"
	}
	l("the last of 256 items", userOnly().texted(attrList, assign.KindList, listOf(append(items[1:], "x")...)), true, "lists have up to 256 items")
	l("empty items", userOnly().texted(attrList, assign.KindList, listOf("", "", "x")), true, "an item may be empty")
	l("no such item", userOnly().texted(attrList, assign.KindList, listOf("xx", "")), false, "items are compared whole")
	l("string", userOnly().string(attrList, listOf("x")), false, "a string is no list")
	s.holds(present(attrList))("empty", userOnly().texted(attrList, assign.KindList, ""), true, "an empty list is a value")
}

func (s *suite) structureCases() {
	on := given("on")
	s.encoding("plain", "empty", new(rawRequest).bytes(), because(abi.ReasonNoUnit), "a request may have no values")
	s.encoding("plain", "the last unit counts", new(rawRequest).unit(rawUser, "user-1").unit(rawUser, "").bytes(), because(abi.ReasonNoUnit), "of ids of one unit type the last counts, also where it is empty")
	s.encoding("plain", "id of 1,024 bytes", new(rawRequest).unit(rawUser, strings.Repeat("x", 1_024)).bytes(), on, "ids have up to 1,024 bytes")
	eight := new(rawRequest)
	for i := range 7 {
		eight.unit(rawUser, fmt.Sprint(i))
	}
	s.encoding("device", "8 units", eight.unit(rawDevice, "d").bytes(), on, "a request has up to 8 units")
	named := asDevice("d")
	named.Units["tenant"], named.Units["Device"] = "t", "other"
	s.check("device", "undeclared unit types", named, on, "ids of unit types that are not declared are left out, and names keep their case")
	x := explain.Format(s.program, in("x"))
	s.check(x, "undeclared attributes", with(asUser("user-1"), "other", "y", "s", "x", "", "y", "S", "y"), on, "attributes that are not declared are left out, and names keep their case")
}

func (s *suite) refusedCases() {
	refuse := func(name string, encoded []byte, why string) {
		s.encoding("plain", name, encoded, refused(assign.BadRequest), why)
	}
	whole := userOnly().string(attrString, "x").bytes()
	const (
		units      = 8
		attributes = 12
		unit       = rawHeader
		attribute  = rawHeader + assign.ValueSize
		length     = 4
		offset     = 8
		offsetHigh = 12
	)
	refuse("no bytes", []byte{}, "a request has a header")
	refuse("a header cut off", whole[:rawHeader-1], "a request has a header")
	refuse("values cut off", whole[:attribute+assign.ValueSize-1], "what is cut off is refused")
	refuse("text cut off", whole[:len(whole)-1], "what is cut off is refused")
	refuse("more units than there are", userOnly().changed(units, 8), "a count is not trusted")
	refuse("2³² - 1 units", userOnly().changed(units, math.MaxUint32), "a count is not trusted")
	refuse("2³² - 1 attributes", userOnly().changed(attributes, math.MaxUint32), "a count is not trusted")
	nine := new(rawRequest)
	for range 9 {
		nine.unit(rawUser, "user-1")
	}
	refuse("9 units", nine.bytes(), "a request has up to 8 units")
	many := userOnly()
	for range 257 {
		many.value(attrNumber, assign.KindInt, 1)
	}
	refuse("257 attributes", many.bytes(), "a request has up to 256 attributes")
	refuse("an unknown unit type", new(rawRequest).unit(2, "x").bytes(), "a host knows the unit types of the payload")
	refuse("an unknown attribute", userOnly().string(attrList+1, "x").bytes(), "a host knows the attributes of the payload")
	refuse("an id that is an int", userOnly().changed(unit, assign.KindInt<<16), "ids are strings")
	refuse("an id that is a list", userOnly().changed(unit, assign.KindList<<16), "ids are strings")
	refuse("an id of 1,025 bytes", new(rawRequest).unit(rawUser, strings.Repeat("x", 1_025)).bytes(), "ids have up to 1,024 bytes")
	refuse("kind 0", userOnly().value(attrNumber, 0, 0).bytes(), "what is of no kind is refused")
	refuse("kind 6", userOnly().value(attrNumber, assign.KindList+1, 0).bytes(), "what is of no kind is refused")
	refuse("a bool of 2", userOnly().value(attrBool, assign.KindBool, 2).bytes(), "a bool is 0 or 1")
	text := userOnly().string(attrString, "x")
	refuse("a length beyond the end", text.changed(attribute+length, 2), "a length is not trusted")
	refuse("a length of 2³² - 1", text.changed(attribute+length, math.MaxUint32), "a length is not trusted")
	refuse("an offset at the end", text.changed(attribute+offset, uint32(len(whole))), "an offset is not trusted")
	refuse("an offset of 2³² - 1", text.changed(attribute+offset, math.MaxUint32), "an offset is not trusted")
	refuse("an offset above 2³²", text.changed(attribute+offsetHigh, 1), "an offset has 64 bits")
	refuse("a list item cut off", userOnly().texted(attrList, assign.KindList, "\x02\x00x").bytes(), "a length is not trusted")
	refuse("a list cut off in a length", userOnly().texted(attrList, assign.KindList, "\x00\x00\x00").bytes(), "a length is not trusted")
	refuse("a list of 257 items", userOnly().texted(attrList, assign.KindList, listOf(make([]string, 257)...)).bytes(), "lists have up to 256 items")
}
