package assign_test

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/abi"
)

func listVectors() *suite {
	s := audienceSuite("lists", "Tests of a list of strings.")
	s.audience(texts(model.OpHas, attrList, "a"),
		yes("not only the first", "l", []string{"b", "a"}), yes("twice", "l", []string{"a", "a"}), no("not there", "l", []string{"b"}), no("an empty list contains nothing", "l", []string{}),
		no("whole strings are compared", "l", []string{"ab"}), no("strings keep their case", "l", []string{"A"}), no("a string is no list", "l", "a"), no(whyMissing, "l", nil),
	)
	s.audience(not(texts(model.OpHas, attrList, "a")), yes("not there", "l", []string{"b"}), yes("an empty list contains nothing", "l", []string{}), no("there", "l", []string{"a"}), no(whyNegated, "l", nil), no("a string is no list", "l", "b"))
	s.audience(texts(model.OpHas, attrList, "a", "b", "c"), yes("one of several is enough", "l", []string{"x", "c"}), yes("all", "l", []string{"c", "b", "a"}), no("none", "l", []string{"x"}), no("an empty list", "l", []string{}), no(whyMissing, "l", nil))
	s.audience(not(texts(model.OpHas, attrList, "a", "b", "c")), yes("none", "l", []string{"x"}), yes("an empty list", "l", []string{}), no("one of several is enough", "l", []string{"x", "b"}), no(whyNegated, "l", nil))
	s.audience(and(texts(model.OpHas, attrList, "a"), texts(model.OpHas, attrList, "d")), yes("both", "l", []string{"d", "a"}), no("one only", "l", []string{"a"}))
	s.audience(texts(model.OpHas, attrList, ""), yes("an empty string is a value", "l", []string{""}), no("an empty list contains nothing", "l", []string{}))
	var many []string
	for i := range 256 {
		many = append(many, fmt.Sprintf("m%d", i))
	}
	s.audience(texts(model.OpHas, attrList, "m255"), yes("the last of 256", "l", many), no("all but it", "l", many[:255]))
	s.audience(present(attrList), yes("an empty list is a value", "l", []string{}), no("missing", "l", nil), no("a string is no list", "l", "a"))
	s.audience(not(present(attrList)), yes("missing", "l", nil), yes("a string is no list", "l", "a"), no("an empty list is a value", "l", []string{}))
	return s.done()
}

