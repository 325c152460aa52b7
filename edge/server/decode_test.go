package server

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/wasm/request"
	"github.com/sortition-dev/sortition/wasm/request/requesttest"
)

func read(body string) (*scratch, error) {
	s := newScratch().(*scratch)
	return s, s.read(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, assignPath, strings.NewReader(body)))
}

func TestRequestReachesTheCore(t *testing.T) {
	in, err := read(`{
		"user_id": "u1", "units": {"device": "d1"}, "experiments": ["a"], "reasons": true,
		"context": {"s": "x", "version": "1.2.3", "t": true, "whole": 1767225600000, "negative": -3, "fraction": 1.5,
			"huge": 1e300, "list": ["a", "b"], "none": []}
	}`)
	if err != nil {
		t.Fatal(err)
	}
	if !in.in.reasons || !in.in.selected || !reflect.DeepEqual(in.in.experiments, []string{"a"}) {
		t.Errorf("got %+v", in.in)
	}
	got, err := requesttest.Read(&in.request, []string{"user", "device"},
		[]string{"s", "version", "t", "whole", "negative", "fraction", "huge", "list", "none"})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"user": "u1", "device": "d1"}; !reflect.DeepEqual(got.Units, want) {
		t.Errorf("units: got %v, want %v", got.Units, want)
	}
	want := map[string]string{"s": "x", "version": "1.2.3", "t": "true", "whole": "1767225600000", "negative": "-3",
		"fraction": "1.5", "huge": "1e+300", "list": "[a b]", "none": "[]"}
	for name, value := range want {
		if text := fmt.Sprint(got.Attributes[name]); text != value {
			t.Errorf("%s: got %s, want %s", name, text, value)
		}
	}
	if len(got.Attributes) != len(want) {
		t.Errorf("attributes: got %v", got.Attributes)
	}
	if _, isInt := got.Attributes["whole"].(int64); !isInt {
		t.Errorf("whole: a %T, which the core does not take as a time", got.Attributes["whole"])
	}
}

