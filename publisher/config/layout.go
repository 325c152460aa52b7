package config

import (
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// indentStep is the number of spaces by which a nested block is indented.
const indentStep = 2

// layout formats a file from its nodes and its lines. Lines count from 0. A range of lines does
// not include its end.
type layout struct {
	lines    [][]rune
	comments map[int]int // by line: the column, from 0, where its comment begins
	fixed    bool        // whether the order of keys must not change
}

func newLayout(s *source, text string) *layout {
	l := &layout{comments: map[int]int{}}
	for _, line := range s.lines {
		l.lines = append(l.lines, slices.Clone(line))
	}
	for n := len(l.lines); n > 0 && l.empty(n-1); n-- {
		l.lines = l.lines[:n-1]
	}
	for _, t := range lexer.Tokenize(text) {
		switch t.Type {
		case token.CommentType:
			if line := t.Position.Line - 1; line < len(l.lines) {
				if column := commentColumn(l.lines[line], t); column >= 0 {
					l.comments[line] = column
				}
			}
		case token.AnchorType:
			l.fixed = true
		}
	}
	return l
}

// commentColumn returns the column where the comment of a line begins. The comment extends to
// the end of the line.
func commentColumn(line []rune, t *token.Token) int {
	text := strings.TrimRight(string(line), " \t")
	at := len(text) - len("#"+strings.TrimRight(t.Value, " \t\r"))
	if at < 0 || text[at] != '#' {
		return -1
	}
	return len([]rune(text[:at]))
}

// file formats the whole file.
func (l *layout) file(root ast.Node, t reflect.Type) []byte {
	var out []string
	if block(root) {
		top := l.top(firstLine(root))
		out = append(l.trivia(0, top, 0), l.block(root, t, top, len(l.lines), 0)...)
	} else {
		out = l.verbatim(0, len(l.lines), 0)
	}
	out = tidy(out)
	return []byte(strings.Join(out, "\n") + "\n")
}

// top returns the end of the comments about the file. They are the comments before the last
// empty line above the first key, and the line that names the schema.
func (l *layout) top(first int) int {
	for line := first; line > 0; line-- {
		if l.empty(line-1) || !l.onlyComment(line-1) || strings.Contains(string(l.lines[line-1]), "yaml-language-server:") {
			return line
		}
	}
	return 0
}

// block reports whether a node is a mapping or list without brackets.
func block(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.MappingNode:
		return !n.IsFlowStyle && len(n.Values) > 0
	case *ast.MappingValueNode:
		return !n.IsFlowStyle
	case *ast.SequenceNode:
		return !n.IsFlowStyle && len(n.Values) > 0
	}
	return false
}

// part is an entry of a block: a key with its value, or an item of a list.
type part struct {
	key   string   // as it is written; empty for an item
	value ast.Node // nil if there is none
	kind  reflect.Type
	rank  int // place in the order of keys

	line, column int      // of the key or the dash
	end          int      // the line after its last one
	head, foot   []string // the comments above and below that belong to it
}

// block formats a block in the lines from from to to, with the given indentation.
func (l *layout) block(n ast.Node, t reflect.Type, from, to, indent int) []string {
	parts := partsOf(n, t)
	next := to
	for i := len(parts) - 1; i >= 0; i-- {
		l.divide(&parts[i], next, indent)
		if i+1 < len(parts) {
			parts[i+1].head = l.trivia(parts[i].end+len(parts[i].foot), next, indent)
		}
		next = parts[i].line
	}
	last := &parts[len(parts)-1]
	last.foot = append(last.foot, l.trivia(last.end+len(last.foot), to, indent)...)
	parts[0].head = l.trivia(from, parts[0].line, indent)
	if !l.fixed {
		slices.SortStableFunc(parts, func(a, b part) int { return a.rank - b.rank })
	}
	var out []string
	for i := range parts {
		p := &parts[i]
		if i > 0 && len(parts[i-1].foot) > 0 && (len(p.head) == 0 || p.head[0] != "") {
			out = append(out, "")
		}
		out = append(out, p.head...)
		out = append(out, l.part(p, indent)...)
		out = append(out, p.foot...)
	}
	return tidy(out)
}