func logicVectors() *suite {
	s := audienceSuite("logic", "Bools, segments, and how tests combine when some are unknown: as with NULL in SQL.")
	a, b, c := isTrue(attrBool), isTrue(attrBool2), isTrue(attrBool3)
	s.audience(a, yes("true", "b", true), no("false", "b", false), no(whyMissing, "b", nil), no(whyWrongType, "b", "true"), no(whyWrongType, "b", int64(1)))
	s.audience(not(a), yes("false", "b", false), no("true", "b", true), no(whyNegated, "b", nil), no(whyWrongType, "b", "false"), no(whyWrongType, "b", int64(0)))
	s.audience(present(attrBool), yes("false is a value", "b", false), no("missing", "b", nil), no(whyWrongType, "b", "true"))
	s.audience(not(present(attrBool)), yes("missing", "b", nil), no("false is a value", "b", false))
	s.audience(not(not(a)), yes("true", "b", true), no("unknown twice negated is unknown", "b", nil))

	s.audience(and(a, b), yes("true and true", "b", true, "b2", true), no("true and false", "b", true, "b2", false), no("true and unknown", "b", true), no("unknown and true", "b2", true))
	s.audience(or(a, b), yes("true or false", "b", true, "b2", false), yes("true or unknown", "b", true), yes("unknown or true", "b2", true), no("false or unknown", "b", false), no("unknown or unknown", "b", nil))
	s.audience(not(and(a, b)), yes("false and unknown is false", "b", false), yes("unknown and false is false", "b2", false), no("true and unknown is unknown", "b", true), no("unknown and unknown is unknown", "b", nil), no("true and true", "b", true, "b2", true))
	s.audience(not(or(a, b)), yes("false or false is false", "b", false, "b2", false), no("false or unknown is unknown", "b", false), no("true or unknown is true", "b", true), no("unknown or unknown is unknown", "b", nil))
	s.audience(or(a, not(a)), yes("one of them holds", "b", true), yes("one of them holds", "b", false), no("unknown is neither", "b", nil))
	s.audience(and(a, not(a)), no("nothing satisfies both", "b", true), no("nothing satisfies both", "b", false))
	s.audience(and(or(a, b), or(b, c)), yes("both by the same", "b2", true), yes("each by another", "b", true, "b3", true), no("the second does not hold", "b", true, "b3", false), no("the second is unknown", "b", true))
	s.audience(or(and(a, b), and(not(a), c)), yes("the first", "b", true, "b2", true), yes("the second", "b", false, "b3", true), no("neither", "b", true, "b3", true), no("what both need is unknown", "b2", true, "b3", true))
	s.audience(not(and(a, or(b, not(c)))), yes("negation goes through both", "b", true, "b2", false, "b3", true), no("c is unknown", "b", true, "b2", false), yes("a is false", "b", false), no("all hold", "b", true, "b2", true, "b3", false))
	s.audience(and(a, in("x"), number(model.OpLess, 5), texts(model.OpPrefix, attrString2, "p")),
		yes("all four", "b", true, "s", "x", "n", 1.0, "s2", "pq"), no("the first fails", "b", false, "s", "x", "n", 1.0, "s2", "pq"), no("the second fails", "b", true, "s", "y", "n", 1.0, "s2", "pq"),
		no("the third fails", "b", true, "s", "x", "n", 5.0, "s2", "pq"), no("the fourth fails", "b", true, "s", "x", "n", 1.0, "s2", "qp"),
	)
	s.audience(and(number(model.OpLess, 18), not(number(model.OpLess, 10))), yes("a range", "n", 10.0), no("below", "n", below(10)), no("above", "n", 18.0))
	s.audience(or(number(model.OpLess, 10), not(number(model.OpLess, 18))), yes("outside a range", "n", 9.0), yes("outside a range", "n", 18.0), no("inside", "n", 12.0), no(whyNegated, "n", nil))

	// More alternatives than one word of 64 bits has room for.
	var alternatives []*model.Expr
	for i := range 130 {
		alternatives = append(alternatives, and(in(fmt.Sprintf("a%03d", i)), number(model.OpEqual, float64(i))))
	}
	long := or(alternatives...)
	s.experiment("130 alternatives", audience(long))
	for _, i := range []int{0, 63, 64, 127, 128, 129} {
		user := asUser("user-1")
		s.check("130 alternatives", fmt.Sprintf("alternative %d", i), with(user, "s", fmt.Sprintf("a%03d", i), "n", float64(i)), given("on"), "every alternative counts")
		s.check("130 alternatives", fmt.Sprintf("half of alternative %d", i), with(user, "s", fmt.Sprintf("a%03d", i), "n", float64(i+1)), because(abi.ReasonAudience), "both halves of an alternative must hold")
	}
	s.segmentCases()
	return s.done()
}

func (s *suite) segmentCases() {
	users, devices := s.segment("users", 0, "user-1", "日本"), s.segment("devices", 1, "device-1")
	empty := s.segment("empty", 0)
	in := func(segment int) *model.Expr { return &model.Expr{Op: model.OpSegment, Segment: segment} }
	member, other := yes("in the segment").on("a member", asUser("user-1")), no("not in the segment").on("another", asUser("user-2"))
	s.audience(in(users), member, other, yes("ids are hashed as UTF-8").on("a member beyond ASCII", asUser("日本")))
	s.audience(not(in(users)), no("in the segment").on("a member", asUser("user-1")), yes("not in the segment").on("another", asUser("user-2")))
	s.audience(in(empty), no("nobody is in the segment").on("a user", asUser("user-1")))
	s.audience(not(in(empty)), yes("nobody is in the segment").on("a user", asUser("user-1")))
	both := func(device string) probe {
		p := yes("the segment's unit type counts").on("user and device "+device, asUser("user-2"))
		p.request.Units["device"] = device
		return p
	}
	stranger := both("device-2")
	stranger.matches = false
	s.audience(in(devices), both("device-1"), stranger, no("a user is no device").on("a user with the device's id", asUser("device-1")))
	s.audience(not(in(devices)), func() probe { p := both("device-2"); return p }(), no("without the unit the test is unknown").on("no device", asUser("user-2")))
}
