package main

import (
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == floorArgument {
		exit(serveFloor(os.Args[2]))
	}
	os.Exit(m.Run())
}

// TestContestantsAcceptEverything sends a few events to each contestant.
func TestContestantsAcceptEverything(t *testing.T) {
	o := options{nats: os.Getenv("SORTITION_NATS"), events: 3_000, clients: 4, rounds: 1}
	var table strings.Builder
	if err := run(o, &table); err != nil {
		t.Fatal(err)
	}
	want := []string{"edge collect: exposures, msgpack and zstd", "edge collect: exposures, JSON", "edge collect: outcomes, JSON"}
	if o.nats != "" {
		want = append(want, "JetStream: a message an exposure", "JetStream: a message a body")
	} else {
		want = append(want, "NOT MEASURED: "+noNATS)
	}
	for _, name := range want {
		if !strings.Contains(table.String(), name) {
			t.Errorf("the table lacks %s:\n%s", name, &table)
		}
	}
	t.Logf("\n%s", &table)
}
