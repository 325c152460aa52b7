package config

import (
	"strconv"
	"strings"
)

// locate returns the place in the file of the character at an offset of a scalar's value. The
// scalar begins at start. If the text cannot be followed exactly (a folded scalar with indented
// lines, an escaped line break), locate returns start.
func (s *source) locate(start Pos, value string, offset int) Pos {
	c := s.cursor(start)
	if c == nil {
		return start
	}
	for i, want := range []rune(value) {
		if i == offset {
			break
		}
		if !c.take(want) {
			return start
		}
	}
	c.skip()
	return s.pos(c.line+1, c.column+1)
}

// cursor walks over the text of a scalar in the file, one character of its value at a time.
type cursor struct {
	lines        [][]rune
	line, column int  // from 0
	style        rune // | > " ' or 0 for a plain scalar
	indent       int  // of a block scalar
	blank        bool // the last line break was a blank line
}

// cursor returns a cursor before the first character of the value, or nil if it cannot find it.
func (s *source) cursor(start Pos) *cursor {
	c := &cursor{lines: s.lines, line: start.Line - 1, column: start.Column - 1}
	if c.line < 0 || c.line >= len(s.lines) || c.column < 0 || c.column >= len(s.lines[c.line]) {
		return nil
	}
	switch first := s.lines[c.line][c.column]; first {
	case '"', '\'':
		c.style = first
		c.column++
	case '|', '>':
		c.style = first
		header, _, _ := strings.Cut(string(s.lines[c.line][c.column:]), "#")
		if strings.ContainsAny(header, "123456789") {
			return nil
		}
		c.indent = blockIndent(s.lines[c.line+1:])
		c.column = len(s.lines[c.line])
		return c.firstLine()
	}
	return c
}

// firstLine moves to the first line of a block scalar.
func (c *cursor) firstLine() *cursor {
	if !c.nextLine() {
		return nil
	}
	return c
}

// blockIndent returns the indentation of the first line that is not blank.
func blockIndent(lines [][]rune) int {
	for _, line := range lines {
		if indent, blank := indentation(line); !blank {
			return indent
		}
	}
	return 0
}

func indentation(line []rune) (columns int, blank bool) {
	for columns < len(line) && line[columns] == ' ' {
		columns++
	}
	return columns, columns == len(line)
}

func (c *cursor) rest() []rune {
	if c.line >= len(c.lines) {
		return nil
	}
	return c.lines[c.line][c.column:]
}

// atBreak reports whether the line has no more characters of the value.
func (c *cursor) atBreak() bool {
	if c.style == '|' || c.style == '>' {
		return len(c.rest()) == 0
	}
	return strings.TrimSpace(string(c.rest())) == ""
}

// nextLine moves to the first character of the value on the next line.
func (c *cursor) nextLine() bool {
	c.line++
	c.column = 0
	if c.line >= len(c.lines) {
		return false
	}
	indent, blank := indentation(c.lines[c.line])
	if c.style == '|' || c.style == '>' {
		indent = min(indent, c.indent)
	}
	c.column = indent
	c.blank = blank
	return true
}

// take moves past one character of the value. It reports false if the file has another
// character there.
func (c *cursor) take(want rune) bool {
	c.skipContinuation()
	if c.line >= len(c.lines) {
		return false
	}
	if c.atBreak() {
		return c.takeBreak(want)
	}
	rest := c.rest()
	switch {
	case c.style == '\'' && want == '\'':
		if len(rest) < 2 || rest[0] != '\'' || rest[1] != '\'' {
			return false
		}
		c.column += 2
		return true
	case c.style == '"' && rest[0] == '\\':
		got, length := unescape(rest)
		c.column += length
		return got == want
	}
	c.column++
	return rest[0] == want
}

// takeBreak moves past a line break. A literal scalar keeps it. Other scalars fold it: one
// break is a space, and each blank line after it is a break.
func (c *cursor) takeBreak(want rune) bool {
	switch {
	case c.style == '|':
		return want == '\n' && c.nextLine()
	case want == ' ':
		return c.nextLine() && !c.blank
	case want != '\n':
		return false
	case !c.blank:
		return c.nextLine() && c.blank && c.nextLine()
	default:
		return c.nextLine()
	}
}

// skip moves to the place of the next character, past line breaks that are not in the value.
func (c *cursor) skip() {
	c.skipContinuation()
	if c.style == '>' && c.line < len(c.lines) && c.blank && c.atBreak() {
		c.nextLine()
	}
}

// skipContinuation skips a line break after a backslash.
func (c *cursor) skipContinuation() {
	if c.style == '"' && string(c.rest()) == `\` {
		c.nextLine()
	}
}

var simpleEscapes = map[rune]rune{
	'"': '"', '\\': '\\', '/': '/', 'n': '\n', 't': '\t', 'r': '\r', '0': 0, ' ': ' ', 'e': '\x1b', 'b': '\b',
}

// unescape reads one escape sequence of a double-quoted scalar and returns its length in the
// file.
func unescape(rest []rune) (got rune, length int) {
	if len(rest) < 2 {
		return -1, 1
	}
	if r, ok := simpleEscapes[rest[1]]; ok {
		return r, 2
	}
	digits := map[rune]int{'x': 2, 'u': 4, 'U': 8}[rest[1]]
	if digits == 0 || len(rest) < 2+digits {
		return -1, 1
	}
	code, err := strconv.ParseUint(string(rest[2:2+digits]), 16, 32)
	if err != nil {
		return -1, 1
	}
	return rune(code), 2 + digits
}
