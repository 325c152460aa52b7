package service_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/service"
)

// order is what the tests read.
type order struct {
	name  string
	count uint64
	size  int64
	on    bool
	raw   string
	items []order
}

func readOrder(r *service.JSONReader, path string) (o order, err error) {
	err = r.Object(path, func(name string) (err error) {
		switch name {
		case "name":
			o.name, err = r.String(name)
		case "count":
			o.count, err = r.Uint(name)
		case "size":
			o.size, err = r.Int(name)
		case "on":
			o.on, err = r.Bool(name)
		case "raw":
			var raw []byte
			if raw, o.raw, err = r.Raw(); err == nil && string(raw) != o.raw {
				err = errors.New("raw: two values")
			}
		case "items":
			err = r.Array(name, func(int) error {
				item, err := readOrder(r, "")
				o.items = append(o.items, item)
				return err
			})
		case "bad":
			err = errors.New("bad: is bad")
		default:
			err = r.Skip()
		}
		return err
	})
	return o, err
}

func readText(r *service.JSONReader, text string) (order, error) {
	r.Reset([]byte(text))
	o, err := readOrder(r, "")
	if err == nil {
		err = r.End()
	}
	return o, err
}

func TestJSONReader(t *testing.T) {
	r := service.NewJSONReader()
	for text, want := range map[string]order{
		`{}`:     {},
		` null `: {},
		`{"name":null,"count":null,"size":null,"on":null,"items":null,"raw":null}`:                   {raw: "null"},
		`{"name":"ü\u00fc\n\ud83d\ude00","count":18446744073709551615,"size":-7,"on":true}`:          {name: "üü\n😀", count: 1<<64 - 1, size: -7, on: true},
		`{"n\u0061me":"x","later":[{"a":{"b":[]}},1.5e3],"raw": {"a" : 1} ,"items":[{"size":1},{}]}`: {name: "x", raw: `{"a" : 1}`, items: []order{{size: 1}, {}}},
	} {
		if got, err := readText(r, text); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s is read as %+v, %v", text, got, err)
		}
	}
}

func TestJSONReaderRefuses(t *testing.T) {
	r := service.NewJSONReader()
	for text, want := range map[string]string{
		``:                                    "the body is empty",
		`{"name":"secret"`:                    "the body is not valid JSON: it ends too early",
		`{"items":[{"name":"secret"}`:         "the body is not valid JSON: it ends too early",
		`{"items":[{"name":"secret"};`:        "the body is not valid JSON: invalid character ';' after array element (expecting ',' or ']') at byte 27",
		`{"name":'secret'}`:                   "the body is not valid JSON: invalid character '\\''",
		`{"name":"secret` + "\xff" + `"}`:     "the body is not valid JSON: invalid UTF-8 at byte 15",
		`{"name":"secret\ud83d"}`:             "the body is not valid JSON: invalid surrogate pair",
		`{"count":01}`:                        "the body is not valid JSON: invalid character '1'",
		`{"name":"secret","name":"secret"}`:   "name: is there twice",
		`{"later":{"a":[0,{"b":1,"b":2}]}}`:   "later.a[1].b: is there twice",
		`{"items":[{},{"on":true,"on":1}]}`:   "items[1].on: is there twice",
		`{"name":"secret"} {}`:                "there is more after the JSON object",
		`{"name":"secret"}x`:                  "there is more after the JSON object",
		`["secret"]`:                          "the body: want an object, got an array",
		`{"name":7}`:                          "name: want a string, got a number",
		`{"name":{"secret":1}}`:               "name: want a string, got an object",
		`{"count":-1}`:                        "count: want a whole number, not negative, got a number",
		`{"count":1.0}`:                       "count: want a whole number, not negative, got a number",
		`{"count":18446744073709551616}`:      "count: want a whole number, not negative, got a number",
		`{"size":1e999}`:                      "size: want a whole number, got a number",
		`{"size":"secret"}`:                   "size: want a whole number, got a string",
		`{"on":"secret"}`:                     "on: want true or false, got a string",
		`{"items":{}}`:                        "items: want an array, got an object",
		`{"items":[{"items":[{"size":""}]}]}`: "items[0].items[0].size: want a whole number, got a string",
		`{"items":[{},true]}`:                 "items[1]: want an object, got true or false",
		`{"items":[{},{"bad":1}]}`:            "items[1].bad: is bad",
	} {
		_, err := readText(r, text)
		if err == nil {
			t.Errorf("%s is read", text)
			continue
		}
		if got := err.Error(); !strings.HasPrefix(got, want) || strings.Contains(got, "secret") {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if _, err := readText(r, `{"name":"x"}`); err != nil {
		t.Errorf("after an error: %v", err)
	}
}

func TestJSONReaderAllocatesOnlyTheText(t *testing.T) {
	r := service.NewJSONReader()
	text := []byte(`{"name":"a name","count":12,"size":-7,"on":true,"raw":{"a":[1,2,3]},"later":"x"}`)
	read := func() {
		r.Reset(text)
		if _, err := readOrder(r, ""); err != nil {
			t.Fatal(err)
		}
	}
	read()
	if n := testing.AllocsPerRun(100, read); n > 1 {
		t.Errorf("a text takes %v allocations", n)
	}
}