// divide finds the end of a part, and the comment directly below that belongs to it. The next
// part begins at line next.
func (l *layout) divide(p *part, next, indent int) {
	p.end = next
	for p.end > p.line+1 && (l.empty(p.end-1) || l.onlyComment(p.end-1)) {
		p.end--
	}
	for line := next - 1; line >= p.end; line-- {
		if l.onlyComment(line) && l.comments[line] > p.column { // inside the part
			p.end = line + 1
			break
		}
	}
	after := p.end
	for after < next && l.onlyComment(after) {
		after++
	}
	if after < next { // an empty line
		p.foot = l.trivia(p.end, after, indent)
	}
}

// part formats one part.
func (l *layout) part(p *part, indent int) []string {
	value := p.value
	if anchor, ok := value.(*ast.AnchorNode); ok {
		value = anchor.Value
	}
	margin := strings.Repeat(" ", indent)
	start, lead := p.column+1, "-" // where the value may begin
	if p.key != "" {
		start, lead = p.column+len([]rune(p.key))+1, p.key+":"
	}
	switch {
	case block(value) && firstLine(value) > p.line:
		first := join(margin+lead, l.rest(p.line, start), l.comment(p.line))
		return append([]string{first}, l.block(value, p.kind, p.line+1, p.end, indent+indentStep)...)
	case block(value):
		l.lines[p.line][p.column] = ' ' // the dash
		inside := l.block(value, p.kind, p.line, p.end, indent+indentStep)
		first := slices.IndexFunc(inside, func(line string) bool { return !strings.HasPrefix(strings.TrimLeft(line, " "), "#") })
		for i := range first { // comments above the first key go above the dash
			inside[i] = margin + strings.TrimLeft(inside[i], " ")
		}
		inside[first] = margin + "- " + strings.TrimLeft(inside[first], " ")
		return inside
	case l.single(p):
		first := join(margin+lead, inline(p.value, p.kind, l.fixed), l.comment(p.line))
		return append([]string{first}, l.trivia(p.line+1, p.end, indent+indentStep)...)
	}
	first := join(margin+lead, l.rest(p.line, start), l.comment(p.line))
	return append([]string{first}, l.verbatim(p.line+1, p.end, indent-p.column)...)
}

// single reports whether a part's value is on its first line.
func (l *layout) single(p *part) bool {
	for line := p.line + 1; line < p.end; line++ {
		if !l.empty(line) && !l.onlyComment(line) {
			return false
		}
	}
	return true
}

// rest returns the text of a line from a column on, without the comment.
func (l *layout) rest(line, from int) string {
	text := l.lines[line]
	end := len(text)
	if column, ok := l.comments[line]; ok {
		end = column
	}
	return strings.TrimSpace(string(text[min(from, end):end]))
}

// comment returns the comment of a line.
func (l *layout) comment(line int) string {
	column, ok := l.comments[line]
	if !ok {
		return ""
	}
	return strings.TrimRight(string(l.lines[line][column:]), " \t")
}

func (l *layout) empty(line int) bool {
	return strings.TrimSpace(string(l.lines[line])) == ""
}

func (l *layout) onlyComment(line int) bool {
	column, ok := l.comments[line]
	return ok && strings.TrimSpace(string(l.lines[line][:column])) == ""
}

// trivia formats comments and empty lines. Several empty lines in a row become one.
func (l *layout) trivia(from, to, indent int) []string {
	var out []string
	for line := from; line < to; line++ {
		switch {
		case l.onlyComment(line):
			out = append(out, strings.Repeat(" ", indent)+l.comment(line))
		case !l.empty(line):
			out = append(out, strings.TrimSpace(string(l.lines[line])))
		case len(out) == 0 || out[len(out)-1] != "":
			out = append(out, "")
		}
	}
	return out
}

// verbatim returns lines unchanged except that it indents them by some more spaces.
func (l *layout) verbatim(from, to, by int) []string {
	out := make([]string, 0, to-from)
	for line := from; line < to; line++ {
		text := string(l.lines[line])
		switch {
		case l.empty(line):
			text = ""
		case by >= 0:
			text = strings.Repeat(" ", by) + text
		default:
			text = text[min(-by, len(text)-len(strings.TrimLeft(text, " "))):]
		}
		out = append(out, text)
	}
	return out
}

// join joins the words that are not empty with one space.
func join(words ...string) string {
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	return strings.Join(words, " ")
}

// tidy removes empty lines at both ends.
func tidy(lines []string) []string {
	for len(lines) > 0 && lines[0] == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
