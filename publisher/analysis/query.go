package analysis

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"text/template"
)

// Files are the globs of the event files that a query reads.
type Files struct{ Exposures, Outcomes string }

// MaxAmount bounds what one outcome may add to a mean. A number beyond it is an error
// of the sender and is left out, as one that is not a number is; both are counted.
const MaxAmount = 1e12

//go:embed results.sql
var resultsSQL string

//go:embed completeness.sql
var completenessSQL string

var (
	resultsTemplate      = parseSQL("results", resultsSQL)
	completenessTemplate = parseSQL("completeness", completenessSQL)
)

func parseSQL(name, text string) *template.Template {
	return template.Must(template.New(name).Funcs(template.FuncMap{
		"literal": literal,
		"quote":   strconv.Quote,
		"pointer": pointer,
		"row":     func(i int) int { return i + 1 },
		"comma": func(i, n int) string {
			if i+1 < n {
				return ","
			}
			return ""
		},
	}).Parse(text))
}

// SQL is the query that Analyze runs for x: one statement in DuckDB's dialect, without
// parameters. It gives one row for each variant and metric, the data's counts repeated
// on each. x must be valid.
func SQL(files Files, x *Experiment) string {
	return render(resultsTemplate, map[string]any{
		"Files":     files,
		"X":         x,
		"Metrics":   x.metrics(),
		"MaxAmount": strconv.FormatFloat(MaxAmount, 'f', -1, 64),
	})
}

// CompletenessSQL is the query that counts, over all experiments, the exposures that
// hosts numbered and those that arrived.
func CompletenessSQL(files Files) string {
	return render(completenessTemplate, map[string]any{"Files": files})
}

func render(t *template.Template, data any) string {
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		panic(fmt.Sprintf("the embedded query %s does not render: %v", t.Name(), err))
	}
	return b.String()
}

// literal is s as an SQL string.
func literal(s string) string {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// pointer is the JSON pointer (RFC 6901) of a top-level property as an SQL string, and
// NULL for none.
func pointer(property string) string {
	if property == "" {
		return "NULL"
	}
	return literal("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(property))
}
