package collector_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/edge/collector"
)

func TestEventsReachTheBucket(t *testing.T) {
	b := newBucket()
	col := start(t, config(t, b))
	h := col.Handler()
	mustPost(t, h, "/api/v1/track", `{"user_id":"u1","event_name":"purchase","event_id":"order-1",
		"timestamp":"2026-03-01T11:59:00.5Z","properties":{"value": 12.50, "currency":"EUR<", "items":[1,{"sku":"a"}]}}`)
	mustPost(t, h, "/api/v1/track/batch", `{"events":[
		{"user_id":"u1","event_name":"view"},
		{"user_id":"u1","event_name":"click","unit":"device","timestamp":1772366400000,"event_id":"click-1","properties":null}]}`)
	mustPost(t, h, "/api/v1/exposures", `{"source":"edge-1","boot":"B","a_field_of_later":1,"exposures":[
		{"seq":1,"time":1772366399000,"experiment":"checkout","variant":"treatment","phase":2,"unit":"user","unit_id":"u1","revision":7,"later":true},
		{"seq":2,"time":1772366399001,"experiment":"search","variant":"control","phase":1,"unit":"device","unit_id":"u1","revision":7,"override":true}]}`)
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	received := model.MillisOf(noon)
	wantExposures := []event.StoredExposure{
		{Source: "edge-1", Boot: "B", Seq: 1, Time: 1772366399000, Received: received, Experiment: "checkout", Variant: "treatment",
			Phase: 2, Unit: "user", UnitHash: hashOf("user", "u1"), Revision: 7},
		{Source: "edge-1", Boot: "B", Seq: 2, Time: 1772366399001, Received: received, Experiment: "search", Variant: "control",
			Phase: 1, Unit: "device", UnitHash: hashOf("device", "u1"), Revision: 7, Override: true},
	}
	if got := b.exposures(t); !reflect.DeepEqual(got, wantExposures) {
		t.Errorf("exposures\n%+v, want\n%+v", got, wantExposures)
	}
	got := b.outcomes(t)
	if len(got) != 3 || got[1].ID == "" {
		t.Fatalf("outcomes %+v, want three, all with ids", got)
	}
	wantOutcomes := []event.StoredOutcome{
		{ID: "order-1", Time: 1772366340500, Received: received, Event: "purchase", Unit: "user", UnitHash: hashOf("user", "u1"),
			Properties: `{"value":12.50,"currency":"EUR<","items":[1,{"sku":"a"}]}`},
		{ID: got[1].ID, Time: received, Received: received, Event: "view", Unit: "user", UnitHash: hashOf("user", "u1"), Properties: "{}"},
		{ID: "click-1", Time: received, Received: received, Event: "click", Unit: "device", UnitHash: hashOf("device", "u1"), Properties: "{}"},
	}
	if !reflect.DeepEqual(got, wantOutcomes) {
		t.Errorf("outcomes\n%+v, want\n%+v", got, wantOutcomes)
	}
	for _, name := range b.names() {
		if !strings.Contains(name, "/date=2026-03-01/hour=12/") || !strings.HasSuffix(name, ".parquet") {
			t.Errorf("object name %s", name)
		}
	}
}

