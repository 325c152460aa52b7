package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bench/workload"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == fixedArgument {
		exit(serveFixed(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

// TestServersAnswer starts each server that is here, which checks its answers, and sends it some
// requests over several connections.
func TestServersAnswer(t *testing.T) {
	directory := t.TempDir()
	edge, err := buildEdge(directory)
	if err != nil {
		t.Fatal(err)
	}
	servers, err := prepare(directory, edge, os.Getenv("SORTITION_FLAGD"), os.Getenv("SORTITION_GOFF"))
	if err != nil {
		t.Fatal(err)
	}
	costs := map[*server]*cost{}
	for _, s := range servers {
		if s.missing != "" {
			continue
		}
		if err := s.start(); err != nil {
			t.Fatal(err)
		}
		took, err := s.load(2 * len(s.requests))
		if err != nil {
			t.Error(err)
		}
		costs[s] = &cost{times: []float64{took}}
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	}
	var b bytes.Buffer
	if err := write(&b, servers, costs); err != nil {
		t.Fatal(err)
	}
	for _, s := range servers {
		if !strings.Contains(b.String(), " "+s.name+" ") {
			t.Errorf("the report does not name %s", s.name)
		}
	}
}

// TestServerThatDecidesWronglyIsRefused has a server that gives everybody a variant.
func TestServerThatDecidesWronglyIsRefused(t *testing.T) {
	directory := t.TempDir()
	servers, err := prepare(directory, "", "", "")
	if err != nil {
		t.Fatal(err)
	}
	floor, edge := servers[0], servers[1]
	if err := floor.start(); err != nil {
		t.Fatal(err)
	}
	defer floor.stop()
	edge.address = floor.address
	if err := edge.check(); err == nil || !strings.Contains(err.Error(), "not false") {
		t.Errorf("a fixed answer passes as an edge: %v", err)
	}
}

func TestOFREPAnswers(t *testing.T) {
	for answer, want := range map[string]bool{
		`{"key":"k","reason":"TARGETING_MATCH","variant":"control","value":"control"}`:         true,
		`{"key":"k","reason":"TARGETING_MATCH_SPLIT","variant":"treatment","value":"control"}`: true,
		`{"key":"k","reason":"DEFAULT","variant":"control","value":"control"}`:                 false,
		`{"key":"k","reason":"TARGETING_MATCH","variant":"","value":null}`:                     false,
	} {
		if got, err := targeted([]byte(answer)); err != nil || got != want {
			t.Errorf("%s: %v (%v), not %v", answer, got, err, want)
		}
	}
	if _, err := targeted([]byte(`{"errorCode":"FLAG_NOT_FOUND"}`)); err == nil {
		t.Error("an error passes as an answer")
	}
}

func TestGoffQuery(t *testing.T) {
	w := workload.One()
	flag := goffConfig(w)[w.Experiments[0].Key].(object)
	const want = `country in ["CA", "DE", "FR", "GB", "US"] and platform in ["ios"] and app_version ge 1.23.12`
	if got := flag["targeting"].([]object)[0]["query"]; got != want {
		t.Errorf("the query is %s, not %s", got, want)
	}
}
