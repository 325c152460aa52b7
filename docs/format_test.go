package docs

import (
	"go/doc/comment"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// formatText is the specification in the package comments of bundle and bundle/payload.
func formatText(t *testing.T) string {
	var b strings.Builder
	for _, file := range []string{"bundle/doc.go", "bundle/payload/doc.go"} {
		file = filepath.Join(repository, file)
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		printer := comment.Printer{
			HeadingLevel: 2,
			HeadingID:    func(*comment.Heading) string { return "" },
			DocLinkURL:   func(l *comment.DocLink) string { return l.DefaultURL("https://pkg.go.dev") },
		}
		b.WriteString(fence(string(printer.Markdown(new(comment.Parser).Parse(parsed.Doc.Text())))))
		b.WriteString("\n")
	}
	return b.String()
}

// wrapWidth is how long lines of pages are, in characters.
const wrapWidth = 100

// wrap writes a paragraph, or an item of a list, in lines of the width of a page.
func wrap(b *strings.Builder, paragraph string) {
	item, isItem := strings.CutPrefix(paragraph, "  - ")
	indent := ""
	if isItem {
		paragraph, indent = "- "+item, "  "
	}
	width := 0
	for i, word := range strings.Fields(paragraph) {
		n := len([]rune(word))
		switch {
		case i == 0:
		case width+1+n > wrapWidth:
			b.WriteString("\n" + indent)
			width = len(indent)
		default:
			b.WriteString(" ")
			width++
		}
		b.WriteString(word)
		width += n
	}
	b.WriteString("\n")
}

// fence wraps paragraphs, and puts fences around the code blocks of a text, which are indented by a
// tab.
func fence(markdown string) string {
	var b strings.Builder
	code := false
	blanks := ""
	for line := range strings.Lines(markdown) {
		switch {
		case strings.TrimSpace(line) == "":
			blanks += "\n"
			continue
		case strings.HasPrefix(line, "\t") && !code:
			code = true
			blanks += "```text\n"
		case !strings.HasPrefix(line, "\t") && code:
			code = false
			b.WriteString("```\n")
		}
		b.WriteString(blanks)
		blanks = ""
		if code {
			b.WriteString(strings.TrimPrefix(line, "\t"))
		} else {
			wrap(&b, line)
		}
	}
	if code {
		b.WriteString("```\n")
	}
	return b.String()
}
