package route

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestVectors tries the rows that shims in other languages try too.
func TestVectors(t *testing.T) {
	data, err := os.ReadFile("testdata/routes.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Matches []struct {
			Pattern string
			Paths   map[string]bool
		}
		Refused []string
	}
	if err := json.Unmarshal(data, &vectors); err != nil || len(vectors.Matches) == 0 || len(vectors.Refused) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, v := range vectors.Matches {
		var table Table
		if err := table.Add(v.Pattern, 7); err != nil {
			t.Fatal(err)
		}
		for path, want := range v.Paths {
			if got := len(table.Match(path, nil)) == 1; got != want {
				t.Errorf("%s matches %s: %v, want %v", v.Pattern, path, got, want)
			}
		}
	}
	for _, pattern := range append(vectors.Refused, "/"+strings.Repeat("x", MaxLength), strings.Repeat("/x", MaxSegments+1)) {
		var table Table
		if err := table.Add(pattern, 0); !errors.Is(err, ErrPattern) || !reflect.ValueOf(table).IsZero() {
			t.Errorf("%s is not refused, or left something behind: %v", pattern, err)
		}
	}
}

func TestMatchIsSortedAndDoesNotAllocate(t *testing.T) {
	table := tableOf(t, "/*", "/a/:x", "/a/b", "/:y/b", "/b")
	if err := table.Add("/a/*", 0); err != nil { // a second pattern of an entry
		t.Fatal(err)
	}
	dst := make([]int, 0, 8)
	if n := testing.AllocsPerRun(100, func() { dst = table.Match("/a/b", append(dst[:0], 9)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if want := []int{9, 0, 1, 2, 3}; !slices.Equal(dst, want) {
		t.Errorf("matched %v, want %v", dst, want)
	}
}

func tableOf(t *testing.T, patterns ...string) *Table {
	t.Helper()
	table := new(Table)
	for i, p := range patterns {
		if err := table.Add(p, i); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

func TestClasses(t *testing.T) {
	for _, row := range []struct {
		patterns []string
		want     string
	}{
		{nil, ""},
		{[]string{"/a", "/a", "/b/"}, "/a[0 1] /b/[2]"},
		{[]string{"/*", "/a", "/a/*"}, "/*[0] /a[0 1] /a/*[0 2]"},
		{[]string{"/:x/b", "/a/:y", "/a/"}, "/a/[2] /a/b[0 1] /a/:y[1] /:x/b[0]"},
	} {
		classes, err := tableOf(t, row.patterns...).Classes()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range classes {
			got = append(got, c.Pattern+fmt.Sprint(c.Entries))
		}
		if s := strings.Join(got, " "); s != row.want {
			t.Errorf("%v: %s, want %s", row.patterns, s, row.want)
		}
	}
}

// TestClassesHoldEveryPath draws tables and paths: the entries of each path are those of a
// class, and a class without an asterisk has a path.
func TestClassesHoldEveryPath(t *testing.T) {
	for seed := range uint64(300) {
		rng := rand.New(rand.NewPCG(seed, 1))
		patterns := make([]string, rng.IntN(6))
		for i := range patterns {
			patterns[i] = draw(rng, "a", "b", "", ":x")
			if rng.IntN(3) == 0 {
				patterns[i] += "/*"
			}
		}
		table := tableOf(t, patterns...)
		classes, err := table.Classes()
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{"[]": true}
		for _, c := range classes {
			known[fmt.Sprint(c.Entries)] = true
			path := strings.ReplaceAll(c.Pattern, ":x", "other")
			if got := table.Match(path, nil); !slices.Equal(got, c.Entries) && !strings.HasSuffix(path, "*") {
				t.Fatalf("%v: %s has %v, its class %v", patterns, path, got, c.Entries)
			}
		}
		for range 200 {
			path := draw(rng, "a", "b", "c", "")
			if got := table.Match(path, nil); !known[fmt.Sprint(got)] {
				t.Fatalf("%v: %s has %v, as no class", patterns, path, got)
			}
		}
	}
}

func draw(rng *rand.Rand, segments ...string) string {
	path := ""
	for range 1 + rng.IntN(4) {
		path += "/" + segments[rng.IntN(len(segments))]
	}
	return path
}

func TestTooManyClasses(t *testing.T) {
	var patterns []string
	for i := range MaxSegments {
		for _, text := range []string{"a", "b", "c"} {
			segments := slices.Repeat([]string{":x"}, MaxSegments)
			segments[i] = text
			patterns = append(patterns, "/"+strings.Join(segments, "/"))
		}
	}
	if _, err := tableOf(t, patterns...).Classes(); !errors.Is(err, ErrTooManyClasses) {
		t.Error(err)
	}
}
