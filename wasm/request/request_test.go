package request_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/wasm/request"
	"github.com/sortition-dev/sortition/wasm/request/requesttest"
)

var (
	units      = []string{"user", "device"}
	attributes = []string{"country", "price", "age", "debt", "big", "member", "bot", "seen", "tags", "none", "a"}
	names      = request.NewNames(units, attributes, false)
)

func TestEncode(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_123)
	r := request.New().Now(now).Unit("user", "u-1").Unit("device", strings.Repeat("d", 40)).Unit("tenant", "t").
		String("country", "GB").Number("price", -1.5).Int("age", 42).Int("debt", -7).Int("big", math.MaxInt64).
		String("Country", "DE").Strings("list", "x").Bool("", true).
		Bool("member", true).Bool("bot", false).Time("seen", now).Strings("tags", "a", strings.Repeat("b", 300)).Strings("none")
	got, err := requesttest.Read(r, units, attributes)
	if err != nil {
		t.Fatal(err)
	}
	want := requesttest.Content{
		Now:   now.UnixMilli(),
		Units: map[string]string{"user": "u-1", "device": strings.Repeat("d", 40)},
		Attributes: map[string]any{
			"country": "GB", "price": -1.5, "age": int64(42), "debt": int64(-7), "big": int64(math.MaxInt64),
			"member": true, "bot": false, "seen": now.UnixMilli(),
			"tags": []string{"a", strings.Repeat("b", 300)}, "none": []string{},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestNumbersFollowNames encodes one request after the other for different names, of
// which each leaves its numbers for the next to try.
func TestNumbersFollowNames(t *testing.T) {
	r := request.New()
	for _, attributes := range [][]string{{"a", "b", "c"}, {"c", "b", "a"}, {"b"}, {}, {"x", "y", "z", "c"}} {
		for _, order := range [][]string{{"a", "b", "c"}, {"c", "a"}, {"b", "b"}} {
			want := map[string]any{}
			r.Reset()
			for i, name := range order {
				r.Int(name, int64(i))
				if slices.Contains(attributes, name) {
					want[name] = int64(i)
				}
			}
			got, err := requesttest.Read(r, nil, attributes)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Attributes, want) {
				t.Errorf("%v of %v: got %v, want %v", order, attributes, got.Attributes, want)
			}
		}
	}
}

// TestEveryLength encodes names and texts of every length up to more than two words. A name that
// differs in one byte is another name.
func TestEveryLength(t *testing.T) {
	const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
	for n := range len(alphabet) {
		name := alphabet[:n]
		r := request.New()
		for range 2 { // the second time with the number of the first
			r.Reset().Unit(name, alphabet[n:]).String("before", name).String(name, name).Strings("list", name, alphabet[n:]).String("after", name)
			got, err := requesttest.Read(r, []string{"x", name}, []string{"x", "after", "list", name, "before"})
			want := requesttest.Content{
				Now: got.Now, Units: map[string]string{name: alphabet[n:]},
				Attributes: map[string]any{"before": name, name: name, "list": []string{name, alphabet[n:]}, "after": name},
			}
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("length %d: got %v, %v\nwant %v", n, got, err, want)
			}
		}
		for i := range n {
			other := name[:i] + "_" + name[i+1:]
			r.Reset().Unit(other, "u").Bool(other, true)
			got, err := requesttest.Read(r, []string{"x", name}, []string{"x", "after", "list", name, "before"})
			if err != nil || len(got.Units)+len(got.Attributes) != 0 {
				t.Errorf("%q counts as %q: %v, %v", other, name, got, err)
			}
		}
	}
}

func TestAppend(t *testing.T) {
	r := request.New().Now(time.UnixMilli(1)).Unit("user", "u").Strings("tags", "a")
	want, err := r.Encode(names)
	if err != nil {
		t.Fatal(err)
	}
	room := make([]byte, 1, request.MaxEncoded)
	got, err := r.Append(room, names)
	if err != nil || !bytes.Equal(got[1:], want) || &got[0] != &room[0] {
		t.Errorf("%x, %v; want %x after a byte, in the room that was given", got, err, want)
	}
	if got, err := r.Unit("user", strings.Repeat("u", request.MaxStringLength+1)).Append(room, names); err == nil || len(got) != 1 {
		t.Errorf("after a mistake: %d bytes, %v", len(got), err)
	}
}

