package docs

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

var update = flag.Bool("update", false, "rewrite the generated files in docs")

// The packages that Sortition promises to keep compatible. What hostshims/js promises is in
// hostshims/js/types.
var promised = []string{
	"bundle", "bundle/event", "bundle/route", "bundle/store",
	"edge/host", "edge/reload", "edge/exposure", "edge/visit", "edge/cookie", "edge/variantkey",
	"hostshims/nethttp", "hostshims/caddy", "hostshims/httpwasm", "hostshims/httpwasm/config",
}

const (
	apiFile   = "reference/api.txt"
	apiHeader = `What the promised packages of Sortition export. A change of this file is a change for those who
embed Sortition: it needs a line in CHANGELOG.md. Made by: go test ./docs -run TestAPI -update
`
)

// TestAPI holds what the promised packages export to a file, so that no change of it goes
// unnoticed.
func TestAPI(t *testing.T) {
	api := &apiWriter{named: make(map[string][]string)}
	api.WriteString(apiHeader)
	for _, name := range promised {
		if err := api.write(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := api.writeNamed(); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(apiFile, api.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(apiFile)
	if err != nil {
		t.Fatal(err)
	}
	if changes := diff.Diff("docs/"+apiFile, want, "the code", api.Bytes()); changes != nil {
		t.Errorf("packages that Sortition promises to keep export something else now:\n%s\nIf that is "+
			"meant, run go test ./docs -run TestAPI -update, and say in CHANGELOG.md what changes for "+
			"programs that use it.", changes)
	}
}

const mayChange = "This package is internal to Sortition and may change without notice"

// TestPackageComments holds packages without a promise to saying so.
func TestPackageComments(t *testing.T) {
	imports, err := readImports("..")
	if err != nil {
		t.Fatal(err)
	}
	for name := range imports {
		pkg, err := packageDoc(name)
		if err != nil {
			t.Fatal(err)
		}
		said := strings.Contains(strings.Join(strings.Fields(pkg.Doc), " "), mayChange)
		switch {
		case pkg.Name == "main":
		case pkg.Doc == "":
			t.Errorf("%s has no package comment", name)
		case slices.Contains(promised, name) && said:
			t.Errorf("%s is promised in docs/api_test.go, but its comment says that it may change", name)
		case !slices.Contains(promised, name) && !said:
			t.Errorf("the comment of package %s has to say %q, because the package is not among those "+
				"that docs/api_test.go promises", name, mayChange)
		}
	}
}

func packageDoc(name string) (*doc.Package, error) {
	fset := token.NewFileSet()
	files, err := parsePackage(fset, name, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		return nil, err
	}
	return doc.NewFromFiles(fset, files, modulePath+"/"+name)
}

// An apiWriter writes the exported declarations of packages, without comments and bodies.
type apiWriter struct {
	bytes.Buffer
	// The types of packages without a promise that the declarations name, by package. They
	// are promised with what names them.
	named map[string][]string
}

// write writes a package, or only some of its types.
func (w *apiWriter) write(name string, only ...string) error {
	fset := token.NewFileSet()
	files, err := parsePackage(fset, name, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	imports := importNames(files) // Before doc takes the files apart.
	pkg, err := doc.NewFromFiles(fset, files, modulePath+"/"+name)
	if err != nil {
		return err
	}
	var paragraphs [][]ast.Node
	if len(only) == 0 {
		paragraphs = append(paragraphs, values(pkg.Consts), values(pkg.Vars), funcs(pkg.Funcs))
	}
	for _, t := range pkg.Types {
		if len(only) == 0 || slices.Contains(only, t.Name) {
			paragraphs = append(paragraphs, []ast.Node{t.Decl}, values(t.Consts), values(t.Vars), slices.Concat(funcs(t.Funcs), funcs(t.Methods)))
		}
	}
	fmt.Fprintf(w, "\n\npackage %s\n", pkg.ImportPath)
	for _, nodes := range paragraphs {
		if len(nodes) > 0 {
			w.WriteByte('\n')
		}
		for _, node := range nodes {
			w.note(node, name, imports)
			if err := w.print(fset, node); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeNamed writes the types that were named, and the types that these name.
func (w *apiWriter) writeNamed() error {
	w.WriteString("\n\nTypes of packages without a promise, which the packages above name:\n")
	for written := 0; written < w.countNamed(); {
		written = w.countNamed()
		probe := &apiWriter{named: w.named}
		for _, name := range slices.Sorted(maps.Keys(w.named)) {
			if err := probe.write(name, w.named[name]...); err != nil {
				return err
			}
		}
		if w.countNamed() == written {
			_, err := w.Write(probe.Bytes())
			return err
		}
	}
	return nil
}

func (w *apiWriter) countNamed() int {
	n := 0
	for _, names := range w.named {
		n += len(names)
	}
	return n
}

// print writes a declaration without the empty lines that its comments leave.
func (w *apiWriter) print(fset *token.FileSet, node ast.Node) error {
	var text bytes.Buffer
	if err := format.Node(&text, fset, node); err != nil {
		return err
	}
	dense, err := format.Source(emptyLines.ReplaceAll(text.Bytes(), []byte("\n")))
	if err != nil {
		return err
	}
	w.Write(dense)
	return w.WriteByte('\n')
}

var emptyLines = regexp.MustCompile(`\n\s*\n`)

// note adds the types to named that a declaration in the package takes from packages without
// a promise.
func (w *apiWriter) note(node ast.Node, pkg string, imports map[string]string) {
	add := func(pkg, name string) {
		if !slices.Contains(promised, pkg) && !slices.Contains(w.named[pkg], name) {
			w.named[pkg] = append(w.named[pkg], name)
		}
	}
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && imports[x.Name] != "" {
				add(imports[x.Name], n.Sel.Name)
			}
			return false
		case *ast.Ident:
			if w.named[pkg] != nil && n.IsExported() {
				add(pkg, n.Name)
			}
		}
		return true
	})
}

func parsePackage(fset *token.FileSet, name string, mode parser.Mode) ([]*ast.File, error) {
	paths, err := filepath.Glob(filepath.Join("..", name, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, mode)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there are no Go files in %s", name)
	}
	return files, nil
}

// importNames maps the names by which files call packages of this repository to their paths.
func importNames(files []*ast.File) map[string]string {
	names := make(map[string]string)
	for _, file := range files {
		for _, spec := range file.Imports {
			path, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), modulePath+"/")
			if !ours {
				continue
			}
			name := filepath.Base(path)
			if spec.Name != nil {
				name = spec.Name.Name
			}
			names[name] = path
		}
	}
	return names
}

func funcs(funcs []*doc.Func) []ast.Node {
	var nodes []ast.Node
	for _, f := range funcs {
		f.Decl.Body = nil
		nodes = append(nodes, f.Decl)
	}
	return nodes
}

func values(values []*doc.Value) []ast.Node {
	var nodes []ast.Node
	for _, v := range values {
		if v.Decl.Tok == token.VAR {
			hideValues(v.Decl)
		}
		nodes = append(nodes, v.Decl)
	}
	return nodes
}

// hideValues leaves the types of variables. Of an error that errors.New makes, the type is
// known; of others without a type, the value tells it.
func hideValues(decl *ast.GenDecl) {
	for _, spec := range decl.Specs {
		spec, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		if spec.Type == nil && len(spec.Values) == 1 && isErrorsNew(spec.Values[0]) {
			spec.Type = ast.NewIdent("error")
		}
		if spec.Type != nil {
			spec.Values = nil
		}
	}
}

func isErrorsNew(value ast.Expr) bool {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	fun, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := fun.X.(*ast.Ident)
	return ok && (pkg.Name == "errors" && fun.Sel.Name == "New" || pkg.Name == "fmt" && fun.Sel.Name == "Errorf")
}
