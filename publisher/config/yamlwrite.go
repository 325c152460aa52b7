package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// maxInline is the length of a line up to which a mapping or a list is written in brackets.
const maxInline = 98

// rankOf returns the place of a key in a document of a type.
func rankOf(t reflect.Type, key string) int {
	if t == nil || !isDocument(t) {
		return 0
	}
	fields := fieldsOf(t)
	if i := slices.IndexFunc(fields, func(f field) bool { return f.key == key }); i >= 0 {
		return i
	}
	return len(fields)
}

// entryLines writes an entry of a block: a key with its value, or an item if the key is empty.
func entryLines(margin, key string, value any) []string {
	lead := margin + "-"
	if key != "" {
		lead = margin + key + ":"
	}
	if text := inlineText(value); len([]rune(lead))+1+len([]rune(text)) <= maxInline && !spread(value) {
		return []string{lead + " " + text}
	}
	var inside []string
	below := margin + strings.Repeat(" ", indentStep)
	switch v := value.(type) {
	case Mapping:
		for _, m := range v {
			inside = append(inside, entryLines(below, scalarText(m.Key), m.Value)...)
		}
	case []any:
		for _, item := range v {
			inside = append(inside, entryLines(below, "", item)...)
		}
	}
	if len(inside) == 0 { // a scalar, or nothing inside
		return []string{lead + " " + inlineText(value)}
	}
	if key == "" {
		inside[0] = lead + inside[0][len(margin)+1:]
		return inside
	}
	return append([]string{lead}, inside...)
}

// spread reports whether a value is written over several lines although it would fit on one: a
// list of mappings or lists is.
func spread(value any) bool {
	items, ok := value.([]any)
	return ok && slices.ContainsFunc(items, func(item any) bool {
		switch item.(type) {
		case Mapping, []any:
			return true
		}
		return false
	})
}

// inlineText writes a value on one line.
func inlineText(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case number:
		return string(v)
	case asWritten:
		return string(v)
	case string:
		return scalarText(v)
	case []any:
		texts := make([]string, len(v))
		for i, item := range v {
			texts[i] = inlineText(item)
			if text, ok := item.(string); ok && strings.Contains(text, ":") { // the parser looks for keys in lists
				texts[i] = quoted(text)
			}
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case Mapping:
		texts := make([]string, len(v))
		for i, m := range v {
			texts[i] = scalarText(m.Key) + ": " + inlineText(m.Value)
		}
		return "{" + strings.Join(texts, ", ") + "}"
	}
	panic(fmt.Sprintf("config: %T is not a normal value", value))
}

// scalarText writes a string, in quotes unless it is read as itself without.
func scalarText(text string) string {
	if isPlain(text) {
		return text
	}
	return quoted(text)
}

// isPlain reports whether a string needs no quotes, in brackets or not.
func isPlain(text string) bool {
	if text == "" || text != strings.TrimSpace(text) || strings.ContainsAny(text, "\n\t\"'`\\{}[],#&*!|>?") ||
		strings.Contains(text, ": ") || strings.HasSuffix(text, ":") || strings.ContainsRune("-=<%@:.~", rune(text[0])) {
		return false
	}
	s, source, problem := newSource("", []byte("["+text+"]"))
	if problem != nil {
		return false
	}
	n, problem := s.parse(source)
	if problem != nil {
		return false
	}
	list, ok := n.(*ast.SequenceNode)
	if !ok || len(list.Values) != 1 {
		return false
	}
	scalar, ok := list.Values[0].(*ast.StringNode)
	return ok && scalar.Value == text
}

// quoted writes a string in double quotes.
func quoted(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
