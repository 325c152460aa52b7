package duckdb

import (
	"strings"

	"github.com/sortition-dev/sortition/publisher/analysis/query"
)

// dialect is DuckDB's, on event files.
func dialect(files Files) query.Dialect {
	return query.Dialect{
		Name:      "DuckDB",
		Exposures: readParquet(files.Exposures),
		Outcomes:  readParquet(files.Outcomes),
		Literal:   literal,
		Millis:    func(timestamp string) string { return "epoch_ms(" + timestamp + ")" },
		Path:      func(property string) string { return literal(pointer(property)) },
		Number:    number,
	}
}

func readParquet(glob string) string {
	return "read_parquet(" + literal(glob) + ", hive_partitioning = true)"
}

func literal(s string) string {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// pointer is the JSON pointer (RFC 6901) of a top-level property.
func pointer(property string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(property)
}

func number(document, path string) string {
	return `CASE
            WHEN json_valid(` + document + `)
            THEN TRY_CAST(json_extract_string(` + document + `, ` + path + `) AS DOUBLE)
        END`
}
