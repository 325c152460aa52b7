package docs

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// maxReadme is the size of README.md in bytes: it is read in two minutes, and leads to the rest.
const maxReadme = 6 << 10

// link is one of Markdown, to another page or within one.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

var (
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	markup  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	linked  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// TestLinks follows every link that stays within the repository.
func TestLinks(t *testing.T) {
	anchors := map[string]map[string]bool{}
	count := 0
	pages := readPages(t)
	for _, name := range []string{"CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "bench/README.md"} {
		text, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page{path: name, text: string(text)})
	}
	for _, p := range pages {
		for _, m := range link.FindAllStringSubmatch(p.text, -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			count++
			file := p.path
			if target != "" {
				file = path.Join(path.Dir(p.path), target)
			}
			local := filepath.Join(repository, filepath.FromSlash(file))
			if _, err := os.Stat(local); err != nil {
				t.Errorf("%s: there is no %s", p.path, m[1])
				continue
			}
			if anchor == "" || !strings.HasSuffix(file, ".md") {
				continue
			}
			if anchors[file] == nil {
				anchors[file] = anchorsOf(t, local)
			}
			if !anchors[file][anchor] {
				t.Errorf("%s: %s has no heading #%s", p.path, file, anchor)
			}
		}
	}
	if count < 50 {
		t.Errorf("there are %d links", count)
	}
}

// anchorsOf are the anchors of a page's headings, as GitHub makes them.
func anchorsOf(t *testing.T, file string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	anchors := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(string(text), -1) {
		title := linked.ReplaceAllString(m[1], "$1")
		anchors[strings.ReplaceAll(markup.ReplaceAllString(strings.ToLower(title), ""), " ", "-")] = true
	}
	return anchors
}

// TestReadme holds README.md to its size.
func TestReadme(t *testing.T) {
	info, err := os.Stat(filepath.Join(repository, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > maxReadme {
		t.Errorf("README.md has %d bytes; at most %d are read", info.Size(), maxReadme)
	}
}

// TestPagesAreListed holds docs/README.md to listing every page.
func TestPagesAreListed(t *testing.T) {
	index, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("*/*.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 30 {
		t.Errorf("there are %d pages", len(pages))
	}
	for _, p := range pages {
		if !strings.Contains(string(index), "]("+filepath.ToSlash(p)+")") {
			t.Errorf("README.md does not list %s", p)
		}
	}
}
