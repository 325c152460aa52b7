package analysis_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; go test -update writes it anew. Got:\n%s", path, got)
	}
}

func TestSQLGolden(t *testing.T) {
	files := analysis.Files{Exposures: "/data/o'brien/exposures/*/*/*.parquet", Outcomes: "/data/o'brien/outcomes/*/*/*.parquet"}
	golden(t, "results.sql.golden", []byte(analysis.SQL(files, checkout())))
	golden(t, "completeness.sql.golden", []byte(analysis.CompletenessSQL(files)))
}

// Whatever a key is made of, it stays data: the query runs and finds the units.
func TestSQLQuotes(t *testing.T) {
	const hostile = "x'; DROP TABLE t; --\n'"
	x := checkout()
	x.Key, x.Unit = hostile, "user"
	x.Variants[0].Key = hostile
	x.Primary.Key, x.Primary.Event = hostile, hostile
	x.Guardrails[0].Value = "a/b~'\"c"
	x.Guardrails[0].Event = hostile
	var l log
	l.expose(hostile, hostile, "ann", 0)
	l.outcome(hostile, "ann", time.Minute, `{"a/b~'\"c": 3}`)
	r := analyze(t, x, &l)
	if err := want("units, conversions, mean", []int64{r.Data.Units, r.Metrics[0].Variants[0].Conversions, int64(*r.Metrics[1].Variants[0].Value)}, 1, 1, 3); err != nil {
		t.Error(err)
	}
}

// story is a history with something of everything, the same every time.
func story() (*analysis.Experiment, *log) {
	x := checkout()
	x.End = start.Add(14 * 24 * time.Hour)
	x.Variants = append(x.Variants, analysis.Variant{Key: "wizard", Name: "Three steps", Weight: 3000})
	x.Variants[0].Weight, x.Variants[1].Weight = 4000, 3000
	buys := map[string]int{"control": 10, "one_page": 7, "wizard": 10} // one in so many
	var l log
	for i := range 5_000 {
		variant := "control"
		switch {
		case i%10 >= 7:
			variant = "wizard"
		case i%10 >= 4:
			variant = "one_page"
		}
		id := fmt.Sprint(i)
		at := time.Duration(i) * time.Minute
		l.expose(x.Key, variant, id, at)
		if i%3 == 0 {
			l.expose(x.Key, variant, id, at+time.Hour)
		}
		if (i/10)%buys[variant] == 0 {
			l.outcome("purchase", id, at+time.Hour, fmt.Sprintf(`{"value": %d.5}`, 20+i%40))
		}
		if (i/10)%25 == 1 {
			l.outcome("complaint", id, at+2*time.Hour, `{}`)
		}
	}
	l.expose(x.Key, "one_page", "0", 3*time.Hour)                // a conflict
	l.exposures = append(l.exposures, l.exposures[:9]...)        // duplicates
	l.outcome("purchase", "7", 48*time.Hour, `{"value":"free"}`) // not a number
	return x, &l
}

func TestReportGolden(t *testing.T) {
	x, l := story()
	r := analyze(t, x, l)
	mustBeFinite(t, r)
	var table, doc bytes.Buffer
	if err := analysis.WriteTable(&table, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", table.Bytes())
	if err := analysis.WriteJSON(&doc, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", doc.Bytes())
}

func TestEmptyReportGolden(t *testing.T) {
	var table bytes.Buffer
	if err := analysis.WriteTable(&table, analyze(t, checkout(), &log{})); err != nil {
		t.Fatal(err)
	}
	golden(t, "empty.txt", table.Bytes())
	var doc bytes.Buffer
	if err := analysis.WriteJSON(&doc); err != nil {
		t.Fatal(err)
	}
	if got, want := doc.String(), "{\n  \"results\": []\n}\n"; got != want {
		t.Errorf("no reports: %q, want %q", got, want)
	}
}

func TestWriteErrors(t *testing.T) {
	x, l := story()
	r := analyze(t, x, l)
	for limit := range 5 {
		w := &limited{left: limit}
		if err := analysis.WriteTable(w, r); err != errFull {
			t.Errorf("after %d writes: %v", limit, err)
		}
	}
}

var errFull = fmt.Errorf("full")

// limited is a writer that fails after some writes.
type limited struct{ left int }

func (l *limited) Write(p []byte) (int, error) {
	if l.left == 0 {
		return 0, errFull
	}
	l.left--
	return len(p), nil
}

// The same files give the same report, whatever order the threads add numbers in.
func TestDeterministic(t *testing.T) {
	x, l := story()
	e, files := openEngine(t), l.write(t)
	var first []byte
	for i := range 5 {
		r, err := e.Analyze(context.Background(), files, x, nil, start)
		if err != nil {
			t.Fatal(err)
		}
		var doc bytes.Buffer
		if err := analysis.WriteJSON(&doc, r); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = doc.Bytes()
		} else if !bytes.Equal(first, doc.Bytes()) {
			t.Fatal("two readings differ")
		}
	}
}
