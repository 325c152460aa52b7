package eventfile_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/eventfile"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store"
)

var noon = time.Date(2026, 3, 1, 13, 59, 59, 0, time.FixedZone("CET", 3600))

func TestNames(t *testing.T) {
	if got, want := eventfile.Name(event.OutcomesPrefix, noon, "a-1"), "events/outcomes/date=2026-03-01/hour=12/a-1.parquet"; got != want {
		t.Errorf("the name is %s, want %s", got, want)
	}
	for name, want := range map[string]bool{
		eventfile.Name(event.ExposuresPrefix, noon, "BOOT-000000000001-0123456789abcdef"): true,
		"events/exposures/date=2026-03-01/hour=12/../../x.parquet":                        false,
		"events/exposures/date=2026-03-01/hour=12/.parquet":                               false,
		"events/exposures/date=2026-03-01/x.parquet":                                      false,
		"events/hosts/date=2026-03-01/hour=12/x.parquet":                                  false,
		"events/outcomes/date=2026-03-01/hour=12/x.parquet.tmp":                           false,
	} {
		if got := eventfile.IsName(name); got != want {
			t.Errorf("IsName(%q) = %v", name, got)
		}
	}
}

func TestFilesInABucket(t *testing.T) {
	bucket, err := store.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	rows := []event.StoredOutcome{
		{ID: "1", Time: model.MillisOf(noon), Received: model.MillisOf(noon), Event: "purchase", Unit: "user", UnitHash: "00", Properties: "{}"},
		{ID: "2", Time: model.MillisOf(noon), Received: model.MillisOf(noon), Event: "purchase", Unit: "user", UnitHash: "01", Properties: `{"value":1}`},
	}
	data, err := eventfile.Encode(rows)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := eventfile.Encode(rows); err != nil || !bytes.Equal(data, again) {
		t.Errorf("the same rows are other bytes the second time: %v", err)
	}
	name := eventfile.Name(event.OutcomesPrefix, noon, "x")
	for _, n := range []string{name, event.OutcomesPrefix + "README", event.ExposuresPrefix + "x.parquet"} {
		if err := bucket.Create(t.Context(), n, data); err != nil {
			t.Fatal(err)
		}
	}
	var got []event.StoredOutcome
	for entry, err := range eventfile.List(t.Context(), bucket, event.OutcomesPrefix) {
		if err != nil {
			t.Fatal(err)
		}
		part, err := eventfile.Read[event.StoredOutcome](t.Context(), bucket, entry)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, part...)
	}
	if !slices.Equal(got, rows) {
		t.Errorf("the rows are %+v, want %+v", got, rows)
	}
	if _, err := eventfile.Decode[event.StoredOutcome]([]byte("PAR1 is not enough")); err == nil {
		t.Error("a file that is not Parquet is read")
	}
}
