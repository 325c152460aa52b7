package analysis

import (
	"context"
	_ "embed"
	"fmt"
	"time"
)

//go:embed exposed.sql
var exposedSQL string

var exposedTemplate = parseSQL("exposed", exposedSQL)

// Exposed is the number of units that were exposed to a variant.
type Exposed struct {
	Experiment, Variant string
	Epoch               int
	Units               int64
}

// Exposed counts the units that revisions from … to exposed to each variant since a time,
// by experiment, epoch and variant.
func (e *Engine) Exposed(ctx context.Context, files Files, from, to uint64, since time.Time) ([]Exposed, error) {
	result, err := e.db.QueryContext(ctx, render(exposedTemplate, map[string]any{"Files": files, "From": from, "To": to, "Since": since}))
	if err != nil {
		return nil, fmt.Errorf("count exposed units: %w", err)
	}
	defer result.Close()
	var all []Exposed
	for result.Next() {
		var x Exposed
		if err := result.Scan(&x.Experiment, &x.Epoch, &x.Variant, &x.Units); err != nil {
			return nil, fmt.Errorf("count exposed units: %w", err)
		}
		all = append(all, x)
	}
	return all, result.Err()
}