func TestProblems(t *testing.T) {
	const track, batch, exposures = "/api/v1/track", "/api/v1/track/batch", "/api/v1/exposures"
	long := func(n int) string { return strings.Repeat("x", n) }
	exposure := func(fields string) string {
		return `{"source":"edge-1","boot":"b","exposures":[
			{"seq":1,"time":1772366400000,"experiment":"e","variant":"v","phase":1,"unit":"user","unit_id":"secret-id","revision":1},
			{` + fields + `}]}`
	}
	many := func(n int, of string) string { return strings.TrimSuffix(strings.Repeat(of+",", n), ",") }
	var members []string
	for i := range event.MaxProperties + 1 {
		members = append(members, fmt.Sprintf(`"p%d":1`, i))
	}
	properties := func(p string) string { return `{"user_id":"secret-id","event_name":"e","properties":` + p + `}` }

	tests := []struct {
		name, path, body string
		status           int
		detail           string // contained in the problem's detail
	}{
		{"empty body", track, ``, 400, "the body is empty; send JSON"},
		{"not JSON", track, `user_id=secret-id`, 400, "the body is not valid JSON: invalid character 'u'"},
		{"two documents", track, `{"user_id":"secret-id","event_name":"e"} {}`, 400, "there is more after the JSON object"},
		{"not UTF-8", track, "{\"user_id\":\"secret-id\xff\"}", 400, "invalid UTF-8 at byte 21"},
		{"too large", track, `{"user_id":"` + long(event.MaxBatchBytes) + `"}`, 413, "larger than 1048576 bytes"},
		{"an array", track, `[]`, 400, "the body: want an object, got an array"},
		{"null", track, `null`, 400, "user_id: must not be empty"},
		{"no user", track, `{"event_name":"e"}`, 400, "user_id: must not be empty"},
		{"a number for the user", track, `{"user_id":12345678,"event_name":"e"}`, 400, "user_id: want a string, got a number"},
		{"a long user", track, `{"user_id":"` + long(event.MaxIDLength+1) + `","event_name":"e"}`, 400, "user_id: has 257 bytes; the limit is 256"},
		{"no event", track, `{"user_id":"secret-id"}`, 400, "event_name: must not be empty"},
		{"a misspelt field", track, `{"user_id":"secret-id","event_name":"e","propertys":{}}`, 400, "propertys: unknown field; there are user_id, event_name"},
		{"a bad timestamp", track, `{"user_id":"secret-id","event_name":"e","timestamp":"today"}`, 400, "timestamp: want RFC 3339"},
		{"a timestamp in seconds", track, `{"user_id":"secret-id","event_name":"e","timestamp":1772366400}`, 400, "timestamp: is more than 30 days in the past"},
		{"a timestamp to come", track, `{"user_id":"secret-id","event_name":"e","timestamp":"2026-03-03T12:00:00Z"}`, 400, "timestamp: is more than 24 hours in the future"},
		{"properties that are a list", track, properties(`["secret-id"]`), 400, "properties: want an object"},
		{"properties that are text", track, properties(`"secret-id"`), 400, "properties: want an object"},
		{"too many properties", track, properties(`{` + strings.Join(members, ",") + `}`), 400, "properties: has 65 members; the limit is 64"},
		{"a long property name", track, properties(`{"` + long(event.MaxNameLength+1) + `":1}`), 400, "properties: has a name of 129 bytes"},
		{"large properties", track, properties(`{"p":"` + long(event.MaxPropertyBytes) + `"}`), 400, "properties: is 8200 bytes of JSON; the limit is 8192"},
		{"deep properties", track, properties(`{"p":` + strings.Repeat("[", 16) + strings.Repeat("]", 16) + `}`), 400, "properties: is nested deeper than 16 levels"},
		{"a number beyond doubles", track, properties(`{"p":[1e999]}`), 400, "properties: has a number that is too large"},

		{"a name twice", track, `{"user_id":"u","event_name":"e","user_id":"secret-id"}`, 400, "user_id: is there twice"},
		{"a name twice, with an escape", track, `{"user_id":"u","event_name":"e","\u0075ser_id":"secret-id"}`, 400, "user_id: is there twice"},
		{"a name twice in properties", track, properties(`{"a":[{"b":1,"b":2}]}`), 400, "properties.a[0].b: is there twice"},
		{"half a character", track, properties(`{"p":"\ud800"}`), 400, "the body is not valid JSON: invalid surrogate pair"},
		{"an empty property name twice", track, properties(`{"":1,"":2}`), 400, "is there twice"},
		{"a number that is none", track, properties(`{"p":01}`), 400, "the body is not valid JSON: invalid character '1'"},
		{"a name twice in a batch", batch, `{"events":[{"user_id":"u","event_name":"e"},{"unit":"a","unit":"b"}]}`, 400, "events[1].unit: is there twice"},
		{"events twice", batch, `{"events":[{"user_id":"u","event_name":"e"}],"events":[]}`, 400, "events: is there twice"},
		{"a name twice in exposures", exposures, exposure(`"seq":2,"seq":3`), 400, "exposures[1].seq: is there twice"},

		{"a batch without events", batch, `{}`, 400, "events: must have at least one event"},
		{"a batch that is an event", batch, `{"events":{"user_id":"secret-id"}}`, 400, "events: want an array, got an object"},
		{"a batch too many", batch, `{"events":[` + many(event.MaxOutcomes+1, `{"user_id":"u","event_name":"e"}`) + `]}`, 400, "events: has 101 events; the limit is 100"},
		{"a bad third event", batch, `{"events":[` + many(2, `{"user_id":"u","event_name":"e"}`) + `,{"user_id":"secret-id"}]}`, 400, "events[2].event_name: must not be empty"},
		{"an event that is text", batch, `{"events":["secret-id"]}`, 400, "events[0]: want an object, got a string"},
		{"a bad time in a batch", batch, `{"events":[{"user_id":"u","event_name":"e","timestamp":[]}]}`, 400, "events[0].timestamp: want RFC 3339"},
		{"an unknown field in a batch", batch, `{"events":[{"user_id":"u","event_name":"e","x":1}]}`, 400, "events[0].x: unknown field"},
		{"bad properties in a batch", batch, `{"events":[{"user_id":"u","event_name":"e","properties":7}]}`, 400, "events[0].properties: want an object"},

		{"no source", exposures, `{"boot":"b","exposures":[{}]}`, 400, "source: must not be empty"},
		{"no boot", exposures, `{"source":"s","exposures":[{}]}`, 400, "boot: must not be empty"},
		{"no exposures", exposures, `{"source":"s","boot":"b"}`, 400, "exposures: must have at least one event"},
		{"too many exposures", exposures, `{"source":"s","boot":"b","exposures":[` + many(event.MaxExposures+1, `{}`) + `]}`, 400, "exposures: has 1001 events; the limit is 1000"},
		{"no seq", exposures, exposure(`"time":1772366400000`), 400, "exposures[1].seq: must be at least 1"},
		{"a negative seq", exposures, exposure(`"seq":-1`), 400, "exposures[1].seq: want a whole number, not negative, got a number"},
		{"a phase beyond its column", exposures, exposure(fmt.Sprintf(`"seq":2,"time":1772366400000,"experiment":"e","variant":"v","phase":%d`, math.MaxInt32+1)), 400, "exposures[1].phase: must be between 1 and 2147483647"},
		{"no unit id", exposures, exposure(`"seq":2,"time":1772366400000,"experiment":"e","variant":"v","phase":1,"unit":"user"`), 400, "exposures[1].unit_id: must not be empty"},
		{"a flag for a bool", exposures, exposure(`"override":1`), 400, "exposures[1].override: want true or false, got a number"},

		{"an unknown path", "/api/v1/trak", `{}`, 404, "send events to /api/v1/track"},
	}
	b := newBucket()
	col := start(t, config(t, b))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := post(col.Handler(), tt.path, tt.body)
			checkProblem(t, w, tt.status, tt.detail)
			if strings.Contains(w.Body.String(), "secret-id") {
				t.Errorf("the answer repeats the unit's id: %s", w.Body)
			}
		})
	}
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := b.names(); len(names) != 0 {
		t.Errorf("refused events were stored: %v", names)
	}
}

