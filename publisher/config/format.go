package config

import (
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// Format lays out a file of a project in the one way that publisher fmt knows:
//
//   - keys in the order in which their documents declare them, unknown ones last; keys
//     that the author chooses, such as those of attributes, stay as they are
//   - two spaces of indentation, also before the dashes of a list
//   - one space after a colon, a comma, a dash and before a comment, and none inside
//     brackets that are closed in their line
//   - no spaces at the end of a line, at most one empty line at a time, one newline at
//     the end
//
// Blocks and brackets, quotes, and the lines of long values stay as the author chose
// them. A comment stays with what it is about: the entry below it or, if it follows an
// entry immediately and an empty line comes next, that above. A comment at the top of
// the file stays there. Where a file has anchors no key is moved, since what an alias
// names must come first.
//
// Name is relative to the project, and says which document the file is. Format changes
// neither a value nor a comment; a file that it cannot lay out without that, and one
// that is not YAML, is a problem.
func Format(name string, data []byte) ([]byte, Problems) {
	before, comments, problems := contentOf(name, data)
	if problems != nil {
		return nil, problems
	}
	s, text, problem := newSource(name, data)
	if problem != nil {
		return nil, Problems{*problem}
	}
	root, problem := s.parse(text)
	if problem != nil {
		return nil, Problems{*problem}
	}
	out := newLayout(s, text).file(root, documentType(name))
	after, kept, problems := contentOf(name, out)
	if problems != nil || after != before || !slices.Equal(comments, kept) {
		return nil, Problems{{Pos{File: name}, "cannot be laid out without changing what it says",
			"write long texts after >- or |-, and one key a line"}}
	}
	return out, nil
}

// Formattable reports whether a path, relative to a project, is that of a file which
// Format knows.
func Formattable(name string) bool { return documentType(name) != nil }

// documentType is the document that a file holds, by its name; nil for none.
func documentType(name string) reflect.Type {
	if name == ProjectFile {
		return reflect.TypeFor[Sortition]()
	}
	folder, file, _ := strings.Cut(filepath.ToSlash(name), "/")
	switch {
	case filepath.Ext(file) != ".yaml" || strings.HasPrefix(file, ".") || strings.Contains(file, "/"):
		return nil
	case folder == ExperimentsDir:
		return reflect.TypeFor[ExperimentFile]()
	case folder == FlagsDir:
		return reflect.TypeFor[FlagFile]()
	}
	return nil
}

// contentOf is what a file says, whatever its layout: its values, with the keys of each
// mapping and all comments in alphabetical order.
func contentOf(name string, data []byte) (string, []string, Problems) {
	s, text, problem := newSource(name, data)
	if problem != nil {
		return "", nil, Problems{*problem}
	}
	root, problem := s.parse(text + "\n") // the last line ends as all do
	if problem != nil {
		return "", nil, Problems{*problem}
	}
	var comments []string
	for _, t := range lexer.Tokenize(text) {
		if t.Type == token.CommentType {
			comments = append(comments, strings.TrimSpace(t.Value))
		}
	}
	slices.Sort(comments)
	return valueOf(root), comments, nil
}

func valueOf(n ast.Node) string {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return "null"
	case *ast.MappingNode, *ast.MappingValueNode:
		var pairs []string
		for _, pair := range pairsOf(n) {
			pairs = append(pairs, valueOf(pair.Key)+": "+valueOf(pair.Value))
		}
		slices.Sort(pairs)
		return "{" + strings.Join(pairs, ", ") + "}"
	case *ast.SequenceNode:
		items := make([]string, len(n.Values))
		for i, value := range n.Values {
			items[i] = valueOf(value)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case *ast.AnchorNode:
		return "&" + written(n.Name) + " " + valueOf(n.Value)
	case *ast.AliasNode:
		return "*" + written(n.Value)
	}
	if text, ok := stringOf(n); ok {
		return strconv.Quote(text)
	}
	return written(n)
}
