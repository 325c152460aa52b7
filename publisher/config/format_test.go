package config

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFormat(t *testing.T) {
	for _, test := range []struct{ name, file, in, want string }{
		{"keys in the order of the documents", "flags/a.yaml",
			"default: off\nvariants: [{config: 1,key: on}, {  key: off }]\nkey: a\nstatus: running\n",
			"key: a\nstatus: running\nvariants: [{key: on, config: 1}, {key: off}]\ndefault: off\n"},
		{"keys of the author stay where they are", ProjectFile,
			"attributes: {b: string, a: {description: A, type: number}}\nbucket:   x\nenvironment: y\n",
			"environment: y\nbucket: x\nattributes: {b: string, a: {type: number, description: A}}\n"},
		{"indentation of blocks", "flags/a.yaml",
			"rules:\n- audience: x\n  split:\n      on: 50%\n      off: 50%\n-   variant: on\n    traffic: 10%\nkey: a",
			"key: a\nrules:\n  - audience: x\n    split:\n      on: 50%\n      off: 50%\n  - traffic: 10%\n    variant: on\n"},
		{"comments stay with what they are about", "flags/a.yaml",
			"# the file\n\n# the status\nstatus: running   # now\n# so it is\n\n# the key\nkey: a # name\n# the end\n",
			"# the file\n\n# the key\nkey: a # name\n# the end\n\n# the status\nstatus: running # now\n# so it is\n"},
		{"comments inside", ProjectFile,
			"layers:\n    # the first\n    a: {}\n    # b: {}\n# below\nbucket: x\n",
			"# below\nbucket: x\nlayers:\n  # the first\n  a: {}\n  # b: {}\n"},
		{"the line of the schema stays first", "flags/a.yaml",
			"# yaml-language-server: $schema=x\nstatus: running\nkey: a\n",
			"# yaml-language-server: $schema=x\nkey: a\nstatus: running\n"},
		{"long texts", "experiments/a.yaml",
			"hypothesis: >-\n      one # no comment\n\n        two\n\n\n\nname: 'a  #b'\nowner: a\n  b\n",
			"name: 'a  #b'\nowner: a\n  b\nhypothesis: >-\n      one # no comment\n\n        two\n"},
		{"empty lines", "flags/a.yaml",
			"\n\nkey: a  \n\n\n\nstatus: running\n\n\n", "key: a\n\nstatus: running\n"},
		{"brackets over several lines", "flags/a.yaml",
			"variants: [\n  {key: on}, # yes\n  {key: off}\n  ]\nkey: a\n",
			"key: a\nvariants: [\n  {key: on}, # yes\n  {key: off}\n  ]\n"},
		{"anchors", "flags/a.yaml", "status: &s   running\nkey: *s\n", "status: &s running\nkey: *s\n"},
		{"unknown keys come last", "flags/a.yaml", "what: 1\nkey: a\n", "key: a\nwhat: 1\n"},
		{"comments in items", "flags/a.yaml", "rules:\n- variant: on\n  # half\n  traffic: 50%\n", "rules:\n  # half\n  - traffic: 50%\n    variant: on\n"},
		{"no newline at the end", "flags/a.yaml", "name: |\n  a\nkey: b", "key: b\nname: |\n  a\n"},
		{"windows", "flags/a.yaml", "\ufeffkey: a\r\nname: 'b' # c\r\n", "key: a\nname: 'b' # c\n"},
		{"lists in lists", "flags/a.yaml", "variants:\n- key: on\n  config:\n  - - 1\n    -   2\n  -\n    b: 1\n    a: 2\n",
			"variants:\n  - key: on\n    config:\n      - - 1\n        - 2\n      -\n        b: 1\n        a: 2\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, problems := Format(test.file, []byte(test.in))
			if problems != nil {
				t.Fatal(problems)
			}
			if string(got) != test.want {
				t.Errorf("%s\nwant\n%s", got, test.want)
			}
			again, problems := Format(test.file, got)
			if problems != nil || string(again) != string(got) {
				t.Errorf("laid out once more, it is\n%s%v", again, problems)
			}
		})
	}
}