func checkProblem(t *testing.T, w *httptest.ResponseRecorder, status int, detail string) {
	t.Helper()
	if w.Code != status || w.Header().Get("Content-Type") != service.ProblemType {
		t.Errorf("status %d, content type %q, want %d and a problem document", w.Code, w.Header().Get("Content-Type"), status)
	}
	var p service.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("body %q: %v", w.Body, err)
	}
	if p.Status != status || p.Title == "" || !strings.Contains(p.Detail, detail) {
		t.Errorf("problem %+v, want status %d and a detail with %q", p, status, detail)
	}
}

func TestLimitsAreInclusive(t *testing.T) {
	col := start(t, config(t, newBucket()))
	defer col.Close(t.Context())
	var members []string
	for i := range event.MaxProperties {
		members = append(members, fmt.Sprintf(`"p%d":%d`, i, uint64(math.MaxUint64)))
	}
	one := fmt.Sprintf(`{"user_id":%q,"event_name":%q,"event_id":%q,"timestamp":%d,"properties":{%s}}`,
		strings.Repeat("u", event.MaxIDLength), strings.Repeat("e", event.MaxNameLength), strings.Repeat("i", event.MaxNameLength),
		noon.Add(event.MaxFuture).UnixMilli(), strings.Join(members, ","))
	mustPost(t, col.Handler(), "/api/v1/track", one)
	mustPost(t, col.Handler(), "/api/v1/track/batch", `{"events":[`+strings.Repeat(one+",", event.MaxOutcomes-1)+one+`]}`)
	big := `{"user_id":"u","event_name":"e","properties":{"p":"` + strings.Repeat("x", event.MaxPropertyBytes-len(`{"p":""}`)) + `"}}`
	mustPost(t, col.Handler(), "/api/v1/track", big)
}

