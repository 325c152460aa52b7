package assign_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// Msgpack by hand.

func str(s string) string {
	if len(s) < 32 {
		return string([]byte{0xa0 | byte(len(s))}) + s
	}
	return str16(s)
}

func str16(s string) string { return "\xda" + be16(len(s)) + s }

func be16(n int) string { return string(binary.BigEndian.AppendUint16(nil, uint16(n))) }

func be32(n int) string { return string(binary.BigEndian.AppendUint32(nil, uint32(n))) }

func be64(n uint64) string { return string(binary.BigEndian.AppendUint64(nil, n)) }

func double(f float64) string { return "\xcb" + be64(math.Float64bits(f)) }

// mapOf takes keys and values in turn; keys are given as they are, values encoded.
func mapOf(entries ...string) string {
	b := "\xde" + be16(len(entries)/2)
	for i := 0; i < len(entries); i += 2 {
		b += str(entries[i]) + entries[i+1]
	}
	return b
}

var (
	noonPacked = "\xd3" + be64(uint64(noon.UnixMilli()))
	userPacked = mapOf("user", str("user-1"))
)

// withAttributes is a request of user-1 at noon with encoded attributes.
func withAttributes(attributes string) []byte {
	return []byte(mapOf("now", noonPacked, "units", userPacked, "attributes", attributes))
}

// encoding adds a case about a request's encoding.
func (s *suite) encoding(experiment, name string, encoded []byte, want outcome, why string) {
	s.cases = append(s.cases, vectorCase{name: name, why: why, raw: encoded, experiment: experiment, want: want})
}

func encodingVectors() *suite {
	s := audienceSuite("encodings", "Requests in every form that msgpack allows, and requests that are refused.")
	s.experiment("plain")
	s.experiment("from noon", starting(noon))
	s.experiment("device", forDevices)
	s.integerCases()
	s.valueCases()
	s.structureCases()
	s.refusedCases()
	return s.done()
}

// holds adds the audience's experiment, and returns a function that adds a case of one
// encoded attribute.
func (s *suite) holds(e *model.Expr, attribute string) func(name, encoded string, matches bool, why string) {
	key := explain.Format(s.program, e)
	s.experiment(key, audience(e))
	return func(name, encoded string, matches bool, why string) {
		want := because(model.ReasonAudience)
		if matches {
			want = given("on")
		}
		s.encoding(key, key+": "+name, withAttributes(mapOf(attribute, encoded)), want, why)
	}
}

func (s *suite) integerCases() {
	const why = "an int may have any width"
	hundred := s.holds(number(model.OpEqual, 100), "n")
	for _, encoded := range []string{
		"\x64", "\xcc\x64", "\xcd\x00\x64", "\xce\x00\x00\x00\x64", "\xcf" + be64(100),
		"\xd0\x64", "\xd1\x00\x64", "\xd2\x00\x00\x00\x64", "\xd3" + be64(100), double(100),
	} {
		hundred(fmt.Sprintf("tag %02x", encoded[0]), encoded, true, why)
	}
	minus := s.holds(number(model.OpEqual, -5), "n")
	for _, encoded := range []string{
		"\xfb", "\xd0\xfb", "\xd1\xff\xfb", "\xd2\xff\xff\xff\xfb", "\xd3" + be64(math.MaxUint64-4), double(-5),
	} {
		minus(fmt.Sprintf("tag %02x", encoded[0]), encoded, true, why)
	}
	minus("251", "\xcc\xfb", false, "an unsigned int is not negative")
	s.holds(number(model.OpEqual, -32), "n")("tag e0", "\xe0", true, "the least int of one byte")
	s.holds(number(model.OpEqual, -128), "n")("tag d0", "\xd0\x80", true, "the least int of two bytes")
	s.holds(number(model.OpEqual, -1<<63), "n")("tag d3", "\xd3"+be64(1<<63), true, "the least int")
	s.holds(number(model.OpEqual, 1<<64), "n")("tag cf", "\xcf"+be64(math.MaxUint64), true, "the greatest unsigned int goes up to a double")
	s.holds(number(model.OpEqual, 1<<63), "n")("tag cf", "\xcf"+be64(1<<63), true, "an unsigned int above the signed ones is a number")
}

