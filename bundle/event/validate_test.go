package event_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func validExposure() event.Exposure {
	return event.Exposure{
		Seq: 1, Time: model.MillisOf(now), Experiment: "checkout", Variant: "treatment", Phase: 1,
		Unit: "user", UnitID: "secret-id", Revision: 7,
	}
}

func TestExposureValidate(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*event.Exposure)
		want  string // prefix of the error; empty: valid
	}{
		{"valid", func(e *event.Exposure) {}, ""},
		{"id at the limit", func(e *event.Exposure) { e.UnitID = strings.Repeat("x", event.MaxIDLength) }, ""},
		{"id with control characters", func(e *event.Exposure) { e.UnitID = "a\x00b" }, ""},
		{"oldest", func(e *event.Exposure) { e.Time = model.MillisOf(now.Add(-event.MaxAge)) }, ""},
		{"latest", func(e *event.Exposure) { e.Time = model.MillisOf(now.Add(event.MaxFuture)) }, ""},
		{"no seq", func(e *event.Exposure) { e.Seq = 0 }, "seq: must be at least 1"},
		{"too old", func(e *event.Exposure) { e.Time = model.MillisOf(now.Add(-event.MaxAge)) - 1 }, "time: is more than 30 days in the past"},
		{"too far ahead", func(e *event.Exposure) { e.Time = model.MillisOf(now.Add(event.MaxFuture)) + 1 }, "time: is more than 24 hours in the future"},
		{"no experiment", func(e *event.Exposure) { e.Experiment = "" }, "experiment: must not be empty"},
		{"long variant", func(e *event.Exposure) { e.Variant = strings.Repeat("v", event.MaxNameLength+1) }, "variant: has 129 bytes"},
		{"phase zero", func(e *event.Exposure) { e.Phase = 0 }, "phase: must be between 1 and"},
		{"phase beyond its column", func(e *event.Exposure) { e.Phase = math.MaxInt32 + 1 }, "phase: must be between 1 and"},
		{"unit with a NUL", func(e *event.Exposure) { e.Unit = "us\x00er" }, "unit: must not contain control characters"},
		{"no id", func(e *event.Exposure) { e.UnitID = "" }, "unit_id: must not be empty"},
		{"long id", func(e *event.Exposure) { e.UnitID = strings.Repeat("x", event.MaxIDLength+1) }, "unit_id: has 257 bytes"},
		{"broken id", func(e *event.Exposure) { e.UnitID = "secret-id\xff" }, "unit_id: is not valid UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := validExposure()
			tt.spoil(&e)
			checkError(t, e.Validate(now), tt.want)
		})
	}
}

func TestExposureBatchValidate(t *testing.T) {
	tests := []struct {
		name         string
		source, boot string
		exposures    int
		want         string
	}{
		{"one", "edge-1", "b", 1, ""},
		{"most", "edge-1", "b", event.MaxExposures, ""},
		{"no source", "", "b", 1, "source: must not be empty"},
		{"no boot", "edge-1", "", 1, "boot: must not be empty"},
		{"none", "edge-1", "b", 0, "exposures: must have at least one event"},
		{"too many", "edge-1", "b", event.MaxExposures + 1, "exposures: has 1001 events; the limit is 1000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := event.ExposureBatch{Source: tt.source, Boot: tt.boot, Exposures: make([]event.Exposure, tt.exposures)}
			checkError(t, b.Validate(), tt.want)
		})
	}
}

func TestOutcomeValidate(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*event.Outcome)
		want  string
	}{
		{"valid", func(o *event.Outcome) {}, ""},
		{"full", func(o *event.Outcome) {
			o.EventID, o.Unit, o.Timestamp = "e-1", "device", event.Timestamp(now.UnixMilli())
		}, ""},
		{"no id", func(o *event.Outcome) { o.UserID = "" }, "user_id: must not be empty"},
		{"no name", func(o *event.Outcome) { o.EventName = "" }, "event_name: must not be empty"},
		{"name with a line break", func(o *event.Outcome) { o.EventName = "buy\n" }, "event_name: must not contain control characters"},
		{"long event id", func(o *event.Outcome) { o.EventID = strings.Repeat("e", event.MaxNameLength+1) }, "event_id: has 129 bytes"},
		{"broken unit", func(o *event.Outcome) { o.Unit = "\xc3" }, "unit: is not valid UTF-8"},
		{"seconds for milliseconds", func(o *event.Outcome) { o.Timestamp = event.Timestamp(now.Unix()) }, "timestamp: is more than 30 days in the past; a number is in milliseconds"},
		{"too far ahead", func(o *event.Outcome) { o.Timestamp = event.Timestamp(now.Add(25 * time.Hour).UnixMilli()) }, "timestamp: is more than 24 hours in the future"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := event.Outcome{UserID: "secret-id", EventName: "purchase"}
			tt.spoil(&o)
			checkError(t, o.Validate(now), tt.want)
		})
	}
}

func TestTimestampJSON(t *testing.T) {
	tests := []struct {
		in   string
		want event.Timestamp
		err  string
	}{
		{`1772366400000`, 1772366400000, ""},
		{`1772366400000.75`, 1772366400000, ""},
		{`1.7723664e12`, 1772366400000, ""},
		{`"2026-03-01T12:00:00Z"`, 1772366400000, ""},
		{`"2026-03-01T13:00:00.25+01:00"`, 1772366400250, ""},
		{`null`, 0, ""},
		{`0`, 0, "timestamp: must be after 1970"},
		{`-5`, 0, "timestamp: must be after 1970"},
		{`"1969-12-31T00:00:00Z"`, 0, "timestamp: must be after 1970"},
		{`1e300`, 0, "timestamp: want RFC 3339"},
		{`"yesterday"`, 0, "timestamp: want RFC 3339"},
		{`"1772366400000"`, 0, "timestamp: want RFC 3339"},
		{`true`, 0, "timestamp: want RFC 3339"},
		{`{"ms":1}`, 0, "timestamp: want RFC 3339"},
	}
	for _, tt := range tests {
		t.Run(tt.in, func(t *testing.T) {
			var got event.Timestamp
			checkError(t, json.Unmarshal([]byte(tt.in), &got), tt.err)
			if got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

// checkError also holds every message to the promise that no id is repeated in it.
func checkError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("unexpected error: %v", err)
	case want != "" && err == nil:
		t.Errorf("no error, want %q", want)
	case want != "" && !strings.HasPrefix(err.Error(), want):
		t.Errorf("error %q, want one that begins with %q", err, want)
	case err != nil && strings.Contains(err.Error(), "secret-id"):
		t.Errorf("error %q repeats the unit's id", err)
	}
}
