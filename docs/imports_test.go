package docs

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	modulePath       = "github.com/sortition-dev/sortition"
	architecturePage = "explanation/architecture.md"
	tableName        = "the table in docs/" + architecturePage
)

// Laws that the order of the table does not give.
var laws = []law{
	{of: "edge/", never: []string{"publisher/"}},
	{of: "publisher/", never: []string{"edge/"}},
	{of: "wasm/", never: []string{"bundle/", "edge/", "publisher/", "hostshims/", "examples/", "bench/"}},
	{of: "bundle/model", never: []string{"bundle/", "wasm/"}},
	// The second evaluator shares no code with what it checks.
	{
		of:    "publisher/explain",
		never: []string{"publisher/", "bundle/", "wasm/"},
		but:   []string{"bundle/model", "wasm/abi"},
	},
	{
		of:    "publisher/analysis/",
		never: []string{"publisher/"},
		but:   []string{"publisher/analysis/"},
	},
}

// A law says that the packages which of matches import nothing that never matches, aside
// from what but matches.
type law struct {
	of         string
	never, but []string
}

func (l law) forbids(from, to string) bool {
	return matches(l.of, from) && matchesAny(l.never, to) && !matchesAny(l.but, to)
}

func TestImports(t *testing.T) {
	page, err := os.ReadFile(architecturePage)
	if err != nil {
		t.Fatal(err)
	}
	table, err := parseTable(string(page))
	if err != nil {
		t.Fatal(err)
	}
	imports, err := readImports("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range check(table, imports, laws) {
		t.Error(problem)
	}
}

