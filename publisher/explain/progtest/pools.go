package progtest

import (
	"math"
	"strings"
	"time"
)

// The pools are small, so that requests often have what audiences ask for, and full of
// the values at which readings of the rules could differ.

var stringPool = []string{
	"US", "GB", "us", "DE", "", " ", "mobile", "mob", "bile", "o", "/checkout", "/checkout/pay",
	"日本", "日", "é", "e\u0301", "\x00", "a\x00b", "\xff\xfe", `quote " and \`,
	strings.Repeat("long", 100),
	"/product/42", "ab\ncd", "A-1", "aaa", "ÉTÉ", "\u212a", "ſ", "\U0001f600", "日\xff本", "\xe6\x97",
}

// patternPool has what automata and Go's regexp could read differently: anchors in odd
// places, classes, folding beyond ASCII, repetition, empty matches, and bytes that are no
// UTF-8.
var patternPool = []string{
	"", "^", "$", "^$", "^US$", "US|GB", "^(US|GB)$", "^US|GB$", "(?i)^us$", "(?i)k", "(?i)s$", "(?i)é",
	"[a-c]+$", "[^a-z/]", "^[^/]*$", "^/(checkout|product)(/|$)", `^/product/\d+$`, `\d{2,}`, `\D\d`, `^\w+$`, `\s`, `\S$`,
	"a{3}", "a{2,3}$", "^a{0,2}$", "(ab)+", "a*?b", "(?:mob|bile)+$", "x*", "(x*)*$", "a|b|", "($|a)b",
	".", "^.$", "^..$", "^...$", "a.b", "a.?b", `b\nc`, "b.c", "(?s)b.c", "^日", "日本$", "日.", `\p{Han}`, `\P{Han}`, `^\p{L}+$`,
	`\x{1f600}`, "[^\u65e5]", `\x00`, `^\x{fffd}+$`, `\x{fffd}`, `[\x{80}-\x{10ffff}]`, "quote \"", `\\$`, `\.`, "(long){100}",
	`^(?:[a-z]+-?)+\d*$`, `^$|^ $`, `\A/`, `\z`, `\bcd$`, `\Bo`, `(?m)^cd$`, `(?m)b$`, `(?U)a+b`, "(?i)[k-s]+$", "(?i)STRASSE|été",
}

var numberPool = []float64{
	0, math.Copysign(0, -1), 1, -1, 17, 18, 18.5, 99.99, 0.1, -0.1, 1e-9,
	1 << 53, 1<<53 + 2, -(1 << 53), 1e300, -1e300,
	math.MaxInt64, math.MaxFloat64, math.SmallestNonzeroFloat64,
}

// strangeNumbers occur in requests only.
var strangeNumbers = []any{
	math.NaN(), math.Inf(1), math.Inf(-1),
	int64(18), int64(-1), int64(0), int64(1<<53 + 1), int64(1<<53 + 3), int64(-1<<53 - 1),
	int64(math.MaxInt64), int64(math.MinInt64), int64(math.MaxInt64 - 511), int64(math.MaxInt64 - 512),
}

var versionPool = []string{
	"1.23.12", "1.23.11", "1.23.13", "v1.23.12", "1.23", "1.23.0", "1", "0", "1.9", "1.10", "01.023",
	"2024.10.1.5", "2024.10.1", "999999999999999999", "0.0.0.1",
	"1.23.12-rc", "1.23.12-rc.1", "1.23.12-rc.2", "1.23.12-rc.10", "1.23.12-rc.1.1", "1.23.12-rc1",
	"1.23.12-alpha", "1.23.12-Alpha", "1.23.12-1", "1.23.12-01", "1.23.12-x-y.z", "1.23.12--", "1.23-0",
	"1.23.12+build.7", "1.23.12-rc.1+build", "1.23.12+", "1.23.12+a-b",
	"1.23.12-999999999999999999", "0000000000000000000001.2",
}

// invalidVersions occur in requests only.
var invalidVersions = []string{
	"", "v", "V1.2", "vv1", "1.2.3.4.5", "1..2", ".1", "1.", "1.2-", "1.2-a..b", "1.2-a.", "abc", " 1.2",
	"1.2 ", "1.x", "-1", "+1", "1.2-é", "1.2.3-9999999999999999999", "9999999999999999999", "１.2",
	"1." + strings.Repeat("0", 127), strings.Repeat("0", 126) + ".1", strings.Repeat("0", 127) + ".1",
}

// Noon is the moment around which the times of programs and requests lie.
var Noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var timePool = []time.Time{
	Noon, Noon.Add(-time.Millisecond), Noon.Add(time.Millisecond),
	Noon.Add(-24 * time.Hour), Noon.Add(24 * time.Hour), Noon.Add(123 * time.Millisecond),
	time.UnixMilli(0), time.UnixMilli(-1), time.UnixMilli(1),
	time.Date(2024, 2, 29, 23, 59, 59, 999e6, time.UTC),
	time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC),
	time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
}

// strangeTimes occur in requests only. Some are valid.
var strangeTimes = []any{
	int64(math.MaxInt64), int64(math.MinInt64), 1.7724096e12, "", "2026-03-01", "1772366400000",
	"2026-03-01T12:00:00.9999999Z", "2026-03-01T12:00:00.000000000000000001Z", "1969-12-31T23:59:59.9999Z",
	"2026-03-01t12:00:00z", "2026-03-01 12:00:00Z", "2026-03-01T12:00:00,5Z", "2026-03-01T12:00:00.Z",
	"2026-03-01T12:00:00", "2026-03-01T12:00Z", "2026-03-01T12:00:00+0100", "2026-03-01T12:00:00+01",
	"2026-03-01T12:00:00-00:00", "2026-03-01T12:00:00+23:59", "2026-03-01T12:00:00+24:00",
	"2026-03-01T12:00:00+01:60", "2026-03-01T12:00:60Z", "2026-03-01T24:00:00Z", "2026-03-01T23:60:00Z",
	"2026-02-29T12:00:00Z", "2024-02-29T12:00:00Z", "1900-02-29T12:00:00Z", "2000-02-29T12:00:00Z",
	"2026-00-01T12:00:00Z", "2026-13-01T12:00:00Z", "2026-04-31T12:00:00Z", "2026-03-00T12:00:00Z",
	"0000-01-01T00:00:00Z", "0000-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999-23:59",
	"12026-03-01T12:00:00Z", "-2026-03-01T12:00:00Z", "2026-03-01T12:00:00ZZ", " 2026-03-01T12:00:00Z",
	"2026-3-01T12:00:00Z", "2026-03-01T1:00:00Z", "２026-03-01T12:00:00Z", "2026-03-01T12:00:00.123456789012Z",
}

const day = 24 * 60 * 60 * 1000 // milliseconds

// elapsedPool has spans such that the times of requests lie on both sides.
var elapsedPool = []int64{
	0, 1, -1, 123, -123, day, day - 1, day + 1, -day, -day + 1, 30 * day, 365 * day, -365 * day,
	735 * day, 46_000 * day, -3_000_000 * day, 1 << 62, -1 << 62,
}

// strangeNows occur rarely: hosts may pass any time.
var strangeNows = []time.Time{
	time.UnixMilli(math.MaxInt64), time.UnixMilli(math.MinInt64), time.UnixMilli(-1), time.UnixMilli(0),
}

var configPool = []string{
	"null", "true", "0", `"text"`, `{}`, `{"color":"green","size":[1,2.5]}`, `{"text":"日本 é"}`,
}

var idPool = []string{"日本-1", "é", "\xff", "a\x00b", " ", strings.Repeat("x", 256)}