func (s *suite) valueCases() {
	n := s.holds(present(attrNumber), "n")
	n("float 32", "\xca\x3f\x80\x00\x00", false, "numbers are float 64")
	n("nil", "\xc0", false, "nil is no value")
	n("NaN with a payload", "\xcb"+be64(0xfff8_0000_dead_beef), false, "every NaN counts as missing")
	n("a signalling NaN", "\xcb"+be64(0x7ff0_0000_0000_0001), false, "every NaN counts as missing")
	n("infinity", double(math.Inf(-1)), true, "an infinity is no NaN")
	n("binary", "\xc4\x01\x01", false, "binary is no number")
	n("fixext", "\xd4\x01\x00", false, "extensions are passed over")
	n("timestamp", "\xd6\xff\x00\x00\x00\x00", false, "extensions are passed over")
	n("ext", "\xc7\x03\x01abc", false, "extensions are passed over")
	n("array", "\x92\x01\xa1x", false, "an array is no number")

	x := s.holds(in("x"), "s")
	x("str 8", "\xd9\x01x", true, "a string may have any width")
	x("str 16", "\xda\x00\x01x", true, "a string may have any width")
	x("str 32", "\xdb\x00\x00\x00\x01x", true, "a string may have any width")
	x("binary", "\xc4\x01x", false, "binary is no string")
	x("array", "\x91\xa1x", false, "an array is no string")

	yes := s.holds(isTrue(attrBool), "b")
	yes("true", "\xc3", true, "true")
	yes("1", "\x01", false, "an int is no bool")

	t := s.holds(present(attrTime), "t")
	t("greatest time", "\xcf"+be64(math.MaxInt64), true, "an unsigned int is a time")
	t("beyond the greatest time", "\xcf"+be64(1<<63), false, "times are signed ints of 64 bits")

	l := s.holds(texts(model.OpHas, attrList, "x"), "l")
	l("array 16", "\xdc\x00\x01\xa1x", true, "an array may have any width")
	l("array 32", "\xdd\x00\x00\x00\x01\xa1x", true, "an array may have any width")
	l("string of another width", "\x91\xd9\x01x", true, "a string may have any width")
	l("an int after it", "\x92\xa1x\x01", false, "a list of anything but strings counts as missing")
	l("an array after it", "\x92\xa1x\x91\xa1x", false, "a list of anything but strings counts as missing")
	l("256 items", "\xdc\x01\x00"+strings.Repeat("\xa1y", 255)+"\xa1x", true, "lists have up to 256 items")
	any := s.holds(present(attrList), "l")
	any("ints", "\x91\x01", false, "a list of anything but strings counts as missing")
	any("empty", "\x90", true, "an empty list is a value")
}

func (s *suite) structureCases() {
	on, key := given("on"), explain.Format(s.program, in("x"))
	s.encoding(key, "the last attribute counts", withAttributes(mapOf("s", str("y"), "s", str("x"))), on, "of equal keys the last counts")
	s.encoding(key, "the first attribute does not count", withAttributes(mapOf("s", str("x"), "s", str("y"))), because(model.ReasonAudience), "of equal keys the last counts")
	s.encoding(key, "the last attribute is of another type", withAttributes(mapOf("s", str("x"), "s", "\x01")), because(model.ReasonAudience), "of equal keys the last counts, also where it counts as missing")
	s.encoding(key, "undeclared attributes", withAttributes(mapOf("other", str("y"), "s", str("x"), "", "\xc0", "S", str("y"))), on, "attributes that are not declared are passed over, and names keep their case")
	s.encoding(key, "str 8 for a name", withAttributes("\x81\xd9\x01s\xa1x"), on, "names are strings of any width")
	s.encoding("plain", "units last", []byte(mapOf("attributes", mapOf(), "now", noonPacked, "units", userPacked)), on, "keys come in any order")
	s.encoding(key, "attributes first", []byte(mapOf("attributes", mapOf("s", str("x")), "units", userPacked)), on, "keys come in any order")
	s.encoding("plain", "other keys", []byte(mapOf("trace", "\x81\xa1x\x92\x01\xc0", "units", userPacked, "", "\xc3")), on, "keys that are not known are passed over, with all that is in them")
	s.encoding("plain", "narrow maps", []byte("\x81"+str("units")+"\x81"+str("user")+str("user-1")), on, "maps have any width")
	s.encoding("plain", "wide maps", []byte("\xdf"+be32(1)+str("units")+"\xdf"+be32(1)+str("user")+str("user-1")), on, "maps have any width")
	s.encoding("plain", "empty", []byte("\x80"), because(model.ReasonNoUnit), "everything may be missing")
	s.encoding("plain", "no units", []byte(mapOf("now", noonPacked)), because(model.ReasonNoUnit), "everything may be missing")
	s.encoding("from noon", "no now", []byte(mapOf("units", userPacked)), because(model.ReasonNotStarted), "without now it is 1970")
	s.encoding("from noon", "now", []byte(mapOf("units", userPacked, "now", noonPacked)), on, "now counts wherever it stands")
	s.encoding("from noon", "now twice", []byte(mapOf("now", "\x00", "units", userPacked, "now", noonPacked)), on, "of equal keys the last counts")
	s.encoding("device", "undeclared unit types", []byte(mapOf("units", mapOf("tenant", str("t"), "device", str("d"), "User", str("u")))), on, "unit types that are not declared are passed over")
	s.encoding("plain", "the last unit counts", []byte(mapOf("units", mapOf("user", str("user-1"), "user", str("")))), because(model.ReasonNoUnit), "of equal keys the last counts, also where it is empty")
	s.encoding("plain", "id of 1,024 bytes", []byte(mapOf("units", mapOf("user", str16(strings.Repeat("x", 1_024))))), on, "ids have up to 1,024 bytes")
	s.encoding("device", "8 units", []byte(mapOf("units", mapOf("a", str("1"), "b", str("2"), "c", str("3"), "d", str("4"), "e", str("5"), "f", str("6"), "g", str("7"), "device", str("8")))), on, "a request has up to 8 units")
	var many []string
	for i := range 255 {
		many = append(many, fmt.Sprintf("a%d", i), "\xc0")
	}
	s.encoding(key, "256 attributes", withAttributes(mapOf(append(many, "s", str("x"))...)), on, "a request has up to 256 attributes")
}