// TestImportsAreChecked breaks each rule once, in a table of its own.
func TestImportsAreChecked(t *testing.T) {
	const page = "```text\n" +
		"PACKAGE    IMPORTED BY    WHAT IT IS FOR\n" +
		"top/       Programs\n" +
		"  top      —              the program\n" +
		"  cli      top            flags\n" +
		"low/       Libraries\n" +
		"  b        top/cli        letters\n" +
		"  a        all            more\n" +
		"                          letters\n" +
		"  help     tests          helps tests\n" +
		"MODULES    IMPORTED BY    WHAT IT IS FOR\n" +
		"x.org/\n" +
		"  yaml     top/           YAML\n" +
		"```\n"
	const yaml = "x.org/yaml"
	good := func() map[string][]string {
		return map[string][]string{
			"top": {"top/cli"}, "top/cli": {"low/b", yaml}, "low/b": {"low/a", "x.org/other"}, "low/a": nil, "low/help": nil,
		}
	}
	table, err := parseTable(page)
	if err != nil {
		t.Fatal(err)
	}
	if problems := check(table, good(), nil); len(problems) > 0 {
		t.Fatalf("problems in a good tree: %v", problems)
	}
	for name, test := range map[string]struct {
		spoil func(map[string][]string)
		laws  []law
		want  string
	}{
		"package without a row": {func(m map[string][]string) { m["low/c"] = nil }, nil, "low/c has no line"},
		"row without a package": {func(m map[string][]string) { delete(m, "low/help") }, nil, "no package low/help"},
		"importer not named":    {func(m map[string][]string) { m["top"] = append(m["top"], "low/b") }, nil, "top imports low/b"},
		"helper of tests":       {func(m map[string][]string) { m["top"] = append(m["top"], "low/help") }, nil, "top imports low/help"},
		"upwards":               {func(m map[string][]string) { m["low/a"] = []string{"low/b"} }, nil, "low/a imports low/b"},
		"importer that is gone": {func(m map[string][]string) { m["top/cli"] = []string{yaml} }, nil, "top/cli does not import low/b"},
		"module of others":      {func(m map[string][]string) { m["low/a"] = []string{yaml + "/ast"} }, nil, "low/a imports x.org/yaml/ast"},
		"law":                   {func(map[string][]string) {}, []law{{of: "low/b", never: []string{"low/"}}}, "low/b imports low/a"},
	} {
		t.Run(name, func(t *testing.T) {
			imports := good()
			test.spoil(imports)
			problems := check(table, imports, test.laws)
			if !strings.Contains(strings.Join(problems, "\n"), test.want) {
				t.Errorf("got %q, want a problem with %q", problems, test.want)
			}
		})
	}
	for name, bad := range map[string]string{
		"no block":        "",
		"twice":           strings.Replace(page, "  a  ", "  b  ", 1),
		"no purpose":      strings.Replace(page, "flags", "", 1),
		"unknown name":    strings.Replace(page, "top/cli  ", "top/ci   ", 1),
		"room in two":     strings.Replace(page, "  a  ", "  b/x  all  x\n  a    all  a\n  b/y", 1),
		"one space":       strings.Replace(page, "help     tests          helps", "help tests helps", 1),
		"one column":      strings.Replace(page, "  cli      top  ", "  cli top", 1),
		"without a wing":  strings.Replace(page, "top/       Programs\n", "", 1),
		"outside a table": strings.Replace(page, "PACKAGE    IMPORTED BY    WHAT IT IS FOR\n", "", 1),
	} {
		if _, err := parseTable(bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// check returns what is wrong, a sentence each.
func check(t *table, imports map[string][]string, laws []law) []string {
	var problems []string
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }

	importers := make(map[string][]string)
	for _, from := range slices.Sorted(maps.Keys(imports)) {
		if t.place(from) < 0 {
			complain("%s has no line in %s: add one below everything that imports it and above "+
				"everything that it imports", from, tableName)
			continue
		}
		for _, to := range imports[from] {
			target := t.find(to)
			if target == nil {
				continue // Another module that all may import, or a package without a line.
			}
			importers[target.name] = append(importers[target.name], from)
			if reason := t.forbids(from, to, target, laws); reason != "" {
				complain("%s imports %s, which %s does not allow: %s", from, to, tableName, reason)
			}
		}
	}

	for _, r := range t.packages {
		if _, ok := imports[r.name]; !ok {
			complain("there is no package %s: strike its line in %s", r.name, tableName)
		}
	}
	for _, r := range slices.Concat(t.packages, t.modules) {
		if _, ok := imports[r.name]; !ok && t.place(r.name) >= 0 {
			continue // Named above.
		}
		for _, by := range r.by {
			if _, ok := imports[by]; !ok && t.place(by) >= 0 {
				continue // Named above.
			}
			if by != byAll && by != byTests && !slices.ContainsFunc(importers[r.name], func(from string) bool { return matches(by, from) }) {
				complain("%s does not import %s: strike it in that line of %s", by, r.name, tableName)
			}
		}
	}
	return problems
}

// forbids says why from may not import to, or "" if it may.
func (t *table) forbids(from, to string, target *row, laws []law) string {
	for _, l := range laws {
		if l.forbids(from, to) {
			reason := l.of + " never imports " + strings.Join(l.never, " ")
			if len(l.but) > 0 {
				reason += ", aside from " + strings.Join(l.but, " ")
			}
			return reason
		}
	}
	if t.place(from) > t.place(to) && t.place(to) >= 0 {
		return "imports run downwards, and " + to + " stands above " + from
	}
	if !slices.Contains(target.by, byAll) && !matchesAny(target.by, from) {
		return fmt.Sprintf("the line of %s names only %q", target.name, target.by)
	}
	return ""
}

// readImports returns the packages of all modules below root with the packages of this
// repository and of others that they import, by paths below root or by import paths. It reads
// what is built for any system, and leaves tests and the standard library out.
func readImports(root string) (map[string][]string, error) {
	imports := make(map[string][]string)
	err := walkGo(root, func(file string) error {
		folder, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		from := filepath.ToSlash(folder)
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		if _, ok := imports[from]; !ok {
			imports[from] = nil
		}
		for _, spec := range parsed.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			domain, _, _ := strings.Cut(to, "/")
			to = strings.TrimPrefix(to, modulePath+"/")
			if strings.Contains(domain, ".") && !slices.Contains(imports[from], to) {
				imports[from] = append(imports[from], to)
			}
		}
		return nil
	})
	return imports, err
}
