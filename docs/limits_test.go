package docs

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/go/packages"
)

const module = "github.com/sortition-dev/sortition/"

// limit is how the name of a constant begins that bounds something, or that holds if nothing
// else is said.
var limit = regexp.MustCompile(`^(Max|Min|Default)[A-Z]`)

// limitTables list the limits and defaults of every package, with what their comments say.
func limitTables(t *testing.T) string {
	loaded, err := packages.Load(&packages.Config{
		Dir:  repository,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports,
	}, "./bundle/...", "./edge/...", "./publisher/...", "./wasm/...")
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]string{}
	for _, p := range loaded {
		var rows strings.Builder
		for _, file := range p.Syntax {
			for _, d := range file.Decls {
				if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.CONST {
					rows.WriteString(limitRows(p, d))
				}
			}
		}
		if path := strings.TrimPrefix(p.PkgPath, module); rows.Len() > 0 {
			tables[path] = fmt.Sprintf("## [%s](../../%s)\n\n| limit | value | |\n| --- | --- | --- |\n%s\n", path, path, rows.String())
		}
	}
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(tables)) {
		b.WriteString(tables[path])
	}
	return b.String()
}

// limitRows has a row for each limit of a declaration of constants.
func limitRows(p *packages.Package, d *ast.GenDecl) string {
	var b strings.Builder
	for _, s := range d.Specs {
		s := s.(*ast.ValueSpec)
		for _, name := range s.Names {
			c, ok := p.TypesInfo.Defs[name].(*types.Const)
			if !ok || !limit.MatchString(name.Name) || c.Val().Kind() != constant.Int && c.Val().Kind() != constant.Float && c.Val().Kind() != constant.String {
				continue
			}
			comment := s.Doc.Text() + " " + s.Comment.Text()
			if strings.TrimSpace(comment) == "" && len(d.Specs) == 1 {
				comment = d.Doc.Text()
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name.Name, value(c), cell(comment))
		}
	}
	return b.String()
}

// value writes a constant as people read it.
func value(c *types.Const) string {
	n, exact := constant.Int64Val(constant.ToInt(c.Val()))
	switch {
	case c.Val().Kind() == constant.String:
		return "`" + constant.StringVal(c.Val()) + "`"
	case !exact || c.Val().Kind() == constant.Float:
		return c.Val().String()
	case c.Type().String() == "time.Duration":
		return period(time.Duration(n))
	}
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// period writes a time in the largest unit that gives a whole number.
func period(d time.Duration) string {
	for _, u := range []struct {
		name string
		time.Duration
	}{{"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}} {
		if d >= u.Duration && d%u.Duration == 0 {
			return fmt.Sprintf("%d %s", d/u.Duration, u.name)
		}
	}
	return d.String()
}
