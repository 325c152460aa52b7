package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repository is the directory of the repository, seen from this one.
const repository = ".."

// page is a Markdown file.
type page struct {
	path  string // below the repository, with slashes
	text  string
	parts []part
}

// part is a code block of a page, or a comment that stands on lines of its own.
type part struct {
	line     int    // of its first line, from 1
	comment  string // the text of a comment; the fields below are empty then
	language string
	text     string
}

// known are the languages that a block may have.
var known = []string{
	"console", "sh", // commands
	"yaml", "json", "go", "js", "html", "sql", "cel", "caddyfile", "text",
}

// readPages reads all pages whose blocks are checked.
func readPages(t *testing.T) []page {
	t.Helper()
	paths := []string{"README.md", "hostshims/js/README.md"}
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md", "examples/*/README.md"} {
		matches, err := filepath.Glob(filepath.Join(repository, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range matches {
			path, err := filepath.Rel(repository, m)
			if err != nil {
				t.Fatal(err)
			}
			paths = append(paths, filepath.ToSlash(path))
		}
	}
	var pages []page
	for _, path := range paths {
		text, err := os.ReadFile(filepath.Join(repository, filepath.FromSlash(path)))
		if err != nil {
			t.Fatal(err)
		}
		p := page{path: path, text: string(text)}
		if p.parts, err = parse(p.text); err != nil {
			t.Errorf("%s:%v", path, err)
		}
		pages = append(pages, p)
	}
	return pages
}

// listItem is how an item of a list begins: what is indented below it belongs to it, and is
// no block.
var listItem = regexp.MustCompile(`^ {0,3}([-*+]|[0-9]+\.) `)

// parse finds the comments and the code blocks of a Markdown text. Errors begin with the
// number of the line.
func parse(text string) ([]part, error) {
	var parts []part
	lines := strings.Split(text, "\n")
	blank, inList := true, false
	for i := 0; i < len(lines); i++ {
		line, start := lines[i], i+1
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "<!--"):
			comment := trimmed
			for !strings.Contains(comment, "-->") {
				if i++; i == len(lines) {
					return parts, fmt.Errorf("%d: the comment does not end", start)
				}
				comment += "\n" + strings.TrimSpace(lines[i])
			}
			comment = strings.TrimPrefix(comment, "<!--")
			comment, _, _ = strings.Cut(comment, "-->")
			parts = append(parts, part{line: start, comment: strings.TrimSpace(comment)})
		case strings.HasPrefix(trimmed, "```"):
			indent, language := strings.Index(line, "`"), strings.TrimPrefix(trimmed, "```")
			if !slices.Contains(known, language) {
				return parts, fmt.Errorf("%d: a code block has the language %q, which is none of %q", start, language, known)
			}
			var code strings.Builder
			for i++; ; i++ {
				if i == len(lines) {
					return parts, fmt.Errorf("%d: the code block does not end", start)
				}
				if strings.TrimSpace(lines[i]) == "```" {
					break
				}
				if language == "text" && strings.HasPrefix(lines[i], "$ ") {
					return parts, fmt.Errorf("%d: there is a command in a block of text; use the language console", i+1)
				}
				code.WriteString(strings.TrimPrefix(lines[i], strings.Repeat(" ", indent)) + "\n")
			}
			parts = append(parts, part{line: start, language: language, text: code.String()})
		case trimmed != "" && blank && !inList && strings.HasPrefix(line, "    "):
			return parts, fmt.Errorf("%d: a code block is indented; fence it, and name its language", start)
		case listItem.MatchString(line):
			inList = true
		case trimmed != "" && !strings.HasPrefix(line, " "):
			inList = false
		}
		blank = trimmed == ""
	}
	return parts, nil
}

// directives are what a comment can say to the tests; other comments are for people.
var directives = []string{"not run", "file", "append", "from", "wait", "exit", "run", "needs"}

// directive is what a comment says to the tests, or "".
func (p part) directive() (name, value string) {
	name, value, _ = strings.Cut(p.comment, ":")
	if !slices.Contains(directives, name) {
		return "", ""
	}
	return name, strings.TrimSpace(value)
}

func (p part) value() string {
	_, value := p.directive()
	return value
}

// isCommands tells whether a block has commands.
func (p part) isCommands() bool { return p.language == "console" || p.language == "sh" }

// command is a command of a block, with the output that is shown below it.
type command struct {
	line   int
	text   string
	output string // "" if none is shown
}

// commands are those of a block of commands.
func (p part) commands() ([]command, error) {
	if p.language == "sh" {
		return []command{{line: p.line, text: p.text}}, nil
	}
	var all []command
	continued := false
	for i, line := range strings.Split(strings.TrimSuffix(p.text, "\n"), "\n") {
		text, prompt := strings.CutPrefix(line, "$ ")
		switch {
		case continued:
			all[len(all)-1].text += "\n" + line
			text = line
		case prompt:
			all = append(all, command{line: p.line + 1 + i, text: text})
		case len(all) == 0:
			return nil, fmt.Errorf("%d: a session begins with %q", p.line, line)
		default:
			all[len(all)-1].output += line + "\n"
			continue
		}
		continued = strings.HasSuffix(text, `\`) || strings.Count(all[len(all)-1].text, "'")%2 == 1
	}
	return all, nil
}
