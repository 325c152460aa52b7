package declaration

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/config"
)

// storefront is the declaration of the example project, which uses every part of a directory.
func storefront(t *testing.T) (*Declaration, []byte) {
	t.Helper()
	project, problems := config.Load("../../examples/storefront")
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	r := Of(project)
	data, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return r, data
}

func TestEncodeParse(t *testing.T) {
	r, data := storefront(t)
	parsed, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := parsed.Encode(); err != nil || !bytes.Equal(again, data) {
		t.Errorf("parsed and written again: %v\n%s\n%s", err, again, data)
	}
	if changes := Compare(r, parsed); len(changes) > 0 {
		t.Errorf("the parsed declaration differs: %v", changes)
	}
}

// TestNoIDs looks for the unit ids of the example's overrides and segments.
func TestNoIDs(t *testing.T) {
	_, data := storefront(t)
	for _, id := range []string{"qa-1", "qa-3", "agent-001", "member-0117"} {
		if bytes.Contains(data, []byte(id)) {
			t.Errorf("the declaration holds the unit id %s", id)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, data := range []string{"", "[]", "{}", `{"format":2}`, `{"format":1,"holdout":"5"}`} {
		if _, err := Parse([]byte(data)); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", data, err)
		}
	}
}

func TestLongConfigIsHashed(t *testing.T) {
	long := `"` + strings.Repeat("x", MaxShown) + `"`
	got := variant(config.Variant{Key: "a", Config: long}).Config
	if want := hashPrefix + bundle.HashOf([]byte(long)).String(); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestCompareInWords(t *testing.T) {
	before, data := storefront(t)
	after, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range after.Experiments {
		if e := &after.Experiments[i]; e.Key == "checkout_button" {
			e.Traffic = 2500
			e.Variants[0].Weight, e.Variants[1].Weight = 4000, 6000
			e.Overrides[1].Units = hide([]string{"qa-2"})
			e.Owner = ""
		}
	}
	after.Flags = after.Flags[1:]
	after.Metrics = append(after.Metrics, Metric{Key: "zeal", Event: "zeal", Kind: "conversion", Goal: "increase"})
	var got strings.Builder
	for _, c := range Compare(before, after) {
		fmt.Fprintf(&got, "%s %s %s\n", c.What, c.Key, c.Action)
		if c.Action == Changed {
			for _, d := range c.Details {
				fmt.Fprintf(&got, "  %s: %s → %s\n", d.Field, d.Before, d.After)
			}
		}
	}
	want := `experiment checkout_button changed
  traffic: 50% → 25%
  weights: control 50%, green 50% → control 40%, green 60%
  overrides: control for 1 unit (7df72565), green for 2 units (4df620f3) → control for 1 unit (7df72565), green for 1 unit (b75be6df)
  owner: growth@storefront.example → 
flag loyalty_program removed
metric zeal added
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}

func TestCompareWithNothing(t *testing.T) {
	r, _ := storefront(t)
	for _, c := range Compare(nil, r) {
		if c.Action != Added {
			t.Errorf("%+v was not added", c)
		}
	}
	if a, b := Compare(nil, r), Compare(r, nil); len(a) != len(b) {
		t.Errorf("%d parts are added, %d removed", len(a), len(b))
	}
}

// TestNothingIsOverlooked changes every single value of a declaration, one at a time. Each
// must show in the comparison.
func TestNothingIsOverlooked(t *testing.T) {
	before, data := storefront(t)
	changed := 0
	for i := 0; ; i++ {
		after, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		left := i
		path := mutate(reflect.ValueOf(after).Elem(), "", &left)
		if path == "" {
			break
		}
		if path == ".Format" {
			continue
		}
		changed++
		if len(Compare(before, after)) == 0 {
			t.Errorf("a change of %s is overlooked", path)
		}
	}
	if changed < 100 {
		t.Errorf("only %d values were changed", changed)
	}
}

// mutate changes the n-th value below v, and gives its path; empty if there are fewer.
func mutate(v reflect.Value, path string, n *int) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return mutate(v.Elem(), path, n)
	case reflect.Slice:
		for i := range v.Len() {
			if p := mutate(v.Index(i), fmt.Sprintf("%s[%d]", path, i), n); p != "" {
				return p
			}
		}
		return ""
	case reflect.Struct:
		if _, isTime := v.Interface().(time.Time); isTime {
			break
		}
		for i := range v.NumField() {
			if p := mutate(v.Field(i), path+"."+v.Type().Field(i).Name, n); p != "" {
				return p
			}
		}
		return ""
	case reflect.Int:
		if v.IsZero() { // a weight or a traffic that the file does not give
			return ""
		}
	}
	if *n > 0 {
		*n--
		return ""
	}
	switch x := v.Addr().Interface().(type) {
	case *string:
		*x += "_x"
	case *bool:
		*x = !*x
	case *int:
		*x++
	case *float64:
		*x++
	case *Percent:
		*x++
	case *time.Time:
		*x = x.Add(time.Second)
	case *bundle.Hash:
		x[0]++
	}
	return path
}

// TestParseLike parses declarations that differ from another one in any field, and in their lists.
func TestParseLike(t *testing.T) {
	like, encoding := storefront(t)
	same := func(what string, data []byte) {
		t.Helper()
		want, wantErr := Parse(data)
		got, err := ParseLike(data, like, encoding)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Fatalf("%s: %v, want %v", what, err, wantErr)
		}
		if err != nil {
			return
		}
		a, errA := got.Encode()
		b, errB := want.Encode()
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: %s\nwant %s", what, a, b)
		}
	}
	same("the same", encoding)
	for n := 0; ; n++ {
		other, err := Parse(encoding)
		if err != nil {
			t.Fatal(err)
		}
		left := n
		path := mutate(reflect.ValueOf(other).Elem(), "", &left)
		if path == "" {
			break
		}
		data, err := other.Encode()
		if err != nil {
			t.Fatal(err)
		}
		same(path, data)
	}
	fewer := *like
	fewer.Experiments, fewer.Flags = slices.Clone(like.Experiments[1:]), nil
	slices.Reverse(fewer.Experiments)
	for what, d := range map[string]*Declaration{"fewer": &fewer, "none": {Format: Format}, "empty": {Format: Format, Experiments: []Experiment{}, Flags: []Flag{}}} {
		data, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		same(what, data)
	}
	twice := append(append([]byte(nil), encoding[:len(encoding)-1]...), `,"experiments":[]}`...)
	spaced := bytes.ReplaceAll(encoding, []byte(`":`), []byte(`": `))
	for what, data := range map[string][]byte{
		"twice": twice, "with spaces": spaced, "nothing": nil, "null": []byte("null"), "a list": []byte(`[{"experiments":[]}]`),
		"in a text": []byte(`{"format":1,"units":["\"experiments\":[1]","\\"],"experiments":[],"flags":[]}`),
	} {
		same(what, data)
	}
	for n := 0; n < len(encoding); n += 7 {
		same(fmt.Sprint("cut off after ", n), encoding[:n])
	}
	if d, _ := ParseLike(encoding, like, encoding); &d.Experiments[0].Variants[0] != &like.Experiments[0].Variants[0] {
		t.Error("what is the same is not shared")
	}
}
