package enginetest

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/analysis"
)

// Start is the time of the earliest event of most cases.
var Start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// Log is a list of stored events.
type Log struct {
	Exposures []event.StoredExposure
	Outcomes  []event.StoredOutcome
}

// Expose adds an exposure of the unit with an id, some time after [Start]. It is from one
// boot of one host, of revision 1 and phase 1. The caller may change the result.
func (l *Log) Expose(experiment, variant, id string, after time.Duration) *event.StoredExposure {
	l.Exposures = append(l.Exposures, event.StoredExposure{
		Source: "edge-1", Boot: "b1", Seq: uint64(len(l.Exposures) + 1),
		Time: model.MillisOf(Start.Add(after)), Received: model.MillisOf(Start.Add(after + time.Second)),
		Experiment: experiment, Variant: variant, Phase: 1,
		Unit: "user", UnitHash: unitHash(id), Revision: 1,
	})
	return &l.Exposures[len(l.Exposures)-1]
}

// Outcome adds an outcome of the unit with an id, some time after [Start]. The caller may
// change the result.
func (l *Log) Outcome(name, id string, after time.Duration, properties string) *event.StoredOutcome {
	l.Outcomes = append(l.Outcomes, event.StoredOutcome{
		ID:   fmt.Sprintf("o-%d", len(l.Outcomes)+1),
		Time: model.MillisOf(Start.Add(after)), Received: model.MillisOf(Start.Add(after + time.Second)),
		Event: name, Unit: "user", UnitHash: unitHash(id), Properties: properties,
	})
	return &l.Outcomes[len(l.Outcomes)-1]
}

// WriteFiles writes the events as the collector does, in two partitions, under a directory
// that stands for a bucket.
func (l *Log) WriteFiles(t testing.TB, dir string) {
	t.Helper()
	writeHalves(t, filepath.Join(dir, event.ExposuresPrefix), l.Exposures)
	writeHalves(t, filepath.Join(dir, event.OutcomesPrefix), l.Outcomes)
}

func writeHalves[T any](t testing.TB, dir string, rows []T) {
	t.Helper()
	half := len(rows) / 2
	for i, part := range [][]T{rows[:half], rows[half:]} {
		folder := filepath.Join(dir, Start.Add(time.Duration(i)*time.Hour).Format(event.PartitionLayout))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := parquet.WriteFile(filepath.Join(folder, "events.parquet"), part, parquet.Compression(&zstd.Codec{})); err != nil {
			t.Fatal(err)
		}
	}
}

func unitHash(id string) string {
	h := fnv.New128a()
	h.Write([]byte(id))
	return hex.EncodeToString(h.Sum(nil))
}

// Checkout is an experiment with a conversion, a mean and a guardrail that should fall.
func Checkout() *analysis.Experiment {
	return &analysis.Experiment{
		Key: "checkout_test", Name: "Checkout on one page", Unit: "user", Phase: 1,
		Variants: []analysis.Variant{
			{Key: "control", Weight: 5000, Control: true},
			{Key: "one_page", Name: "One page", Weight: 5000},
		},
		Primary: analysis.Metric{Key: "purchase_rate", Event: "purchase", Kind: analysis.Conversion, Goal: analysis.Increase},
		Guardrails: []analysis.Metric{
			{Key: "revenue", Event: "purchase", Kind: analysis.Mean, Value: "value", Goal: analysis.Increase},
			{Key: "complaints", Event: "complaint", Kind: analysis.Conversion, Goal: analysis.Decrease},
		},
	}
}