func TestFormatRefuses(t *testing.T) {
	for _, text := range []string{"key: [", "a: 1\n---\nb: 2\n", "key: !x y\n", "a\xff"} {
		if out, problems := Format("flags/a.yaml", []byte(text)); problems == nil {
			t.Errorf("%q: %q", text, out)
		}
	}
}

// TestFormatProjects lays out projects that people wrote, disordered in many ways: the
// project stays the same, and what is laid out once stays as it is.
func TestFormatProjects(t *testing.T) {
	for _, project := range []string{storefront, "../../examples/replay/project", "../control/scaffold"} {
		t.Run(filepath.Base(project), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(project)); err != nil {
				t.Fatal(err)
			}
			before := meaning(t, dir)
			files, err := filepath.Glob(dir + "/*/*.yaml")
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, filepath.Join(dir, ProjectFile))
			originals := map[string]string{} // by path
			for _, file := range files {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				originals[file] = string(data)
				if want := formatted(t, nameIn(t, dir, file), string(data)); want != string(data) {
					t.Fatalf("%s is not laid out: want\n%s", file, want)
				}
			}
			rapid.Check(t, func(t *rapid.T) {
				file := rapid.SampledFrom(files).Draw(t, "file")
				name, disordered := nameIn(t, dir, file), disorder(t, originals[file])
				got := formatted(t, name, disordered)
				if again := formatted(t, name, got); again != got {
					t.Fatalf("%s\nbecomes\n%s\nand then\n%s", disordered, got, again)
				}
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				defer func() {
					if err := os.WriteFile(file, []byte(originals[file]), 0o644); err != nil {
						t.Fatal(err)
					}
				}()
				after, problems := Load(dir)
				if problems != nil || !reflect.DeepEqual(before, withoutPlaces(after)) {
					t.Fatalf("%s\nbecomes\n%s\nwhich is another project: %v", disordered, got, problems)
				}
			})
		})
	}
}

func nameIn(t interface{ Fatal(...any) }, dir, file string) string {
	name, err := filepath.Rel(dir, file)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func formatted(t interface{ Fatal(...any) }, name, text string) string {
	out, problems := Format(name, []byte(text))
	if problems != nil {
		t.Fatal(problems, text)
	}
	return string(out)
}

func meaning(t *testing.T, dir string) *Project {
	t.Helper()
	p, problems := Load(dir)
	if problems != nil {
		t.Fatal(problems)
	}
	return withoutPlaces(p)
}

// withoutPlaces is a project without the documents, which say where things are written.
func withoutPlaces(p *Project) *Project {
	if p == nil {
		return nil
	}
	p.File = nil
	for _, e := range p.Experiments {
		e.Pos = Pos{}
		forgetPlaces(e.Tests)
	}
	for _, f := range p.Flags {
		f.Pos = Pos{}
		forgetPlaces(f.Tests)
	}
	return p
}

func forgetPlaces(tests []Test) {
	for i := range tests {
		tests[i].Pos = Pos{}
	}
}

// disorder moves the keys at the top of a file with the lines below them, and changes
// spaces, empty lines and indentation.
func disorder(t *rapid.T, text string) string {
	var parts [][]string
	literal, more := false, 0
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		inside := strings.HasPrefix(line, " ") || line == "" || strings.HasPrefix(line, "#")
		if !inside || len(parts) == 0 {
			parts = append(parts, nil)
			more = rapid.IntRange(0, 3).Draw(t, "indentation")
			literal = strings.HasSuffix(line, ">-") || strings.HasSuffix(line, "|")
		}
		if !literal {
			if strings.Contains(line, ": ") && rapid.Bool().Draw(t, "spaces") {
				line += strings.Repeat(" ", rapid.IntRange(0, 2).Draw(t, "trailing"))
			}
			if key, value, ok := strings.Cut(line, ": "); ok && !inside && rapid.Bool().Draw(t, "colon") {
				line = key + ":   " + value
			}
		}
		if inside && strings.HasPrefix(line, " ") && len(parts) > 0 {
			line = strings.Repeat(" ", more) + line
		}
		last := &parts[len(parts)-1]
		*last = append(*last, line)
		if line == "" && rapid.Bool().Draw(t, "empty") {
			*last = append(*last, "")
		}
	}
	parts = rapid.Permutation(parts).Draw(t, "parts")
	return strings.Join(slices.Concat(parts...), "\n") + "\n"
}
