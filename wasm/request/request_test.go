package request

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

func TestEncode(t *testing.T) {
	now := time.UnixMilli(1_700_000_000_123)
	r := New().Now(now).Unit("user", "u-1").Unit("device", strings.Repeat("d", 40)).
		String("country", "GB").Number("price", -1.5).Int("age", 42).Int("debt", -7).Int("big", math.MaxInt64).
		Bool("member", true).Bool("bot", false).Time("seen", now).Strings("tags", "a", strings.Repeat("b", 300))
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	d := msgpack.NewDecoder(bytes.NewReader(b))
	d.UseLooseInterfaceDecoding(true)
	got, err := d.DecodeInterface()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"now":   now.UnixMilli(),
		"units": map[string]any{"user": "u-1", "device": strings.Repeat("d", 40)},
		"attributes": map[string]any{
			"country": "GB", "price": -1.5, "age": int64(42), "debt": int64(-7), "big": int64(math.MaxInt64),
			"member": true, "bot": false, "seen": now.UnixMilli(),
			"tags": []any{"a", strings.Repeat("b", 300)},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestResetForgets(t *testing.T) {
	first, err := New().Now(time.UnixMilli(1)).Unit("user", "b").Encode()
	if err != nil {
		t.Fatal(err)
	}
	r := New().Now(time.UnixMilli(9)).Unit("user", "a").String("x", strings.Repeat("y", MaxStringLength+1))
	if r.Err() == nil {
		t.Fatal("an overlong string is no error")
	}
	again, err := r.Reset().Now(time.UnixMilli(1)).Unit("user", "b").Encode()
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("after Reset: %x, %v; want %x", again, err, first)
	}
}

func TestValueIsTheSetterOfItsType(t *testing.T) {
	now := time.UnixMilli(4711)
	want, err := New().Now(now).String("a", "x").Number("a", 1.5).Int("a", 7).Bool("a", true).Time("a", now).Strings("a", "x", "y").Encode()
	if err != nil {
		t.Fatal(err)
	}
	r := New().Now(now)
	for _, v := range []any{"x", 1.5, int64(7), true, now, []string{"x", "y"}} {
		r.Value("a", v)
	}
	if got, err := r.Encode(); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%x, %v; want %x", got, err, want)
	}
	for _, v := range []any{nil, 7, float32(1), []any{"x"}, map[string]any{}} {
		if err := New().Value("a", v).Err(); !errors.Is(err, ErrType) {
			t.Errorf("%T: %v", v, err)
		}
	}
}

func TestTimeOfDecision(t *testing.T) {
	now := func(encode func() ([]byte, error)) int64 {
		t.Helper()
		b, err := encode()
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := msgpack.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		return reflect.ValueOf(m["now"]).Convert(reflect.TypeFor[int64]()).Int()
	}
	r := New()
	before := time.Now().UnixMilli()
	if got, after := now(r.Encode), time.Now().UnixMilli(); got < before || got > after {
		t.Errorf("time of the request is %d, want between %d and %d", got, before, after)
	}
	if got := now(r.EncodeTimeless); got != 0 {
		t.Errorf("time of a timeless request is %d", got)
	}
	r.Now(time.UnixMilli(4711))
	if got, timeless := now(r.Encode), now(r.EncodeTimeless); got != 4711 || timeless != 4711 {
		t.Errorf("times are %d and %d, want the one that was set", got, timeless)
	}
}

func TestLimits(t *testing.T) {
	long := strings.Repeat("x", MaxStringLength+1)
	many := func(n int, f func(*Request)) *Request {
		r := New()
		for range n {
			f(r)
		}
		return r
	}
	for name, test := range map[string]struct {
		request *Request
		within  bool
	}{
		"longest id":          {New().Unit("user", long[1:]), true},
		"id too long":         {New().Unit("user", long), false},
		"name too long":       {New().Bool(long, true), false},
		"string too long":     {New().String("a", long), false},
		"list item too long":  {New().Strings("a", long), false},
		"longest list":        {New().Strings("a", make([]string, MaxListItems)...), true},
		"list too long":       {New().Strings("a", make([]string, MaxListItems+1)...), false},
		"most attributes":     {many(MaxAttributes, func(r *Request) { r.Bool("a", true) }), true},
		"too many attributes": {many(MaxAttributes+1, func(r *Request) { r.Bool("a", true) }), false},
		"most units":          {many(MaxUnits, func(r *Request) { r.Unit("u", "1") }), true},
		"too many units":      {many(MaxUnits+1, func(r *Request) { r.Unit("u", "1") }), false},
		"too long encoded":    {many(MaxAttributes, func(r *Request) { r.Strings("a", long[1:], long[1:]) }), false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.request.Encode()
			if test.within && err != nil || !test.within && !errors.Is(err, ErrLimit) {
				t.Errorf("Encode: %v", err)
			}
		})
	}
}

func TestReuseDoesNotAllocate(t *testing.T) {
	r := New()
	build := func() {
		r.Reset().Unit("user", "u-4711").String("country", "GB").Number("price", 1.5).Bool("member", true).Strings("tags", "a", "b")
		if _, err := r.Encode(); err != nil {
			t.Fatal(err)
		}
	}
	if n := testing.AllocsPerRun(100, build); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
