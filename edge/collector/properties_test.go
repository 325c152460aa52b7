package collector

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// compact returns the form of properties that is stored.
func compact(t *testing.T, text string) string {
	t.Helper()
	got, err := compactProperties([]byte(text), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return got
}

func TestCompactProperties(t *testing.T) {
	for text, want := range map[string]string{
		`null`: `{}`,
		`{ }`:  `{}`,
		`{"b":{"c":[true,false,null,"x y"]},"a":1}`:      `{"b":{"c":[true,false,null,"x y"]},"a":1}`,
		"{\"b\" :\t1,\n\"a\": [ 1 , 2.50, true , {} ] }": `{"b":1,"a":[1,2.50,true,{}]}`,
		`{"id": 18446744073709551615, "x":1E2,"y":-0}`:   `{"id":18446744073709551615,"x":1E2,"y":-0}`,
		`{"a":"\u0041\/<>&\" \\","b" : ""}`:              `{"a":"\u0041\/<>&\" \\","b":""}`,
		`{"a":` + strings.Repeat("1", 300) + `}`:         `{"a":` + strings.Repeat("1", 300) + `}`,
	} {
		if got := compact(t, text); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
}

// Random properties have one form, however they are spaced, the one that Go writes.
func TestCompactPropertiesOfRandomValues(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var value func(depth int) any
	value = func(depth int) any {
		switch n := rng.IntN(8); {
		case n == 0 && depth > 0:
			var list []any
			for range rng.IntN(4) {
				list = append(list, value(depth-1))
			}
			return list
		case n < 3 && depth > 0:
			object := map[string]any{}
			for range rng.IntN(5) {
				object[string([]rune("ab\"\\ü\U0001F600\uFF5E ")[rng.IntN(8)])+fmt.Sprint(rng.IntN(3))] = value(depth - 1)
			}
			return object
		case n == 3:
			return rng.NormFloat64()
		case n == 4:
			return rng.IntN(2) == 0
		case n == 5:
			return nil
		}
		return strings.Repeat("x\" <\u2028ü", rng.IntN(3))
	}
	for range 2_000 {
		object := map[string]any{"a": value(4), "b": value(4), "c": value(2)}
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		spaced := jsontext.Value(text).Clone()
		if err := spaced.Indent(); err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{string(text), string(spaced)} {
			if got := compact(t, form); got != string(text) {
				t.Fatalf("%s becomes %s, want %s", form, got, text)
			}
		}
	}
}