func TestAuthentication(t *testing.T) {
	col := start(t, config(t, newBucket()))
	defer col.Close(t.Context())
	const body = `{"user_id":"u","event_name":"e"}`
	tests := []struct {
		name, authorization string
		status              int
	}{
		{"first key", "Bearer another key", 202},
		{"second key", "Bearer " + apiKey, 202},
		{"scheme in lower case", "bearer " + apiKey, 202},
		{"no header", "", 401},
		{"no token", "Bearer ", 401},
		{"wrong key", "Bearer wrong", 401},
		{"prefix of a key", "Bearer " + apiKey[:5], 401},
		{"another scheme", "Basic " + apiKey, 401},
		{"the key alone", apiKey, 401},
	}
	for _, tt := range tests {
		for _, path := range []string{"/api/v1/track", "/api/v1/track/batch", "/api/v1/exposures"} {
			t.Run(tt.name+" "+path, func(t *testing.T) {
				w := post(col.Handler(), path, body, "Authorization", tt.authorization)
				if tt.status == 401 {
					checkProblem(t, w, 401, "Authorization: Bearer")
					if w.Header().Get("WWW-Authenticate") == "" {
						t.Error("no WWW-Authenticate")
					}
				} else if w.Code == 401 {
					t.Errorf("a good key was refused: %s", w.Body)
				}
			})
		}
	}
}

func TestMethods(t *testing.T) {
	col := start(t, config(t, newBucket()))
	defer col.Close(t.Context())
	tests := []struct{ method, path, allow string }{
		{"PUT", "/api/v1/track", "POST"},
		{"GET", "/api/v1/exposures", "POST"},
		{"POST", "/healthz", "GET, HEAD"},
		{"DELETE", "/metrics", "GET, HEAD"},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.path, nil)
			r.Header.Set("Authorization", "Bearer "+apiKey)
			w := httptest.NewRecorder()
			col.Handler().ServeHTTP(w, r)
			checkProblem(t, w, http.StatusMethodNotAllowed, "not "+tt.method)
			if got := w.Header().Get("Allow"); got != tt.allow {
				t.Errorf("Allow: %q, want %q", got, tt.allow)
			}
		})
	}
}

