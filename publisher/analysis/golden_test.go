package analysis_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/analysis/enginetest"
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

// story is the report on an experiment with something of everything.
func story() *analysis.Report {
	x, _ := enginetest.Story()
	return report(x, enginetest.StorySummary(), 6_668)
}

func TestReportGolden(t *testing.T) {
	r := story()
	mustBeFinite(t, r)
	var table, doc bytes.Buffer
	if err := analysis.WriteText(&table, r); err != nil {
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
	if err := analysis.WriteText(&table, report(enginetest.Checkout(), nothing(), 0)); err != nil {
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
	r := story()
	for limit := range 5 {
		w := &limited{left: limit}
		if err := analysis.WriteText(w, r); err != errFull {
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
