package assign

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestIntegersBecomeTheNearestDouble(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	integers := []int64{0, 1, -1, 1 << 53, 1<<53 + 1, 1<<53 + 2, 1<<53 + 3, -(1<<53 + 1), 1<<54 + 2, 1<<54 + 6,
		math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
	for range 100_000 {
		integers = append(integers, int64(rng.Uint64())>>rng.IntN(64))
	}
	for _, i := range integers {
		if got, want := bitsOfInt(i), math.Float64bits(float64(i)); got != want {
			t.Fatalf("%d: %#x, want %#x", i, got, want)
		}
	}
}

func TestNumberKeysKeepTheOrder(t *testing.T) {
	numbers := []float64{math.Inf(-1), -math.MaxFloat64, -1.5, -1, -math.SmallestNonzeroFloat64, 0,
		math.SmallestNonzeroFloat64, 0.1, 1, 1 + 0x1p-52, 2, math.MaxFloat64, math.Inf(1)}
	for i, a := range numbers {
		for j, b := range numbers {
			ka, _ := NumberKey(a)
			kb, _ := NumberKey(b)
			if (ka < kb) != (i < j) || (ka == kb) != (i == j) {
				t.Errorf("keys of %g and %g are %#x and %#x", a, b, ka, kb)
			}
		}
	}
	negative, _ := NumberKey(math.Copysign(0, -1))
	if zero, _ := NumberKey(0); negative != zero {
		t.Error("negative zero is not zero")
	}
	if _, ok := NumberKey(math.NaN()); ok {
		t.Error("NaN has a key")
	}
}

// The chain of pre-releases is the example of semver.org, item 11.
func TestVersionKeysKeepTheOrder(t *testing.T) {
	ascending := []string{"0", "0.0.1-0", "0.0.1", "0.9.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
		"1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.0.1", "1.2", "1.10", "1.23.2", "1.23.12", "v2", "32.0.1700.77",
		"999999999999999999"}
	for i, a := range ascending {
		for j, b := range ascending {
			ka, oka := VersionKey(a)
			kb, okb := VersionKey(b)
			if !oka || !okb {
				t.Fatalf("%q or %q has no key", a, b)
			}
			if (ka < kb) != (i < j) || (ka == kb) != (i == j) {
				t.Errorf("keys of %q and %q are %x and %x", a, b, ka, kb)
			}
		}
	}
	for _, same := range [][2]string{{"1", "1.0.0.0"}, {"v1.2", "1.2.0"}, {"01.002", "1.2"}, {"1.2+linux", "1.2"}, {"1-a+b-c", "1-a"}} {
		a, _ := VersionKey(same[0])
		if b, _ := VersionKey(same[1]); a != b {
			t.Errorf("%q and %q differ", same[0], same[1])
		}
	}
	for _, invalid := range []string{"", "v", "V1", "1.", ".1", "1..2", "1.2.3.4.5", "1.x", "-1", "1-", "1-a..b", "1-a_b", "1 ",
		"1234567890123456789", "1-" + strings.Repeat("a", MaxVersionLength)} {
		if key, ok := VersionKey(invalid); ok {
			t.Errorf("%q has the key %x", invalid, key)
		}
	}
	longest := "1-" + strings.Repeat("0.", (MaxVersionLength-2)/2-1) + "a"
	if key, ok := VersionKey(longest); !ok || len(key) > maxVersionKey {
		t.Errorf("the key of a version of %d bytes has %d bytes", len(longest), len(key))
	}
}

func TestTimesOfRFC3339(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).UnixMilli()
	for range 50_000 {
		want := first + rng.Int64N(last-first)
		zone := time.FixedZone("", (rng.IntN(2*14*60)-14*60)*60)
		at := time.UnixMilli(want).In(zone)
		if at.Year() < 0 || at.Year() > 9999 {
			continue
		}
		s := at.Format("2006-01-02T15:04:05.999999999Z07:00")
		if got, ok := millisOfRFC3339([]byte(s)); !ok || got != want {
			t.Fatalf("%s: %d, %v; want %d", s, got, ok, want)
		}
	}
	for s, want := range map[string]int64{
		"1970-01-01T00:00:00Z": 0, "1969-12-31T23:59:59.9999Z": -1, "1970-01-01T01:00:00.0009+01:00": 0,
		"0000-02-29T00:00:00Z": time.Date(0, 2, 29, 0, 0, 0, 0, time.UTC).UnixMilli(),
	} {
		if got, ok := millisOfRFC3339([]byte(s)); !ok || got != want {
			t.Errorf("%s: %d, %v; want %d", s, got, ok, want)
		}
	}
	for _, s := range []string{"", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z", "1970-02-30T00:00:00Z",
		"1900-02-29T00:00:00Z", "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z", "1970-01-01T24:00:00Z", "1970-01-01T00:00:60Z",
		"1970-01-01T00:00:00.Z", "1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00z", "1970-01-01T00:00:00+24:00",
		"1970-01-01T00:00:00+0100", "1970-01-01T00:00:00Zx", "+970-01-01T00:00:00Z"} {
		if got, ok := millisOfRFC3339([]byte(s)); ok {
			t.Errorf("%q is %d", s, got)
		}
	}
}
