package assign_test

import (
	"math"

	"github.com/sortition-dev/sortition/bundle/model"
)

func numberVectors() *suite {
	s := audienceSuite("numbers", "Tests of a number, a double or an int that becomes one, and of one number against another.")
	const smallest = math.SmallestNonzeroFloat64
	negativeZero := math.Copysign(0, -1)
	s.audience(number(model.OpLess, 18),
		yes("just below", "n", below(18)), no("not less than itself", "n", 18.0), no("just above", "n", above(18)),
		yes("an int is a number", "n", int64(17)), no("an int equal to the literal", "n", int64(18)),
		yes("the least of all", "n", math.Inf(-1)), no("the greatest of all", "n", math.Inf(1)), yes("negative", "n", -1e300),
		no("NaN counts as missing", "n", math.NaN()), no(whyMissing, "n", nil), no(whyWrongType, "n", "17"), no(whyWrongType, "n", true),
	)
	s.audience(not(number(model.OpLess, 18)),
		yes("equal", "n", 18.0), no("just below", "n", below(18)), yes("the greatest of all", "n", math.Inf(1)),
		no("NaN counts as missing", "n", math.NaN()), no(whyNegated, "n", nil), no(whyWrongType, "n", "19"),
	)
	s.audience(number(model.OpLessEq, 18), yes("equal", "n", 18.0), no("just above", "n", above(18)), yes("just below", "n", below(18)))
	s.audience(not(number(model.OpLessEq, 18)),
		no("equal", "n", 18.0), yes("just above", "n", above(18)), no("NaN counts as missing", "n", math.NaN()), no(whyNegated, "n", nil),
	)
	s.audience(number(model.OpEqual, 18),
		yes("equal", "n", 18.0), yes("an equal int", "n", int64(18)), no("just above", "n", above(18)), no("just below", "n", below(18)), no(whyMissing, "n", nil),
	)
	s.audience(not(number(model.OpEqual, 18)), yes("just above", "n", above(18)), no("equal", "n", 18.0), no("NaN counts as missing", "n", math.NaN()), no(whyNegated, "n", nil))

	s.audience(number(model.OpEqual, 0), yes("negative zero is zero", "n", negativeZero), yes("an int zero", "n", int64(0)), no("the least number above", "n", smallest), no("the greatest number below", "n", -smallest))
	s.audience(number(model.OpLess, 0), no("negative zero is not less than zero", "n", negativeZero), yes("the greatest number below", "n", -smallest), yes("a negative int", "n", int64(-1)), yes("the least int", "n", int64(math.MinInt64)))
	s.audience(number(model.OpLessEq, -1.5), yes("negative numbers are in order", "n", -2.0), no("negative numbers are in order", "n", -1.0), yes("equal", "n", -1.5))
	s.audience(number(model.OpLess, 0.1), no("0.1 is the same double everywhere", "n", 0.1), yes("just below", "n", below(0.1)))
	s.audience(number(model.OpLess, 1e300), yes("large", "n", 1e299), no("larger", "n", 1e301))
	s.audience(number(model.OpEqual, 1<<53), yes("2^53", "n", int64(1<<53)), yes("2^53+1 is half way, and goes to the even double below", "n", int64(1<<53+1)), no("2^53+2", "n", int64(1<<53+2)))
	s.audience(number(model.OpEqual, 1<<53+4), yes("2^53+3 is half way, and goes to the even double above", "n", int64(1<<53+3)), yes("2^53+5 is half way, and goes to the even double below", "n", int64(1<<53+5)), no("2^53+2", "n", int64(1<<53+2)))
	s.audience(number(model.OpEqual, 1<<63), yes("the greatest int goes up", "n", int64(math.MaxInt64)), no("an int that goes to the double below", "n", int64(math.MaxInt64-512)), yes("an int just more than half way", "n", int64(math.MaxInt64-510)))
	s.audience(number(model.OpEqual, -1<<53), yes("-2^53-1 is half way, and goes to the even double above", "n", int64(-1<<53-1)))
	s.audience(present(attrNumber),
		yes("zero is a value", "n", 0.0), yes("an infinity is a value", "n", math.Inf(1)), no("NaN counts as missing", "n", math.NaN()), no(whyWrongType, "n", "1"), no("missing", "n", nil),
	)

	same, less, lessEq := versus(model.OpSame, attrNumber, attrNumber2), versus(model.OpBefore, attrNumber, attrNumber2), versus(model.OpBeforeEq, attrNumber, attrNumber2)
	s.audience(same,
		yes("equal", "n", 1.5, "n2", 1.5), yes("an int and a double", "n", int64(2), "n2", 2.0), no("different", "n", 1.0, "n2", above(1)),
		yes("negative zero is zero", "n", 0.0, "n2", negativeZero), yes("ints become doubles first", "n", int64(1<<53), "n2", int64(1<<53+1)),
		no("NaN counts as missing, and equals nothing", "n", math.NaN(), "n2", math.NaN()), no("the first is missing", "n", nil, "n2", 1.0), no("the second is missing", "n", 1.0, "n2", nil),
		no(whyWrongType, "n", "1", "n2", "1"),
	)
	s.audience(not(same), yes("different", "n", 1.0, "n2", 2.0), no("equal", "n", 1.0, "n2", 1.0), no("the first is missing", "n", nil, "n2", 1.0), no("the second is NaN", "n", 1.0, "n2", math.NaN()))
	s.audience(less, yes("less", "n", -2.0, "n2", -1.0), no("equal", "n", 1.0, "n2", 1.0), no("greater", "n", 2.0, "n2", 1.0), yes("less by the least", "n", 1.0, "n2", above(1)), no("the first is missing", "n", nil, "n2", 1.0), no("the second is missing", "n", 1.0, "n2", nil))
	s.audience(not(less), no("less", "n", 1.0, "n2", 2.0), yes("equal", "n", 1.0, "n2", 1.0), yes("greater", "n", 2.0, "n2", 1.0), no("the second is missing", "n", 1.0, "n2", nil))
	s.audience(lessEq, yes("less", "n", 1.0, "n2", 2.0), yes("equal", "n", 1.0, "n2", 1.0), no("greater", "n", 2.0, "n2", 1.0), no("negative zero is not less than zero, but equal", "n", above(0), "n2", negativeZero))
	s.audience(not(lessEq), no("equal", "n", 1.0, "n2", 1.0), yes("greater", "n", 2.0, "n2", 1.0), no("the first is missing", "n", nil, "n2", 1.0))
	return s.done()
}
