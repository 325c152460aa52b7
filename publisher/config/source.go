package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of one YAML file. They are checked before parsing, because the parser recurses and its
// time grows with the square of its input.
const (
	MaxFileSize = 1 << 20 // bytes
	MaxTokens   = 60_000  // YAML tokens; about 20,000 keys
	MaxDepth    = 64      // levels of nesting, with aliases expanded
	MaxNodes    = 100_000 // values, with aliases expanded
)

// source is the text of a file. It is used to parse the file and to locate places inside its
// scalars.
type source struct {
	name  string // relative to the project, with slashes
	lines [][]rune
}

func (s *source) pos(line, column int) Pos {
	return Pos{File: s.name, Line: max(line, 1), Column: max(column, 1)}
}

// newSource splits a file into lines. It returns a problem if the file is not valid UTF-8.
func newSource(name string, data []byte) (*source, string, *Problem) {
	s := &source{name: name}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		line := 1 + bytes.Count(data[:validPrefix(data)], []byte("\n"))
		return nil, "", &Problem{s.pos(line, 1), "the line is not valid UTF-8", "save the file as UTF-8"}
	}
	text := string(data)
	for line := range strings.SplitSeq(text, "\n") {
		s.lines = append(s.lines, []rune(strings.TrimSuffix(line, "\r")))
	}
	return s, text, nil
}

func validPrefix(data []byte) int {
	n := 0
	for n < len(data) {
		r, size := utf8.DecodeRune(data[n:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	return n
}

// parse returns the one document of a file, or nil if the file is empty.
func (s *source) parse(text string) (ast.Node, *Problem) {
	tokens := lexer.Tokenize(text)
	if problem := s.checkTokens(tokens); problem != nil {
		return nil, problem
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, s.syntaxProblem(err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
		case doc.Body.Type() == ast.DirectiveType:
		case body != nil:
			return nil, &Problem{s.nodePos(doc.Body), "a file must contain only one YAML document", "remove the --- above, or move the document to its own file"}
		default:
			body = doc.Body
		}
	}
	return body, nil
}

// checkTokens checks the limits of what the parser reads.
func (s *source) checkTokens(tokens token.Tokens) *Problem {
	if len(tokens) > MaxTokens {
		at := tokens[MaxTokens].Position
		return &Problem{s.pos(at.Line, at.Column), fmt.Sprintf("the file has more than %d YAML tokens", MaxTokens),
			"move long lists of ids to segment files"}
	}
	var columns []int // of the open block collections
	flow, properties := 0, 0
	for i, t := range tokens {
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow = max(flow-1, 0)
		case token.TagType:
			return s.tagProblem(t)
		case token.AnchorType, token.AliasType:
			properties++
		case token.SequenceEntryType, token.MappingKeyType, token.MappingValueType:
			for len(columns) > 0 && columns[len(columns)-1] >= t.Position.Column {
				columns = columns[:len(columns)-1]
			}
			if flow == 0 {
				columns = append(columns, t.Position.Column)
			}
			properties = 0
		default:
			if i == 0 || tokens[i-1].Type != token.AnchorType { // an anchor's name
				properties = 0
			}
		}
		if flow+len(columns)+properties > MaxDepth {
			return &Problem{s.pos(t.Position.Line, t.Position.Column), fmt.Sprintf("the file is nested more than %d levels deep", MaxDepth), ""}
		}
	}
	return nil
}

// tagProblem reports a tag. The parser treats text after a tag in surprising ways, so no other
// problems of the file are reported.
func (s *source) tagProblem(t *token.Token) *Problem {
	hint := "put a value that begins with ! in quotes"
	if strings.HasPrefix(t.Value, "!!") {
		hint = "remove the tag"
	}
	return &Problem{s.pos(t.Position.Line, t.Position.Column), "YAML tags are not supported", hint}
}

// syntaxProblem reports an error of the YAML parser, with a hint at its usual cause.
func (s *source) syntaxProblem(err error) *Problem {
	var syntax *yaml.SyntaxError
	if !errors.As(err, &syntax) || syntax.Token == nil || syntax.Token.Position == nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return &Problem{s.pos(1, 1), "the YAML is not valid: " + first, ""}
	}
	at := syntax.Token.Position
	p := &Problem{s.pos(at.Line, at.Column), "the YAML is not valid: " + strings.ReplaceAll(syntax.Message, "\t", `\t`), ""}
	line := ""
	if at.Line >= 1 && at.Line <= len(s.lines) {
		line = string(s.lines[at.Line-1])
	}
	_, value, _ := strings.Cut(line, ": ")
	switch value = strings.TrimSpace(value); {
	case strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		p.Hint = "indent with spaces, not tabs"
	case strings.HasPrefix(value, `"`), strings.HasPrefix(value, `'`):
		p.Hint = "a value that begins with a quote ends at the next quote: put the whole value in quotes, or on its own line after |"
	case strings.Contains(syntax.Message, "mapping value is not allowed") && strings.Contains(value, ": "):
		p.Hint = `put a value that contains ": " in quotes`
	case strings.HasPrefix(value, "@"), strings.HasPrefix(value, "`"), strings.HasPrefix(value, "%"):
		p.Hint = "put the value in quotes"
	}
	return p
}

// nodePos returns the place where a node begins.
func (s *source) nodePos(n ast.Node) Pos {
	var t *token.Token
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return s.nodePos(n.Values[0])
		}
		t = n.Start
	case *ast.MappingValueNode:
		return s.nodePos(n.Key)
	default:
		t = n.GetToken()
	}
	if t == nil || t.Position == nil {
		return s.pos(1, 1)
	}
	return s.pos(t.Position.Line, t.Position.Column)
}
