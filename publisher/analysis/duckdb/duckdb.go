// Package duckdb reads results from event files with an embedded DuckDB.
//
// This package is internal to Sortition and may change without notice.
package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/sortition-dev/sortition/publisher/analysis/query"
)

// Files are globs of local event files, in the partitions of the bucket. A query fails if
// a glob matches no file.
type Files struct{ Exposures, Outcomes string }

// Engine is a [query.Engine] over an embedded DuckDB. It reads the files anew for each
// question.
type Engine struct {
	*query.Engine
	scratch string
}

// Open starts DuckDB on the files. Queries that exceed memory spill to a new directory
// below the system's temporary directory, which Close removes. DuckDB downloads no
// extensions.
func Open(files Files) (*Engine, error) {
	scratch, err := os.MkdirTemp("", "sortition-results-")
	if err != nil {
		return nil, fmt.Errorf("make a directory to spill to: %w", err)
	}
	settings := []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET TimeZone = 'UTC'",
		"SET temp_directory = " + literal(scratch),
	}
	connector, err := duckdb.NewConnector("", func(conn driver.ExecerContext) error {
		for _, s := range settings {
			if _, err := conn.ExecContext(context.Background(), s, nil); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		os.RemoveAll(scratch)
		return nil, fmt.Errorf("start DuckDB: %w", err)
	}
	return &Engine{query.New(sql.OpenDB(connector), dialect(files)), scratch}, nil
}

// Close ends DuckDB and removes what it spilled.
func (e *Engine) Close() error {
	err := e.Engine.Close()
	if rmErr := os.RemoveAll(e.scratch); err == nil {
		err = rmErr
	}
	return err
}
