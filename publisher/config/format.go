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

// Format formats a file of a project, as publisher fmt does:
//
//   - Keys are in the order in which the document types declare them, and unknown keys come
//     last. Keys that the author chooses, such as those of attributes, keep their order.
//   - Indentation is two spaces, also before the dashes of a list.
//   - There is one space after a colon, a comma and a dash, and before a comment. There is
//     none inside brackets that are closed on the same line.
//   - There are no spaces at the end of a line and no two empty lines in a row. The file ends
//     with one newline.
//
// Format does not change the choice between blocks and brackets, quotes, or the line breaks of
// long values. A comment stays with the entry below it. If it directly follows an entry and an
// empty line comes next, it stays with the entry above. A comment at the top of the file stays
// there. In a file with anchors no key is moved, because an anchor must come before its aliases.
//
// Name is the path of the file relative to the project; it determines the type of the
// document. Format changes neither values nor comments. It returns problems if the file is not
// valid YAML or cannot be formatted without such a change.
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
		return nil, Problems{{Pos{File: name}, "cannot be formatted without changing its content",
			"write long texts after >- or |-, and one key per line"}}
	}
	return out, nil
}

// Formattable reports whether [Format] accepts the file with this path, which is relative to
// the project.
func Formattable(name string) bool { return documentType(name) != nil }

// documentType returns the type of the document in a file with this name, or nil if there is
// none.
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

// contentOf returns the content of a file without its layout: its values, with the keys of each
// mapping sorted, and its comments, sorted.
func contentOf(name string, data []byte) (string, []string, Problems) {
	s, text, problem := newSource(name, data)
	if problem != nil {
		return "", nil, Problems{*problem}
	}
	root, problem := s.parse(text + "\n") // so that the last line ends like the others
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
