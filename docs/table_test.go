package docs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A row is a package of this repository, or a module of others.
type row struct {
	name string
	by   []string // packages and folders as in matches, byAll or byTests
}

const (
	byAll    = "all"
	byTests  = "tests"
	byNobody = "—"
)

// A table holds the rows of [architecturePage] from top to bottom.
type table struct{ packages, modules []row }

// place returns how far down a package stands, or -1.
func (t *table) place(name string) int {
	return slices.IndexFunc(t.packages, func(r row) bool { return r.name == name })
}

// find returns the row of a package, or of the module of others that it is of, or nil if
// there is none.
func (t *table) find(name string) *row {
	if i := t.place(name); i >= 0 {
		return &t.packages[i]
	}
	i := slices.IndexFunc(t.modules, func(r row) bool { return matches(r.name+"/", name) })
	if i < 0 {
		return nil
	}
	return &t.modules[i]
}

// matches reports whether name is pattern, or lies in the folder that pattern names with a
// slash at its end.
func matches(pattern, name string) bool {
	folder, ok := strings.CutSuffix(pattern, "/")
	return name == folder || ok && strings.HasPrefix(name, pattern)
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, name) })
}

var (
	columns = regexp.MustCompile(` {2,}`)
	deep    = strings.Repeat(" ", 20)
)

// parseTable reads the text block of the page that begins with PACKAGE. Its columns stand at
// least two spaces apart. A line with one column, far to the right, goes on with the line above it.
func parseTable(page string) (*table, error) {
	const heading = "PACKAGE"
	_, rest, opened := strings.Cut(page, "```text\n"+heading)
	block, _, closed := strings.Cut(heading+rest, "\n```")
	if !opened || !closed {
		return nil, fmt.Errorf("%s has no text block that begins with PACKAGE", architecturePage)
	}
	var (
		t       table
		rows    *[]row
		wing    string
		purpose = true // whether the row above says what it is for
	)
	for line := range strings.Lines(block) {
		text := strings.TrimSpace(line)
		cells := columns.Split(text, -1)
		switch {
		case text == "" || strings.HasPrefix(text, "— "): // A heading inside a wing.
		case strings.HasPrefix(text, "PACKAGE"):
			rows = &t.packages
		case strings.HasPrefix(text, "MODULES"):
			rows = &t.modules
		case line[0] != ' ':
			wing = cells[0]
			if !strings.HasSuffix(wing, "/") {
				return nil, fmt.Errorf("%q: a wing ends in a slash", text)
			}
		case len(cells) == 1 && strings.HasPrefix(line, deep) && len(t.packages) > 0:
			purpose = true
		case len(cells) > 3 || len(cells) < 2 || rows == nil || wing == "" || !purpose:
			return nil, fmt.Errorf("%q: want a heading with PACKAGE or MODULES, wings below it, and in them "+
				"lines with a name, its importers and what it is for, two spaces apart", text)
		default:
			*rows = append(*rows, row{name: within(wing, cells[0]), by: strings.Fields(cells[1])})
			purpose = len(cells) == 3
		}
	}
	if !purpose {
		return nil, fmt.Errorf("%s: the last line does not say what it is for", architecturePage)
	}
	return &t, t.resolve()
}

// within returns the path of a name in a wing, which may be the wing itself.
func within(wing, name string) string {
	if name+"/" == wing {
		return name
	}
	return wing + name
}

// resolve makes paths of the names of importers, and refuses a table that says a thing twice.
func (t *table) resolve() error {
	seen := make(map[string]bool)
	last := ""
	for _, r := range t.packages {
		if t.count(r.name) > 1 {
			return fmt.Errorf("%s has two lines", r.name)
		}
		if room := room(r.name); room != last {
			if seen[room] {
				return fmt.Errorf("the packages in %s do not stand together: what stands between them could "+
					"import one and be imported by the other", room)
			}
			seen[room] = true
			last = room
		}
	}
	for _, rows := range [][]row{t.packages, t.modules} {
		for i := range rows {
			wing, _, _ := strings.Cut(rows[i].name, "/")
			for j, by := range rows[i].by {
				path, ok := t.path(wing+"/", by)
				if !ok {
					return fmt.Errorf("%s: the table has no package %s", rows[i].name, by)
				}
				rows[i].by[j] = path
			}
			rows[i].by = slices.DeleteFunc(rows[i].by, func(by string) bool { return by == byNobody })
		}
	}
	return nil
}

// room returns the folder of a package below its wing: publisher/analysis of
// publisher/analysis/stats.
func room(name string) string {
	parts := strings.SplitN(name, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// path finds the package or folder that an importer is called by in the wing.
func (t *table) path(wing, by string) (string, bool) {
	if by == byAll || by == byTests || by == byNobody {
		return by, true
	}
	for _, path := range []string{within(wing, by), by} {
		if t.count(path) > 0 {
			return path, true
		}
	}
	return "", false
}

func (t *table) count(pattern string) int {
	n := 0
	for _, r := range t.packages {
		if matches(pattern, r.name) {
			n++
		}
	}
	return n
}
