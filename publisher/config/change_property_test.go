package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestRewriteKeepsTheRest makes random changes to files that people wrote. The file then says
// what was intended; it is laid out; and each line that is not about what changed is still
// there, with its comment, in its order.
func TestRewriteKeepsTheRest(t *testing.T) {
	var files []string
	for _, pattern := range []string{storefront + "/*.yaml", storefront + "/*/*.yaml", "../cli/scaffold/*/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	contents := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		contents[file] = string(data)
	}
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.SampledFrom(files).Draw(t, "file")
		name, before := filepath.Join("flags", "a.yaml"), commented(t, contents[file])
		if filepath.Base(file) == ProjectFile {
			name = ProjectFile
		} else if filepath.Base(filepath.Dir(file)) == ExperimentsDir {
			name = filepath.Join(ExperimentsDir, "a.yaml")
		}
		before = formatted(t, name, before)
		was := valueIn(t, name, before)
		change := drawChange(t, was, nil)
		value, err := normal(change.Value)
		if err != nil {
			t.Fatal(err)
		}
		want, err := applied(was, change.Path, Change{Value: value, Remove: change.Remove})
		if err != nil {
			t.Fatal(err)
		}
		out, err := Rewrite(name, []byte(before), change)
		if err != nil {
			t.Fatalf("%v\n%s", err, before)
		}
		after := string(out)
		if got := valueIn(t, name, after); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: %+v\nwant %+v\n%s", change.path(), got, want, after)
		}
		if again := formatted(t, name, after); again != after {
			t.Fatalf("%s: is not laid out:\n%s", change.path(), after)
		}
		// Lines only go where the change is: those of the key at the top that it is about.
		top := change.Path[0].(string)
		kept := without(before, top)
		if got := without(after, top); !slices.Equal(kept, got) {
			t.Fatalf("%s: %s\nbecame\n%s", change.path(), before, after)
		}
		if !change.Remove {
			for line := range strings.SplitSeq(before, "\n") {
				if _, comment, ok := strings.Cut(line, "# comment "); ok && !strings.Contains(after, "# comment "+comment) && !replacesBlock(was, change) {
					t.Fatalf("%s: the comment %s is lost:\n%s", change.path(), comment, after)
				}
			}
		}
	})
}

// commented is a file with comments at random places.
func commented(t *rapid.T, text string) string {
	var out []string
	literal := false
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if !strings.HasPrefix(line, " ") {
			literal = strings.HasSuffix(line, ">-") || strings.HasSuffix(line, "|")
		}
		if !literal && line != "" && !strings.Contains(line, "#") && rapid.IntRange(0, 3).Draw(t, "comment") == 0 {
			if rapid.Bool().Draw(t, "above") {
				out = append(out, strings.Repeat(" ", len(line)-len(strings.TrimLeft(line, " ")))+fmt.Sprintf("# comment %d.", i))
			} else {
				line += fmt.Sprintf(" # comment %d.", i)
			}
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n") + "\n"
}

// without is the lines of a file apart from those of a key at its top, the comments directly
// above and below it included, and from empty lines.
func without(text, key string) []string {
	var kept, comments []string
	inside, apart := false, false // apart: an empty line is above the comments
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			comments = append(comments, line)
			continue
		case line == "":
			if !inside || apart {
				kept = append(kept, comments...)
			}
			comments, apart = nil, true
			continue
		case !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "-"):
			inside = strings.HasPrefix(line, key+":")
		}
		apart = false
		if !inside {
			kept = append(append(kept, comments...), line)
		}
		comments = nil
	}
	return kept
}

func valueIn(t *rapid.T, name, text string) any {
	s, text, problem := newSource(name, []byte(text))
	if problem != nil {
		t.Fatal(problem)
	}
	root, problem := s.parse(text)
	if problem != nil {
		t.Fatal(problem)
	}
	return plain(root, anchorsOf(root))
}

// replacesBlock reports whether a change puts another value in the place of a mapping or list,
// whose comments go with it.
func replacesBlock(was any, c Change) bool {
	for _, step := range c.Path {
		switch v := was.(type) {
		case map[string]any:
			was = v[step.(string)]
		case []any:
			if step.(int) == len(v) {
				return false
			}
			was = v[step.(int)]
		}
	}
	switch was.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// drawChange sets, adds or removes something at or below a value.
func drawChange(t *rapid.T, value any, path []any) Change {
	at := func(step any) []any { return append(slices.Clone(path), step) }
	deeper := rapid.Bool().Draw(t, "deeper") || len(path) == 0
	switch v := value.(type) {
	case map[string]any:
		if deeper && len(v) > 0 {
			key := rapid.SampledFrom(slices.Sorted(maps.Keys(v))).Draw(t, "key")
			if len(path) > 0 && rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				return Change{Path: at(key), Remove: true}
			}
			if len(path) == 0 && key != "environment" && rapid.IntRange(0, 5).Draw(t, "remove at the top") == 0 {
				return Change{Path: at(key), Remove: true}
			}
			return drawChange(t, v[key], at(key))
		}
		if rapid.Bool().Draw(t, "add") {
			return Change{Path: at("new_key"), Value: drawValue(t, 2)}
		}
	case []any:
		if deeper && len(v) > 0 {
			i := rapid.IntRange(0, len(v)-1).Draw(t, "index")
			if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
				return Change{Path: at(i), Remove: true}
			}
			return drawChange(t, v[i], at(i))
		}
		if rapid.Bool().Draw(t, "append") {
			return Change{Path: at(len(v)), Value: drawValue(t, 2)}
		}
	}
	return Change{Path: path, Value: drawValue(t, 2)}
}

func drawValue(t *rapid.T, depth int) any {
	switch rapid.IntRange(0, 6-2*min(1, 2-depth)).Draw(t, "kind of value") {
	case 0:
		return rapid.Bool().Draw(t, "bool")
	case 1:
		return rapid.Int().Draw(t, "int")
	case 2:
		return rapid.SampledFrom([]string{"", "a", "50%", "true", "on", "null", "1", "1.5", "- a", "a: b", "a #b", "#", "'", `"`, `a\b`, "[x]", "{x}",
			"x,y", "&a", "*a", "!x", "%", "@x", "2026-01-01T00:00:00Z", "12:30", "a\nb", " a", "a ", "ä€", "<<", "=", "?", "0x1", "1e3", ".inf", "~", "-1", "|", ">-", "\t", "---"}).Draw(t, "text")
	case 3:
		return nil
	case 4:
		return rapid.String().Filter(func(s string) bool { return checkText(s) == nil }).Draw(t, "any text")
	case 5:
		items := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			items = append(items, drawValue(t, depth-1))
		}
		return items
	}
	m := Mapping{}
	for i := range rapid.IntRange(0, 3).Draw(t, "keys") {
		m = append(m, Member{fmt.Sprint("k", i), drawValue(t, depth-1)})
	}
	return m
}
