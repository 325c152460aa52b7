// Package query implements [analysis.Engine] over database/sql: it has the statements, in
// the dialect of a database, and reads their rows. The packages of the databases have the
// dialects and the connections.
//
// This package is internal to Sortition and may change without notice.
package query

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis"
)

// Engine is an [analysis.Engine] that asks a database. Make one with [New].
type Engine struct {
	db         *sql.DB
	statements *statements
}

// New returns an engine that runs statements in the dialect on db. Closing the engine
// closes db.
func New(db *sql.DB, d Dialect) *Engine {
	return &Engine{db, newStatements(d)}
}

// Close closes the database.
func (e *Engine) Close() error { return e.db.Close() }

// Statements implements [analysis.Engine].
func (e *Engine) Statements(experiments ...*analysis.Experiment) []analysis.Statement {
	list := []analysis.Statement{{SQL: e.statements.completeness()}}
	for _, x := range experiments {
		list = append(list, analysis.Statement{Experiment: x.Key, SQL: e.statements.results(x)})
	}
	return list
}

// Summarize implements [analysis.Engine].
func (e *Engine) Summarize(ctx context.Context, x *analysis.Experiment) (*analysis.Summary, error) {
	if err := x.Validate(); err != nil {
		return nil, err
	}
	s, err := e.summarize(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("read results of %s: %w", x.Key, err)
	}
	return s, nil
}

// errRows says that the rows of a result are not one for each variant and metric.
var errRows = errors.New("the database returned other rows than were asked for")

func (e *Engine) summarize(ctx context.Context, x *analysis.Experiment) (*analysis.Summary, error) {
	result, err := e.db.QueryContext(ctx, e.statements.results(x))
	if err != nil {
		return nil, err
	}
	defer result.Close()
	var s analysis.Summary
	for _, v := range x.Variants {
		var sums []analysis.Sums
		for _, m := range x.Metrics() {
			if !result.Next() {
				return nil, errors.Join(result.Err(), errRows)
			}
			var (
				variant, metric string
				of              analysis.Sums
				first, last     sql.NullInt64
			)
			if err := result.Scan(&variant, &metric, &of.Exposures, &of.Units, &of.Conversions,
				&of.Mean, &of.Variance, &of.UnreadableOutcomes, &s.DuplicateExposures, &s.OverrideExposures,
				&s.ConflictingUnits, &s.UndeclaredUnits, &first, &last); err != nil {
				return nil, err
			}
			if variant != v.Key || metric != m.Key {
				return nil, errRows
			}
			s.FirstExposure, s.LastExposure = moment(first), moment(last)
			sums = append(sums, of)
		}
		s.Sums = append(s.Sums, sums)
	}
	if result.Next() {
		return nil, errRows
	}
	return &s, result.Err()
}

// moment is the time of a number of milliseconds, zero for NULL.
func moment(millis sql.NullInt64) time.Time {
	if !millis.Valid {
		return time.Time{}
	}
	return time.UnixMilli(millis.Int64).UTC()
}

// Completeness implements [analysis.Engine].
func (e *Engine) Completeness(ctx context.Context) (*analysis.Completeness, error) {
	var emitted, stored sql.NullInt64
	if err := e.db.QueryRowContext(ctx, e.statements.completeness()).Scan(&emitted, &stored); err != nil {
		return nil, fmt.Errorf("count exposures: %w", err)
	}
	if !emitted.Valid || !stored.Valid || stored.Int64 > emitted.Int64 {
		return nil, nil
	}
	return &analysis.Completeness{
		Emitted: emitted.Int64,
		Stored:  stored.Int64,
		Missing: emitted.Int64 - stored.Int64,
	}, nil
}

// Baseline implements [analysis.Engine].
func (e *Engine) Baseline(ctx context.Context, q analysis.BaselineQuery, now time.Time) (*analysis.Baseline, error) {
	var b analysis.Baseline
	var first sql.NullInt64
	var mean, deviation sql.NullFloat64
	if err := e.db.QueryRowContext(ctx, e.statements.baseline(&q)).Scan(&b.Units, &first, &mean, &deviation); err != nil {
		return nil, fmt.Errorf("read the baseline of %s: %w", q.Metric.Key, err)
	}
	if first.Valid {
		const day = 24 * time.Hour
		days := max(1, now.Sub(time.UnixMilli(first.Int64)).Hours()/day.Hours())
		b.PerDay = float64(b.Units) / days
	}
	if mean.Float64 > 0 && deviation.Float64 > 0 {
		b.Mean, b.Deviation = mean.Float64, deviation.Float64
	}
	return &b, nil
}

// Exposed implements [analysis.Engine].
func (e *Engine) Exposed(ctx context.Context, from, to uint64, since time.Time) ([]analysis.Exposed, error) {
	all, err := e.exposed(ctx, from, to, since)
	if err != nil {
		return nil, fmt.Errorf("count exposed units: %w", err)
	}
	return all, nil
}

func (e *Engine) exposed(ctx context.Context, from, to uint64, since time.Time) ([]analysis.Exposed, error) {
	result, err := e.db.QueryContext(ctx, e.statements.exposed(from, to, since))
	if err != nil {
		return nil, err
	}
	defer result.Close()
	var all []analysis.Exposed
	for result.Next() {
		var x analysis.Exposed
		if err := result.Scan(&x.Experiment, &x.Phase, &x.Variant, &x.Units); err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, result.Err()
}
