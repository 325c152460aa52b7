package audience

import (
	"fmt"
	"strings"
	"unicode"

	"cel.dev/cel-go/common"
)

// syntaxMistake rewords the parser's first error.
func syntaxMistake(text []rune, err *common.Error) *Mistake {
	at := offsetOf(text, err.Location.Line(), err.Location.Column())
	if end := len([]rune(strings.TrimRightFunc(string(text), unicode.IsSpace))); at > end {
		at, text = end, text[:end]
	}
	m := &Mistake{Offset: at}
	word := tokenAt(text, at)
	if word == ">" && at > 0 && text[at-1] == '<' {
		m.Offset, word = at-1, "<>"
	}
	previous, previousAt := lastWord(text[:at])

	switch report := strings.TrimPrefix(err.Message, "Syntax error: "); {
	case strings.Contains(report, "recursion"):
		m.Message = "the expression is nested too deeply"
		m.Hint = "name parts of it under audiences"
	case strings.HasPrefix(report, "missing ')'"):
		m.Message = `a ")" is missing`
	case strings.HasPrefix(report, "missing ']'"):
		m.Message = `a "]" is missing`
	case foreign[word] != "":
		m.Message = fmt.Sprintf("%q is not an operator", word)
		m.Hint = "write " + foreign[word]
	case strings.EqualFold(previous, "not"):
		m.Offset = previousAt
		m.Message = `"not" is not an operator`
		m.Hint = "write !"
	case at >= len(text):
		m.Message = "the expression ends too early"
	case strings.HasPrefix(report, "token recognition error") && (word == `"` || word == `'`):
		m.Message = "the string is not closed, or contains an unknown escape"
		m.Hint = `close it with ` + word + `, and write a backslash as \\`
	case word == ")" || word == "]":
		m.Message = fmt.Sprintf("%q has no opening bracket", word)
	case strings.HasPrefix(report, "token recognition error"), strings.Contains(report, "input"):
		m.Message = fmt.Sprintf("unexpected %q", word)
	default:
		m.Message = report
	}
	return m
}

// foreign maps the operators of other languages to those of CEL.
var foreign = map[string]string{
	"and": "&&", "AND": "&&", "And": "&&", "&": "&&",
	"or": "||", "OR": "||", "Or": "||", "|": "||",
	"=": "==", "is": "==", "IN": "in", "In": "in", "<>": "!=",
}

// offsetOf converts a line, from 1, and a column, from 0, to an offset.
func offsetOf(text []rune, line, column int) int {
	at := 0
	for ; line > 1 && at < len(text); at++ {
		if text[at] == '\n' {
			line--
		}
	}
	return min(at+max(column, 0), len(text))
}

// tokenAt returns the word that begins at the offset, or the single character there.
func tokenAt(text []rune, at int) string {
	if at >= len(text) {
		return ""
	}
	end := at
	for end < len(text) && isWordRune(text[end]) {
		end++
	}
	return string(text[at:max(end, at+1)])
}

// lastWord returns the last word of text and its offset, ignoring spaces at the end.
func lastWord(text []rune) (word string, at int) {
	end := len(text)
	for end > 0 && unicode.IsSpace(text[end-1]) {
		end--
	}
	at = end
	for at > 0 && isWordRune(text[at-1]) {
		at--
	}
	return string(text[at:end]), at
}
