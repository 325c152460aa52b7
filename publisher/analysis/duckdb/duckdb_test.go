package duckdb

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/publisher/analysis"
	"github.com/sortition-dev/sortition/publisher/analysis/enginetest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func open(t *testing.T, l *enginetest.Log) analysis.Engine {
	t.Helper()
	dir := t.TempDir()
	l.WriteFiles(t, dir)
	return openFiles(t, Files{
		Exposures: filepath.Join(dir, event.ExposuresPrefix, "*/*/*.parquet"),
		Outcomes:  filepath.Join(dir, event.OutcomesPrefix, "*/*/*.parquet"),
	})
}

func openFiles(t *testing.T, files Files) *Engine {
	t.Helper()
	e, err := Open(files)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(e.scratch); !os.IsNotExist(err) {
			t.Errorf("what was spilled stays: %v", err)
		}
	})
	return e
}

func TestEngine(t *testing.T) { enginetest.Run(t, open) }

func TestStatementsGolden(t *testing.T) {
	e := openFiles(t, Files{Exposures: "/data/o'brien/exposures/*/*/*.parquet", Outcomes: "/data/o'brien/outcomes/*/*/*.parquet"})
	statements := e.Statements(enginetest.Checkout())
	for i, name := range []string{"completeness.sql.golden", "results.sql.golden"} {
		path := filepath.Join("testdata", name)
		got := []byte(statements[i].SQL)
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
}

func TestErrorNamesTheFiles(t *testing.T) {
	e := openFiles(t, Files{Exposures: "/nowhere/*.parquet", Outcomes: "/nowhere/*.parquet"})
	if _, err := e.Summarize(t.Context(), enginetest.Checkout()); err == nil || !strings.Contains(err.Error(), "/nowhere/*.parquet") {
		t.Errorf("got %v", err)
	}
}
