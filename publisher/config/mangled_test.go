package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const storefront = "../../examples/storefront"

// TestStorefront holds the project of the demo to the rules.
func TestStorefront(t *testing.T) {
	p, problems := Load(storefront)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if len(p.Experiments) < 6 || len(p.Layers) < 3 || len(p.Flags) < 3 || p.Holdout.Traffic != 500 || len(p.Exclusions) != 2 {
		t.Errorf("experiments %d, layers %d, flags %d, holdout %v, exclusions %d",
			len(p.Experiments), len(p.Layers), len(p.Flags), p.Holdout, len(p.Exclusions))
	}
}

// TestMangledFiles damages the storefront's files in every way that hands and tools do:
// whatever comes of it is a project or a list of problems with places.
func TestMangledFiles(t *testing.T) {
	files, err := filepath.Glob(storefront + "/*/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, storefront+"/"+ProjectFile)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(storefront)); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.SampledFrom(files).Draw(t, "file")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(storefront, file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(mangle(t, string(data))), 0o644); err != nil {
			t.Fatal(err)
		}
		project, problems := Load(dir)
		if (project == nil) == (problems == nil) {
			t.Fatalf("project %v, problems %v", project, problems)
		}
		for _, p := range problems {
			if p.File == "" || p.Message == "" || p.Line < 0 || (p.Line > 0) != (p.Column > 0) {
				t.Fatalf("problem without a place: %+v", p)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	})
}

// mangle makes a few changes to a text.
func mangle(t *rapid.T, text string) string {
	for range rapid.IntRange(1, 4).Draw(t, "changes") {
		at := rapid.IntRange(0, len(text)).Draw(t, "at")
		end := min(at+rapid.IntRange(0, 40).Draw(t, "length"), len(text))
		switch rapid.IntRange(0, 3).Draw(t, "change") {
		case 0:
			text = text[:at] + text[end:]
		case 1:
			text = text[:end] + text[at:end] + text[end:]
		case 2:
			scrap := rapid.SampledFrom([]string{
				"\n", "\n\n  ", ": ", "- ", "? ", "{", "}", "[", "]", ",", "\"", "'", "|\n", ">-\n", "#", "&a ", "*a", "!t ", "!!map ",
				"%", "\t", "\r\n", "---\n", "...\n", "<<: ", "null", "~", "0x", "1e999", ".nan", "\x00", "\xff", "\u2028", "日", "\\", "\\u12",
			}).Draw(t, "scrap")
			text = text[:at] + scrap + text[at:]
		default:
			text = text[:at] + strings.ToUpper(text[at:end]) + text[end:]
		}
	}
	return text
}

// TestBombs are small files that would cost a careless reader its memory or its time.
func TestBombs(t *testing.T) {
	lol := "key: lol\nowner: me\nstatus: running\ndefault: on\nvariants:\n  - key: on\n    config:\n      a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'j'; c++ {
		lol += "      " + string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 9) + "*" + string(c-1) + "]\n"
	}
	times := func(s string, n int) string { return strings.Repeat(s, n) }
	for _, c := range []struct{ name, yaml, want string }{
		{"aliases in a config", lol, "bytes long as JSON; the limit is 262144"},
		{"aliases elsewhere", "key: lol\nsalt: x\noverrides:\n  a: &a [" + times("u, ", 1_000) + "]\n" + aliases(200), "more than 100000 values with aliases expanded"},
		{"brackets", times("[", MaxTokens), "nested more than 64 levels"},
		{"braces", times("{a: ", MaxTokens/4), "nested more than 64 levels"},
		{"dashes", times("- ", MaxTokens), "nested more than 64 levels"},
		{"questions", times("? ", MaxTokens), "nested more than 64 levels"},
		{"many brackets", times("[", MaxFileSize), "more than 60000 YAML tokens"},
		{"keys", times("a: ", 2_000) + "b", "nested more than 64 levels"},
		{"anchors", times("&a ", MaxTokens/2), "nested more than 64 levels"},
		{"indentation", indented(1_000), "nested more than 64 levels"},
		{"tokens", times("a: b\n", MaxFileSize/5), "more than 60000 YAML tokens"},
		{"items", times("- a\n", MaxTokens/2-1), "expected a mapping"},
		{"same keys", times("a: b\n", MaxTokens/3-1), "unknown key"},
		{"size", times("#", MaxFileSize+1), "is larger than 1048576 bytes"},
		{"large config", "variants: [{key: a, config: [" + times("'"+times("x", 1_000)+"', ", 300) + "]}]", "bytes long as JSON; the limit is 262144"},
		{"long line", "key: " + times("a", MaxFileSize-100), "characters long; the limit is 128"},
		{"quote", "key: '" + times("x ''", MaxFileSize/4-100), "not valid"},
		{"blank lines", "key: a" + times("\n", MaxFileSize-100) + " b", "characters long; the limit is 128"},
		{"folded lines", "key: >\n" + times(" a\n", MaxFileSize/3-100), "the limit is 128"},
	} {
		dir := t.TempDir()
		writeFile(t, filepath.Join(dir, ProjectFile), []byte(baseProject))
		writeFile(t, filepath.Join(dir, FlagsDir, "lol.yaml"), []byte(c.yaml))
		_, problems := Load(dir)
		if problems == nil || !strings.Contains(problems.Error(), c.want) {
			t.Errorf("%s: %.300s, want %q", c.name, problems.Error(), c.want)
		}
	}
}

// aliases are more keys with the value of the anchor a.
func aliases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  k%d: *a\n", i)
	}
	return b.String()
}

// indented nests mappings a column at a time.
func indented(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}
