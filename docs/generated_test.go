package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// generators make parts of pages from the code, by the name that stands in the page:
//
//	<!-- generated: NAME -->
//	what is generated
//	<!-- end of what is generated -->
var generators = map[string]struct {
	page     string
	generate func(*testing.T) string
}{
	"yaml":    {"yaml.md", yamlTables},
	"cli":     {"cli.md", commandHelp},
	"metrics": {"metrics.md", metricTables},
	"limits":  {"limits.md", limitTables},
	"format":  {"bundle-format.md", formatText},
}

const endOfGenerated = "<!-- end of what is generated -->"

// TestGenerated compares what the reference pages have with what the code says now.
func TestGenerated(t *testing.T) {
	for name, g := range generators {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("reference", g.page)
			page, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			before, rest, begins := strings.Cut(string(page), "<!-- generated: "+name+" -->\n")
			old, after, ends := strings.Cut(rest, endOfGenerated)
			if !begins || !ends {
				t.Fatalf("%s has no room for what is generated", path)
			}
			text := "\n" + strings.TrimSpace(g.generate(t)) + "\n\n"
			if text == old {
				return
			}
			if !*update {
				t.Fatalf("%s is not what the code says: run 'go test ./docs -run TestGenerated -update'; %s", path, firstDifference(old, text))
			}
			text = fmt.Sprintf("%s<!-- generated: %s -->\n%s%s%s", before, name, text, endOfGenerated, after)
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// firstDifference shows the first line by which two texts differ.
func firstDifference(page, code string) string {
	p, c := strings.Split(page, "\n"), strings.Split(code, "\n")
	for i := range min(len(p), len(c)) {
		if p[i] != c[i] {
			return fmt.Sprintf("the page says\n%s\nand the code\n%s", p[i], c[i])
		}
	}
	return fmt.Sprintf("the page has %d lines, the code gives %d", len(p), len(c))
}

// cell makes a text fit into a cell of a table.
func cell(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", `\|`)
}