func TestRefusals(t *testing.T) {
	many := func(n int, item string) string { return strings.TrimSuffix(strings.Repeat(item+",", n), ",") }
	attributes := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"a%d":1,`, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	long := func(n int) string { return strings.Repeat("x", n) }
	context := func(value string) string { return `{"user_id":"u","context":{"a":` + value + `}}` }
	tests := []struct {
		body   string
		status int
		detail string
	}{
		{``, 400, "the body is empty"},
		{`{"user_id":"u"`, 400, "ends too early"},
		{`{"user_id":'u'}`, 400, "not valid JSON"},
		{`[]`, 400, "want an object, got an array"},
		{`"u"`, 400, "want an object"},
		{`null`, 400, "user_id: is missing"},
		{`{"user_id":"u"} {}`, 400, "there is more after"},
		{`{"user_id":"u"}x`, 400, "there is more after"},
		{`{"user":"u"}`, 400, "user: unknown field; there are user_id, units"},
		{`{}`, 400, "user_id: is missing"},
		{`{"user_id":null}`, 400, "user_id: is missing"},
		{`{"user_id":""}`, 400, "user_id: must not be empty"},
		{`{"user_id":7}`, 400, "user_id: want a string, got a number"},
		{`{"user_id":"` + long(MaxIDLength+1) + `"}`, 400, "user_id: 257 bytes; the limit is 256"},
		{`{"units":{"device":""}}`, 400, "units.device: must not be empty"},
		{`{"units":{"device":1}}`, 400, "units.device: want a string, got a number"},
		{`{"units":{"` + long(MaxStringLength+1) + `":"x"}}`, 400, "units: a name of 1025 bytes"},
		{`{"user_id":"u","units":{"user":"v"}}`, 400, "units.user: means the same as user_id"},
		{`{"units":{"a":"1","b":"1","c":"1","d":"1","e":"1","f":"1","g":"1","h":"1"}}`, 400, "units: too many ids; the limit is 7"},
		{`{"user_id":"u","experiments":"a"}`, 400, "experiments: want an array, got a string"},
		{`{"user_id":"u","experiments":[1]}`, 400, "experiments[0]: want a string, got a number"},
		{`{"user_id":"u","experiments":[` + many(MaxExperiments+1, `"a"`) + `]}`, 400, "experiments: too many keys; the limit is 1000"},
		{`{"user_id":"u","reasons":"yes"}`, 400, "reasons: want true or false, got a string"},
		{`{"user_id":"u","context":[]}`, 400, "context: want an object, got an array"},
		{`{"user_id":"u","context":{` + attributes(MaxAttributes+1) + `}}`, 400, "context: too many attributes; the limit is 256"},
		{`{"user_id":"u","context":{"` + long(MaxStringLength+1) + `":1}}`, 400, "context: a name of 1025 bytes"},
		{context(`null`), 400, "context.a: must not be null"},
		{context(`{}`), 400, "context.a: must be a string, a number, a bool or a list of strings, not an object"},
		{context(`[1]`), 400, "context.a[0]: must be a string"},
		{context(`["x",["y"]]`), 400, "context.a[1]: must be a string"},
		{context(`1e999`), 400, "context.a: the number is too large"},
		{context(`"` + long(MaxStringLength+1) + `"`), 400, "context.a: 1025 bytes; the limit is 1024"},
		{context(`["` + long(MaxStringLength+1) + `"]`), 400, "context.a[0]: 1025 bytes"},
		{context(`[` + many(MaxListItems+1, `"x"`) + `]`), 400, "context.a: too many items; the limit is 256"},
		{context(strings.Repeat(`[`, 20_000)), 400, "context.a[0]: must be a string"},
		{context(`[`), 400, "not valid JSON"},
		{context(`["x"`), 400, "not valid JSON"},
		{`{"user_id":"u","context":{"a":["x"`, 400, "ends too early"},
		{context(`-`), 400, "not valid JSON"},
		{context(`nul`), 400, "context.a"},
		{`{"user_id":"u","user_id":"v"}`, 400, "user_id: is there twice"},
		{`{"user_id":"u","context":{"a":1,"a":2}}`, 400, "context.a: is there twice"},
		{`{"user_id":"\xff"}`, 400, "not valid JSON"},
		{`{"units":{"a":"1","b":"1","c":"1","d":"1","e":"1","f":"1","g":"1","h":"1"},"user_id":"u"}`, 400, "units: too many ids; the limit is 7"},
		{`{"units":{"a":"1","b":"1","c":"1","d":"1","e":"1","f":"1","g":"1","h":"1","i":"1"}}`, 400, "units: too many ids; the limit is 7"},
		{context(`[null]`), 400, "context.a[0]: must be a string"},
		{context(`"` + long(MaxBody) + `"`), 413, "the body is larger than 65536 bytes"},
	}
	for _, test := range tests {
		name := test.body[:min(len(test.body), 60)]
		_, err := read(test.body)
		var bad *badRequest
		switch {
		case !errors.As(err, &bad):
			t.Errorf("%s: got error %v, want one with %q", name, err, test.detail)
		case bad.status != test.status || !strings.Contains(bad.detail, test.detail):
			t.Errorf("%s: got %d %q, want %d with %q", name, bad.status, bad.detail, test.status, test.detail)
		}
	}
}

func TestLimitsAreReachable(t *testing.T) {
	list := strings.TrimSuffix(strings.Repeat(`"x",`, MaxListItems), ",")
	in, err := read(`{"user_id":"` + strings.Repeat("u", MaxIDLength) + `","context":{"s":"` + strings.Repeat("x", MaxStringLength) + `","l":[` + list + `]}}`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.request.Encode(request.NewNames([]string{"user"}, []string{"s", "l"}, false)); err != nil {
		t.Fatal(err)
	}
}
