package query

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis"
)

// Dialect says how a database writes what the statements need and standard SQL does not
// settle. Its functions take and return SQL expressions, unless they say otherwise.
type Dialect struct {
	Name string // of the database, for comments in the statements

	// Exposures and Outcomes are what a statement selects the events FROM. The columns
	// are those of the event files.
	Exposures, Outcomes string

	// Literal writes the text s as a string literal.
	Literal func(s string) string

	// Millis is a timestamp as milliseconds since 1970-01-01 UTC.
	Millis func(timestamp string) string

	// Path writes the name of a top-level property, which is any text, as a string literal
	// that Number takes.
	Path func(property string) string

	// Number is the property at a path of a JSON document, as a double. It is NULL if the
	// document is not JSON, or has no number there, or the path is NULL.
	Number func(document, path string) string
}

//go:embed results.sql
var resultsSQL string

//go:embed completeness.sql
var completenessSQL string

//go:embed baseline.sql
var baselineSQL string

//go:embed exposed.sql
var exposedSQL string

// statements renders the statements in one dialect.
type statements struct {
	dialect                                      Dialect
	resultsT, completenessT, baselineT, exposedT *template.Template
}

func newStatements(d Dialect) *statements {
	functions := template.FuncMap{
		"literal": d.Literal,
		"millis":  d.Millis,
		"number":  d.Number,
		"path": func(property string) string {
			if property == "" {
				return "NULL"
			}
			return d.Path(property)
		},
		"quote": strconv.Quote,
		"row":   func(i int) int { return i + 1 },
		"comma": func(i, n int) string {
			if i+1 < n {
				return ","
			}
			return ""
		},
	}
	parse := func(name, text string) *template.Template {
		return template.Must(template.New(name).Funcs(functions).Parse(text))
	}
	return &statements{
		dialect:       d,
		resultsT:      parse("results", resultsSQL),
		completenessT: parse("completeness", completenessSQL),
		baselineT:     parse("baseline", baselineSQL),
		exposedT:      parse("exposed", exposedSQL),
	}
}

// results selects one row for each variant and metric, in the order of the experiment.
// What is counted for the experiment as a whole is repeated on each row.
func (s *statements) results(x *analysis.Experiment) string {
	return s.render(s.resultsT, map[string]any{"X": x})
}

// completeness selects one row.
func (s *statements) completeness() string {
	return s.render(s.completenessT, map[string]any{})
}

// baseline selects one row.
func (s *statements) baseline(q *analysis.BaselineQuery) string {
	return s.render(s.baselineT, map[string]any{"Q": q})
}

// exposed selects one row for each experiment, phase and variant.
func (s *statements) exposed(from, to uint64, since time.Time) string {
	return s.render(s.exposedT, map[string]any{"From": from, "To": to, "Since": since})
}

func (s *statements) render(t *template.Template, data map[string]any) string {
	data["Dialect"] = s.dialect
	data["MaxAmount"] = strconv.FormatFloat(analysis.MaxAmount, 'f', -1, 64)
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		panic(fmt.Sprintf("the embedded query %s does not render: %v", t.Name(), err))
	}
	return b.String()
}
