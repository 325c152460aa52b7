package plan

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteText writes the plan as text for a terminal.
func WriteText(out io.Writer, p *Plan) error {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, p.title())
	for _, s := range p.sections() {
		fmt.Fprintf(w, "\n%s\n", s.title)
		for _, it := range s.items {
			mark := " "
			if it.alarm {
				mark = "!"
			}
			fmt.Fprintf(w, "%s %s\n", mark, it.head)
			for _, line := range it.lines {
				fmt.Fprintf(w, "      %s\n", line)
			}
		}
	}
	if summary := p.summary(); summary != "" {
		fmt.Fprintf(w, "\n%s\n", summary)
	}
	return w.Flush()
}

// WriteMarkdown writes the plan as Markdown, for a comment on a pull request.
func WriteMarkdown(out io.Writer, p *Plan) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "**%s**\n", escape(p.title()))
	for _, s := range p.sections() {
		fmt.Fprintf(w, "\n### %s\n\n", s.title)
		for _, it := range s.items {
			mark := ""
			if it.alarm {
				mark = "⚠️ "
			}
			fmt.Fprintf(w, "- %s%s\n", mark, escape(it.head))
			for _, line := range it.lines {
				fmt.Fprintf(w, "  - %s\n", escape(line))
			}
		}
	}
	if summary := p.summary(); summary != "" {
		fmt.Fprintf(w, "\n**%s**\n", escape(summary))
	}
	return w.Flush()
}

// escape makes Markdown and HTML of a text literal.
func escape(text string) string { return markdown.Replace(text) }

var markdown = strings.NewReplacer(
	`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
	"|", `\|`, "#", `\#`, "@", "&#64;", "~", `\~`, "\n", " ",
)

// WriteJSON writes the plan as indented JSON.
func WriteJSON(out io.Writer, p *Plan) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(p)
}
