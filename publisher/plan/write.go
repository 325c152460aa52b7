package plan

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteText writes the plan for a terminal.
func WriteText(out io.Writer, p *Plan) error {
	w := bufio.NewWriter(out)
	fmt.Fprintln(w, p.headline())
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
	return w.Flush()
}

// WriteMarkdown writes the plan for a comment on a pull request.
func WriteMarkdown(out io.Writer, p *Plan) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "**%s**\n", escape(p.headline()))
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
	return w.Flush()
}

// escape keeps text from being read as Markdown or HTML.
func escape(text string) string { return markdown.Replace(text) }

var markdown = strings.NewReplacer(
	`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
	"|", `\|`, "#", `\#`, "@", "&#64;", "~", `\~`, "\n", " ",
)

// WriteJSON writes the plan for programs.
func WriteJSON(out io.Writer, p *Plan) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(p)
}
