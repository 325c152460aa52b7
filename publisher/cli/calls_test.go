package cli

import (
	"go/ast"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const modulePath = "github.com/sortition-dev/sortition/"

// What the command line is made of: the use cases, and what the use cases get as values.
var calledPackages = []string{"publisher/control", "publisher/analysis/engines", "publisher/signer"}

// What else it calls: parsers of flags, and printers of results and errors.
var calledFuncs = []string{
	"(*bundle.Hash).UnmarshalText",
	"(*publisher/plan.Plan).Stopped",
	"(publisher/config.Percent).Slots",
	"bundle/buildinfo.Read",
	"publisher/analysis.WriteJSON",
	"publisher/analysis.WriteText",
	"publisher/audit.ParseHead",
	"publisher/closest.Hint",
	"publisher/config.InDir",
	"publisher/config.ParsePercent",
	"publisher/explain.WriteJSON",
	"publisher/explain.WriteText",
	"publisher/plan.WriteJSON",
	"publisher/plan.WriteMarkdown",
	"publisher/plan.WriteText",
	"publisher/simulate.WriteText",
}

// TestCallsUseCases holds this package to flags and printing: whatever else a command does is
// a use case, and belongs in package control, where other faces of the publisher find it too.
func TestCallsUseCases(t *testing.T) {
	calls := foreignCalls(t)
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		if !slices.Contains(calledFuncs, name) {
			t.Errorf("%s: %s is called here: move the use case to publisher/control, or, if it parses a "+
				"flag or prints a result, name it in calledFuncs", strings.Join(calls[name], ", "), name)
		}
	}
	for _, name := range calledFuncs {
		if calls[name] == nil {
			t.Errorf("%s is not called any more: strike it from calledFuncs", name)
		}
	}
}

// foreignCalls returns where this package names functions and methods of other packages of
// the module, aside from those in calledPackages and from String and Error.
func foreignCalls(t *testing.T) map[string][]string {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedSyntax |
			packages.NeedTypes | packages.NeedTypesInfo | packages.NeedExportFile,
	}, ".")
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(loaded) > 0 || len(loaded) != 1 {
		t.Fatalf("loaded %d packages, want 1 without errors", len(loaded))
	}
	pkg := loaded[0]
	calls := make(map[string][]string)
	for id, object := range pkg.TypesInfo.Uses {
		f, ok := object.(*types.Func)
		if !ok || f.Pkg() == nil || f.Pkg() == pkg.Types || f.Name() == "String" || f.Name() == "Error" {
			continue
		}
		path, ours := strings.CutPrefix(f.Pkg().Path(), modulePath)
		if !ours || slices.Contains(calledPackages, path) {
			continue
		}
		name := strings.ReplaceAll(f.FullName(), modulePath, "")
		calls[name] = append(calls[name], place(pkg, id))
	}
	for _, places := range calls {
		slices.Sort(places)
	}
	return calls
}

func place(pkg *packages.Package, node ast.Node) string {
	position := pkg.Fset.Position(node.Pos())
	position.Filename = filepath.Base(position.Filename)
	return position.String()
}