func (s *suite) refusedCases() {
	refuse := func(name, encoded, why string) {
		s.encoding("plain", name, []byte(encoded), refused(assign.BadRequest), why)
	}
	whole := string(withAttributes(mapOf("s", str("x"))))
	refuse("no bytes", "", "a request is a map")
	refuse("a byte short", whole[:len(whole)-1], "what is cut off is refused")
	refuse("a byte more", whole+"\xc0", "nothing may follow")
	refuse("an array", "\x90", "a request is a map")
	refuse("nil", "\xc0", "a request is a map")
	refuse("the tag that msgpack never uses", mapOf("units", userPacked, "x", "\xc1"), "what is no msgpack is refused")
	refuse("a key that is no string", "\x81\x01\x01", "keys are strings")
	refuse("now as a string", mapOf("now", str("2026-03-01T12:00:00Z")), "now is an int")
	refuse("now as a double", mapOf("now", double(1)), "now is an int")
	refuse("now as nil", mapOf("now", "\xc0"), "now is an int")
	refuse("units as nil", mapOf("units", "\xc0"), "units are a map")
	refuse("units as an array", mapOf("units", "\x90"), "units are a map")
	refuse("an id that is an int", mapOf("units", mapOf("user", "\x01")), "ids are strings")
	refuse("an id that is binary", mapOf("units", mapOf("user", "\xc4\x01x")), "ids are strings")
	refuse("an undeclared id that is an int", mapOf("units", mapOf("tenant", "\x01")), "ids are strings, also those of unit types that are not declared")
	refuse("an id of 1,025 bytes", mapOf("units", mapOf("user", str16(strings.Repeat("x", 1_025)))), "ids have up to 1,024 bytes")
	refuse("9 units", mapOf("units", mapOf("a", str("1"), "b", str("2"), "c", str("3"), "d", str("4"), "e", str("5"), "f", str("6"), "g", str("7"), "h", str("8"), "i", str("9"))), "a request has up to 8 units")
	refuse("attributes as nil", mapOf("attributes", "\xc0"), "attributes are a map")
	refuse("an attribute that is a map", string(withAttributes(mapOf("s", "\x80"))), "attributes are no maps")
	refuse("an undeclared attribute that is a map", string(withAttributes(mapOf("other", "\x80"))), "attributes are no maps, also those that are not declared")
	refuse("a list of 257 items", string(withAttributes(mapOf("l", "\xdc\x01\x01"+strings.Repeat("\xa1y", 257)))), "lists have up to 256 items")
	var many []string
	for i := range 257 {
		many = append(many, fmt.Sprintf("a%d", i), "\xc0")
	}
	refuse("257 attributes", string(withAttributes(mapOf(many...))), "a request has up to 256 attributes")
	refuse("an attribute whose name is an int", string(withAttributes("\x81\x01\x01")), "names are strings")
	refuse("a map that promises too much", "\xdf\xff\xff\xff\xff", "a length is not trusted")
	refuse("a string that promises too much", "\x81\xdb\xff\xff\xff\xff", "a length is not trusted")
	refuse("a binary that promises too much", mapOf("x", "\xc6\xff\xff\xff\xfe"), "a length is not trusted")
}