func TestOperations(t *testing.T) {
	b := newBucket()
	col := start(t, config(t, b))
	h := col.Handler()
	for _, path := range []string{"/healthz", "/readyz"} {
		if code, body := get(h, path); code != 200 {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	mustPost(t, h, "/api/v1/track/batch", `{"events":[{"user_id":"u","event_name":"e","event_id":"1"},{"user_id":"u","event_name":"e","event_id":"1"}]}`)
	post(h, "/api/v1/track", `{}`)
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, text := get(h, "/metrics")
	for _, line := range []string{
		`sortition_collector_accepted_events_total{kind="outcome"} 2`,
		`sortition_collector_stored_events_total{kind="outcome"} 1`,
		`sortition_collector_duplicate_events_total{kind="outcome"} 1`,
		`sortition_collector_accepted_events_total{kind="exposure"} 0`,
		`sortition_collector_requests_total{code="202",route="/api/v1/track/batch"} 1`,
		`sortition_collector_requests_total{code="400",route="/api/v1/track"} 1`,
		`sortition_collector_uploads_total 1`,
		`sortition_collector_spool_bytes 0`,
		`sortition_collector_append_seconds_count 1`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("/metrics lacks %s", line)
		}
	}
	checkProblem(t, post(h, "/api/v1/track", `{"user_id":"u","event_name":"e"}`), http.StatusServiceUnavailable, "shutting down")
}

// No id of a unit is on the disk, in the bucket or in the log.
func TestRawIDsAreNeverStored(t *testing.T) {
	var log strings.Builder
	b := newBucket()
	b.fault = func(string) (error, error) { return errBucket, nil }
	c := config(t, b, func(c *collector.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	col := start(t, c)
	h := col.Handler()
	const id = "raw-unit-id-7f3a"
	mustPost(t, h, "/api/v1/track", `{"user_id":"`+id+`","event_name":"e"}`)
	mustPost(t, h, "/api/v1/exposures", `{"source":"s","boot":"b","exposures":[
		{"seq":1,"time":1772366400000,"experiment":"e","variant":"v","phase":1,"unit":"user","unit_id":"`+id+`","revision":1}]}`)
	post(h, "/api/v1/track", `{"user_id":"`+id+`","event_name":7}`)
	if err := col.Close(t.Context()); err == nil {
		t.Fatal("Close sent the spool to a bucket that is down")
	}

	files := 0
	check := func(name string, data []byte) {
		files++
		if strings.Contains(string(data), id) {
			t.Errorf("%s holds the raw id", name)
		}
	}
	err := filepath.WalkDir(c.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		check(path, data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	b.fault = nil
	col = start(t, c)
	if err := col.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, data := range b.objects {
		check(name, data)
	}
	check("the log", []byte(log.String()))
	if rows := b.outcomes(t); files != 5 || len(rows) != 1 || rows[0].UnitHash != hashOf("user", id) {
		t.Errorf("%d files looked at; outcomes %+v", files, rows)
	}
}

func TestNewRefusesBadConfig(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(*collector.Config)
		want  string
	}{
		{"no sink", func(c *collector.Config) { c.Sink = nil }, "no Sink"},
		{"no bucket", func(c *collector.Config) { c.Bucket = nil }, "Bucket"},
		{"no directory", func(c *collector.Config) { c.Dir = "" }, "Dir"},
		{"no API keys", func(c *collector.Config) { c.APIKeys = nil }, "APIKeys"},
		{"an empty API key", func(c *collector.Config) { c.APIKeys = []string{"k", ""} }, "APIKeys[1]"},
		{"a short hash key", func(c *collector.Config) { c.HashKey = hashKey[:31] }, "HashKey has 31 bytes"},
		{"a negative period", func(c *collector.Config) { c.RotateEvery = -time.Second }, "negative"},
		{"a tiny budget", func(c *collector.Config) { c.Budget = 1000 }, "Budget is 1000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			col, err := collector.New(config(t, newBucket(), tt.spoil))
			if err == nil {
				col.Close(t.Context())
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want one about %s", err, tt.want)
			}
		})
	}
}
