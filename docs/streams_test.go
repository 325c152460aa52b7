package docs

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestStreams holds all packages but programs to leaving the process alone: its arguments,
// its streams and its exit status. They take writers and readers as values. The packages of
// bench are parts of one program.
func TestStreams(t *testing.T) {
	process := []string{"Args", "Exit", "Stdin", "Stdout", "Stderr"}
	err := walkGo("..", func(path string) error {
		if strings.HasPrefix(filepath.ToSlash(path), "../bench/") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil || file.Name.Name == "main" {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := selector.X.(*ast.Ident)
			if ok && pkg.Name == "os" && slices.Contains(process, selector.Sel.Name) {
				t.Errorf("%s: os.%s is for programs: take it as a value", fset.Position(selector.Pos()), selector.Sel.Name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// walkGo calls do for the Go files of all modules below root: those of programs and packages
// for any system, not those of tests.
func walkGo(root string, do func(path string) error) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path != root && (strings.ContainsAny(name[:1], "._") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		return do(path)
	})
}
