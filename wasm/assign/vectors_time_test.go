package assign_test

import (
	"math"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

const dayMillis = 24 * 60 * 60 * 1000

func timeVectors() *suite {
	s := audienceSuite("times", "Tests of a time, an int of milliseconds since 1970 or an RFC 3339 string; of one time against another; and of the time that has passed.")
	ms := noon.UnixMilli()
	s.audience(moment(model.OpLess, "2026-03-01T12:00:00Z"),
		yes("a millisecond earlier", "t", "2026-03-01T11:59:59.999Z"), no("equal", "t", "2026-03-01T12:00:00Z"), yes("a millisecond earlier", "t", ms-1), no("an equal int", "t", ms),
		yes("an offset to the east", "t", "2026-03-01T12:59:59+01:00"), no("an offset to the east", "t", "2026-03-01T13:00:00+01:00"), no("an offset to the west", "t", "2026-03-01T11:59:59-00:01"),
		yes("the least int", "t", int64(math.MinInt64)), no("the greatest int", "t", int64(math.MaxInt64)), yes("before 1970", "t", int64(-1)),
		no(whyMissing, "t", nil), no("a double is no time", "t", 1.5e12), no("a date is no time", "t", "2026-02-01"), no("digits are no time", "t", "1000"), no(whyWrongType, "t", true),
	)
	s.audience(not(moment(model.OpLess, "2026-03-01T12:00:00Z")),
		yes("equal", "t", ms), no("a millisecond earlier", "t", ms-1), no(whyNegated, "t", nil), no("a date is no time", "t", "2026-04-01"), no("a double is no time", "t", 1e13),
	)
	s.audience(moment(model.OpEqual, "2026-03-01T12:00:00Z"),
		yes("digits after the milliseconds are cut off", "t", "2026-03-01T12:00:00.0009999Z"), no("a millisecond later", "t", "2026-03-01T12:00:00.001Z"), yes("an offset of nearly a day", "t", "2026-03-02T11:59:00+23:59"),
		yes("one fraction digit", "t", "2026-03-01T12:00:00.0Z"), yes("minus zero", "t", "2026-03-01T12:00:00-00:00"),
	)
	s.audience(moment(model.OpEqual, "2026-03-01T12:00:00.120Z"), yes("fractions are decimal", "t", "2026-03-01T12:00:00.12Z"), no("fractions are decimal", "t", "2026-03-01T12:00:00.012Z"))
	s.audience(moment(model.OpLessEq, "1969-12-31T23:59:59.999Z"), yes("fractions before 1970 are cut off towards the past", "t", "1969-12-31T23:59:59.9999Z"), no("1970", "t", int64(0)), yes("a millisecond before 1970", "t", int64(-1)))
	s.audience(not(moment(model.OpLessEq, "2024-02-29T00:00:00Z")), yes("a day later", "t", "2024-03-01T00:00:00Z"), no("a leap day", "t", "2024-02-29T00:00:00Z"), no("the day before", "t", "2024-02-28T23:59:59Z"))
	s.audience(present(attrTime),
		yes("a leap year", "t", "2024-02-29T12:00:00Z"), no("no leap year", "t", "2026-02-29T12:00:00Z"), no("1900 was no leap year", "t", "1900-02-29T12:00:00Z"), yes("2000 was a leap year", "t", "2000-02-29T12:00:00Z"),
		yes("year 0", "t", "0000-01-01T00:00:00Z"), yes("the last moment", "t", "9999-12-31T23:59:59.999-23:59"), no("five digits of a year", "t", "12026-03-01T12:00:00Z"),
		no("no zone", "t", "2026-03-01T12:00:00"), no("lower case", "t", "2026-03-01t12:00:00z"), no("a space", "t", "2026-03-01 12:00:00Z"), no("a comma", "t", "2026-03-01T12:00:00,5Z"), no("no digit after the point", "t", "2026-03-01T12:00:00.Z"),
		no("no seconds", "t", "2026-03-01T12:00Z"), no("a leap second", "t", "2026-03-01T23:59:60Z"), no("hour 24", "t", "2026-03-01T24:00:00Z"), no("minute 60", "t", "2026-03-01T23:60:00Z"), no("month 0", "t", "2026-00-01T12:00:00Z"), no("month 13", "t", "2026-13-01T12:00:00Z"),
		no("day 0", "t", "2026-03-00T12:00:00Z"), no("April 31", "t", "2026-04-31T12:00:00Z"), no("an offset of a day", "t", "2026-03-01T12:00:00+24:00"), no("an offset of 60 minutes", "t", "2026-03-01T12:00:00+01:60"), no("an offset without colon", "t", "2026-03-01T12:00:00+0100"),
		no("something after it", "t", "2026-03-01T12:00:00Zx"), no("something before it", "t", " 2026-03-01T12:00:00Z"), no("digits are ASCII", "t", "\uff12026-03-01T12:00:00Z"), yes("any int", "t", int64(math.MinInt64)), no("a double is no time", "t", 0.0), no("missing", "t", nil), no("empty", "t", ""),
	)

	same, before, beforeEq := versus(model.OpSame, attrTime, attrTime2), versus(model.OpBefore, attrTime, attrTime2), versus(model.OpBeforeEq, attrTime, attrTime2)
	s.audience(same, yes("a string and an int", "t", "2026-03-01T13:00:00.0009+01:00", "t2", ms), no("a millisecond later", "t", ms, "t2", ms+1), no("no times count as missing, and equal nothing", "t", "x", "t2", "x"), no("the first is missing", "t", nil, "t2", ms))
	s.audience(not(same), yes("different", "t", ms, "t2", ms+1), no("equal", "t", ms, "t2", ms), no("the second is a double", "t", ms, "t2", 0.0))
	s.audience(before, yes("times are signed", "t", int64(-1), "t2", int64(0)), no("equal", "t", ms, "t2", ms), no("later", "t", ms+1, "t2", ms), yes("the least and the greatest int", "t", int64(math.MinInt64), "t2", int64(math.MaxInt64)), no("the second is missing", "t", ms, "t2", nil))
	s.audience(not(before), yes("equal", "t", ms, "t2", ms), no("earlier", "t", ms, "t2", ms+1), no("the first is no time", "t", "soon", "t2", ms))
	s.audience(beforeEq, yes("equal", "t", ms, "t2", ms), yes("earlier", "t", ms-1, "t2", ms), no("later", "t", ms+1, "t2", ms))
	s.elapsedCases(ms)
	return s.done()
}

func (s *suite) elapsedCases(now int64) {
	thirty := int64(30 * dayMillis)
	s.audience(elapsed(thirty),
		yes("30 days to the millisecond", "t", now-thirty), no("a millisecond less than 30 days", "t", now-thirty+1), yes("31 days", "t", now-thirty-dayMillis), yes("strings are times, too", "t", "2026-01-30T12:00:00Z"), no("strings are times, too", "t", "2026-01-30T12:00:00.001Z"),
		no("the future", "t", now+thirty), no(whyMissing, "t", nil), no("a double is no time", "t", 0.0), no("a date is no time", "t", "2020-01-01"),
		yes("longer ago than 64 bits of milliseconds can say", "t", int64(math.MinInt64)), no("further ahead than is reasonable", "t", int64(math.MaxInt64)),
	)
	s.audience(not(elapsed(thirty)), yes("a millisecond less than 30 days", "t", now-thirty+1), no("30 days to the millisecond", "t", now-thirty), no(whyNegated, "t", nil), no("a date is no time", "t", "2026-02-20"))
	s.audience(elapsed(0), yes("now", "t", now), no("a millisecond ahead", "t", now+1), yes("a millisecond ago", "t", now-1))
	week := int64(-7 * dayMillis)
	s.audience(elapsed(week), yes("seven days ahead", "t", now-week), no("a millisecond more than seven days ahead", "t", now-week+1), yes("the past", "t", now))

	probeAt := func(p probe, name string, at time.Time) probe {
		p.request.Now = at
		return p.on(name, p.request)
	}
	early, late := time.UnixMilli(math.MinInt64), time.UnixMilli(math.MaxInt64)
	s.audience(elapsed(thirty),
		probeAt(yes("the time of the request counts", "t", now), "t = noon, 30 days later", noon.AddDate(0, 0, 30)),
		probeAt(no("the time of the request counts", "t", now), "t = noon, a millisecond less than 30 days later", noon.AddDate(0, 0, 30).Add(-time.Millisecond)),
		probeAt(no("the difference does not fit 64 bits", "t", int64(math.MaxInt64)), "t = the greatest int, at the least time", early),
		probeAt(yes("the difference does not fit 64 bits", "t", int64(math.MinInt64)), "t = the least int, at the greatest time", late),
		probeAt(no("times are signed", "t", int64(1)), "t = 1, before 1970", time.UnixMilli(-1)),
		probeAt(yes("times are signed", "t", -thirty-1), "t = 30 days before 1970, just before 1970", time.UnixMilli(-1)),
	)
}
