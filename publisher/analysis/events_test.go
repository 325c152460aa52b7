package analysis_test

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
	"github.com/sortition-dev/sortition/publisher/analysis"
)

// start is when the first event of every test happens.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// log collects events as a collector would and writes them as its files.
type log struct {
	exposures []event.StoredExposure
	outcomes  []event.StoredOutcome
}

// expose records that a unit got a variant after some time, from one host's boot.
func (l *log) expose(experiment, variant, id string, after time.Duration) *event.StoredExposure {
	l.exposures = append(l.exposures, event.StoredExposure{
		Source: "edge-1", Boot: "b1", Seq: uint64(len(l.exposures) + 1),
		Time: start.Add(after).UnixMilli(), Received: start.Add(after + time.Second).UnixMilli(),
		Experiment: experiment, Variant: variant, Epoch: 1,
		Unit: "user", UnitHash: unitHash(id), Revision: 1,
	})
	return &l.exposures[len(l.exposures)-1]
}

// outcome records that a unit did something after some time.
func (l *log) outcome(name, id string, after time.Duration, properties string) *event.StoredOutcome {
	l.outcomes = append(l.outcomes, event.StoredOutcome{
		ID:   fmt.Sprintf("o-%d", len(l.outcomes)+1),
		Time: start.Add(after).UnixMilli(), Received: start.Add(after + time.Second).UnixMilli(),
		Event: name, Unit: "user", UnitHash: unitHash(id), Properties: properties,
	})
	return &l.outcomes[len(l.outcomes)-1]
}

// write gives the globs of files that hold the events, in two partitions.
func (l *log) write(t testing.TB) analysis.Files {
	t.Helper()
	dir := t.TempDir()
	writeHalves(t, filepath.Join(dir, event.ExposuresPrefix), l.exposures)
	writeHalves(t, filepath.Join(dir, event.OutcomesPrefix), l.outcomes)
	return analysis.Files{
		Exposures: filepath.Join(dir, event.ExposuresPrefix, "*/*/*.parquet"),
		Outcomes:  filepath.Join(dir, event.OutcomesPrefix, "*/*/*.parquet"),
	}
}

func writeHalves[T any](t testing.TB, dir string, rows []T) {
	t.Helper()
	half := len(rows) / 2
	for i, part := range [][]T{rows[:half], rows[half:]} {
		folder := filepath.Join(dir, start.Add(time.Duration(i)*time.Hour).Format(event.PartitionLayout))
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

func openEngine(t testing.TB) *analysis.Engine {
	t.Helper()
	e, err := analysis.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// checkout is an experiment with a conversion, a mean and a guardrail that should fall.
func checkout() *analysis.Experiment {
	return &analysis.Experiment{
		Key: "checkout_test", Name: "Checkout on one page", Unit: "user", Epoch: 1,
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