func TestResetForgets(t *testing.T) {
	first, err := request.New().Now(time.UnixMilli(1)).Unit("user", "b").Encode(names)
	if err != nil {
		t.Fatal(err)
	}
	r := request.New().Now(time.UnixMilli(9)).Unit("user", "a").String("x", strings.Repeat("y", request.MaxStringLength+1))
	if r.Err() == nil {
		t.Fatal("an overlong string is no error")
	}
	again, err := r.Reset().Now(time.UnixMilli(1)).Unit("user", "b").Encode(names)
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("after Reset: %x, %v; want %x", again, err, first)
	}
}

func TestValueIsTheSetterOfItsType(t *testing.T) {
	now := time.UnixMilli(4711)
	want, err := request.New().Now(now).String("a", "x").Number("a", 1.5).Int("a", 7).Bool("a", true).Time("a", now).Strings("a", "x", "y").Encode(names)
	if err != nil {
		t.Fatal(err)
	}
	r := request.New().Now(now)
	for _, v := range []any{"x", 1.5, int64(7), true, now, []string{"x", "y"}} {
		r.Value("a", v)
	}
	if got, err := r.Encode(names); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x, %v; want %x", got, err, want)
	}
	for _, v := range []any{nil, 7, float32(1), []any{"x"}, map[string]any{}} {
		if err := request.New().Value("a", v).Err(); !errors.Is(err, request.ErrType) {
			t.Errorf("%T: %v", v, err)
		}
	}
}

func TestTimeOfDecision(t *testing.T) {
	r := request.New()
	timeless := request.NewNames(units, attributes, true)
	now := func(names *request.Names) int64 {
		t.Helper()
		b, err := r.Encode(names)
		if err != nil {
			t.Fatal(err)
		}
		return int64(binary.LittleEndian.Uint64(b))
	}
	before := time.Now().UnixMilli()
	if got, after := now(names), time.Now().UnixMilli(); got < before || got > after {
		t.Errorf("time of the request is %d, want between %d and %d", got, before, after)
	}
	if got := now(timeless); got != 0 {
		t.Errorf("time of a timeless request is %d", got)
	}
	r.Now(time.UnixMilli(4711))
	if got, timeless := now(names), now(timeless); got != 4711 || timeless != 4711 {
		t.Errorf("times are %d and %d, want the one that was set", got, timeless)
	}
}

func TestLimits(t *testing.T) {
	long := strings.Repeat("x", request.MaxStringLength+1)
	many := func(n int, f func(*request.Request)) *request.Request {
		r := request.New()
		for range n {
			f(r)
		}
		return r
	}
	for name, test := range map[string]struct {
		request *request.Request
		within  bool
	}{
		"longest id":          {request.New().Unit("user", long[1:]), true},
		"id too long":         {request.New().Unit("user", long), false},
		"name too long":       {request.New().Bool(long, true), false},
		"string too long":     {request.New().String("a", long), false},
		"list item too long":  {request.New().Strings("a", long), false},
		"longest list":        {request.New().Strings("a", make([]string, request.MaxListItems)...), true},
		"list too long":       {request.New().Strings("a", make([]string, request.MaxListItems+1)...), false},
		"most attributes":     {many(request.MaxAttributes, func(r *request.Request) { r.Bool("a", true) }), true},
		"too many attributes": {many(request.MaxAttributes+1, func(r *request.Request) { r.Bool("a", true) }), false},
		"most units":          {many(request.MaxUnits, func(r *request.Request) { r.Unit("u", "1") }), true},
		"too many units":      {many(request.MaxUnits+1, func(r *request.Request) { r.Unit("u", "1") }), false},
		"too long encoded":    {many(request.MaxAttributes, func(r *request.Request) { r.Strings("a", long[1:], long[1:]) }), false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.request.Encode(names)
			if test.within && err != nil || !test.within && !errors.Is(err, request.ErrLimit) {
				t.Errorf("Encode: %v", err)
			}
		})
	}
}

func TestReuseDoesNotAllocate(t *testing.T) {
	r := request.New()
	build := func() {
		r.Reset().Unit("user", "u-4711").String("country", "GB").Number("price", 1.5).Bool("member", true).Strings("tags", "a", "b")
		if _, err := r.Encode(names); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, build); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
