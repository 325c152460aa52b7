package analysis

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strconv"
	"time"
)

//go:embed baseline.sql
var baselineSQL string

var baselineTemplate = parseSQL("baseline", baselineSQL)

// BaselineQuery asks what a metric is without a treatment, and how many units there are.
type BaselineQuery struct {
	Unit       string // unit type
	Metric     Metric
	Experiment string // key: units that were exposed to it; empty for units that were exposed to any
	Control    string // key of the variant whose units make the baseline; empty for all
	Since      time.Time
}

// Baseline is what recent events show of a metric.
type Baseline struct {
	Units  int64   // that were exposed since then
	PerDay float64 // of these, on average over the days since the first of them

	// Mean and Deviation are those of the metric over units, a conversion's as 0 or 1.
	// Both are 0 if there are fewer than two units or nothing varies.
	Mean, Deviation float64
}

// SQL is the query that Engine.Baseline runs.
func (q *BaselineQuery) SQL(files Files) string {
	return render(baselineTemplate, map[string]any{
		"Files": files, "Q": q, "MaxAmount": strconv.FormatFloat(MaxAmount, 'f', -1, 64),
	})
}

// Baseline reads a baseline from the files as of now.
func (e *Engine) Baseline(ctx context.Context, files Files, q BaselineQuery, now time.Time) (*Baseline, error) {
	var b Baseline
	var first sql.NullInt64
	var mean, deviation sql.NullFloat64
	if err := e.db.QueryRowContext(ctx, q.SQL(files)).Scan(&b.Units, &first, &mean, &deviation); err != nil {
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
