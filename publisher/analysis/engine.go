package analysis

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"time"

	"github.com/duckdb/duckdb-go/v2"
)

// Engine is an embedded DuckDB that holds nothing but the queries it runs. It is safe
// for concurrent use.
type Engine struct {
	db      *sql.DB
	scratch string
}

// Open starts an engine. What a query cannot hold in memory it spills to a directory of
// its own under the system's temporary directory, which Close removes. No extension is
// ever downloaded.
func Open() (*Engine, error) {
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
	return &Engine{db: sql.OpenDB(connector), scratch: scratch}, nil
}

// Close ends the engine and removes what it spilled.
func (e *Engine) Close() error {
	err := e.db.Close()
	if rmErr := os.RemoveAll(e.scratch); err == nil {
		err = rmErr
	}
	return err
}

// Analyze reads the results of x from the files as of now. Both globs must match at
// least one file. completeness, as given by Completeness, may be nil: not known.
func (e *Engine) Analyze(ctx context.Context, files Files, x *Experiment, completeness *Completeness, now time.Time) (*Report, error) {
	if err := x.Validate(); err != nil {
		return nil, err
	}
	rows, err := e.rows(ctx, SQL(files, x))
	if err != nil {
		return nil, fmt.Errorf("read results of %s: %w", x.Key, err)
	}
	return newReport(x, rows, completeness, now), nil
}

// Completeness counts the exposures that hosts numbered and those that arrived, over
// all experiments. It is nil if the numbers make no sense.
func (e *Engine) Completeness(ctx context.Context, files Files) (*Completeness, error) {
	var emitted, stored sql.NullInt64
	if err := e.db.QueryRowContext(ctx, CompletenessSQL(files)).Scan(&emitted, &stored); err != nil {
		return nil, fmt.Errorf("count exposures: %w", err)
	}
	if !emitted.Valid || !stored.Valid || stored.Int64 > emitted.Int64 {
		return nil, nil
	}
	return &Completeness{
		Emitted: emitted.Int64,
		Stored:  stored.Int64,
		Missing: emitted.Int64 - stored.Int64,
	}, nil
}

// row is one row of the query's result.
type row struct {
	variant, metric         string
	exposures, units        int64
	conversions             int64
	mean, variance          float64
	unreadable              int64
	duplicates, overrides   int64
	conflicts, undeclared   int64
	firstMillis, lastMillis sql.NullInt64
}

func (e *Engine) rows(ctx context.Context, query string) ([]row, error) {
	result, err := e.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	var rows []row
	for result.Next() {
		var r row
		if err := result.Scan(&r.variant, &r.metric, &r.exposures, &r.units, &r.conversions,
			&r.mean, &r.variance, &r.unreadable, &r.duplicates, &r.overrides,
			&r.conflicts, &r.undeclared, &r.firstMillis, &r.lastMillis); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, result.Err()
}
