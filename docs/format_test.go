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

// fence puts fences around the code blocks of a text, which are indented by a tab.
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
			line = strings.TrimPrefix(line, "\t")
		}
		b.WriteString(line)
	}
	if code {
		b.WriteString("```\n")
	}
	return b.String()
}
