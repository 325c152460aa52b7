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

// Limits of one YAML file. They are checked before the parser, which recurses and whose
// time grows with the square of what it reads.
const (
	MaxFileSize = 1 << 20 // bytes
	MaxTokens   = 60_000  // words and signs; some 20,000 keys
	MaxDepth    = 64      // levels of nesting, aliases followed
	MaxNodes    = 100_000 // values, aliases followed
)

// source is a file as text, for parsing and for places inside its scalars.
type source struct {
	name  string // relative to the project, with slashes
	lines [][]rune
}

func (s *source) pos(line, column int) Pos {
	return Pos{File: s.name, Line: max(line, 1), Column: max(column, 1)}
}

// newSource splits a file into lines. It refuses what is not text.
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

// parse gives the one document of a file; it is nil for an empty one.
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
			return nil, &Problem{s.nodePos(doc.Body), "a file holds one YAML document", "remove the --- before this, or move it to a file of its own"}
		default:
			body = doc.Body
		}
	}
	return body, nil
}

// checkTokens bounds what the parser is given.
func (s *source) checkTokens(tokens token.Tokens) *Problem {
	if len(tokens) > MaxTokens {
		at := tokens[MaxTokens].Position
		return &Problem{s.pos(at.Line, at.Column), fmt.Sprintf("the file has more than %d words and signs", MaxTokens),
			"move long lists of ids to segment files"}
	}
	var columns []int // of the block collections that are open
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

// tagProblem refuses a tag. What follows one is parsed in ways that surprise, so nothing
// else is said of the file.
func (s *source) tagProblem(t *token.Token) *Problem {
	hint := "put a value that begins with ! in quotes"
	if strings.HasPrefix(t.Value, "!!") {
		hint = "remove the tag"
	}
	return &Problem{s.pos(t.Position.Line, t.Position.Column), "YAML tags are not supported", hint}
}

// syntaxProblem says what the YAML parser says, and what usually causes it.
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
		p.Hint = "a value that begins with a quote ends at the next one: put the whole value in quotes, or after | on a line of its own"
	case strings.Contains(syntax.Message, "mapping value is not allowed") && strings.Contains(value, ": "):
		p.Hint = `put a value that contains ": " in quotes`
	case strings.HasPrefix(value, "@"), strings.HasPrefix(value, "`"), strings.HasPrefix(value, "%"):
		p.Hint = "put the value in quotes"
	}
	return p
}

// nodePos is where a node begins.
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
