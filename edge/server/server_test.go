package server_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/eventually"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/edge/server"
)

// serve opens a host on the bucket and serves it.
func serve(t testing.TB, b *bucket, o server.Options) *httptest.Server {
	t.Helper()
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	h, err := host.Open(t.Context(), host.Options{
		Source: b, Root: b.root, Environment: environment, Poll: 20 * time.Millisecond, Instances: 2, Logger: logger,
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Host, o.Logger = h, logger
	s := httptest.NewServer(server.New(o))
	t.Cleanup(func() {
		s.Close()
		if err := h.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return s
}

type assignment struct {
	Experiment string          `json:"experiment_id"`
	Variant    *string         `json:"variant_id"`
	Name       string          `json:"variant_name"`
	Config     json.RawMessage `json:"config"`
	Reason     string          `json:"reason"`
}

type answer struct {
	Assignments []assignment `json:"assignments"`
	Revision    uint64       `json:"revision"`
	Stale       bool         `json:"stale"`
}

func (a *answer) String() string {
	var parts []string
	for _, one := range a.Assignments {
		part := one.Experiment + "=-"
		if one.Variant != nil {
			part = one.Experiment + "=" + *one.Variant
		}
		if one.Reason != "" {
			part += ":" + one.Reason
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ")
}

func post(t testing.TB, s *httptest.Server, body string) *http.Response {
	t.Helper()
	res, err := http.Post(s.URL+"/api/v1/assign", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func assign(t testing.TB, s *httptest.Server, body string) *answer {
	t.Helper()
	res := post(t, s, body)
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "application/json" {
		text, _ := io.ReadAll(res.Body)
		t.Fatalf("%s %s: %s", res.Status, res.Header.Get("Content-Type"), text)
	}
	var a answer
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return &a
}

func get(t testing.TB, s *httptest.Server, path string) (int, string) {
	t.Helper()
	res, err := http.Get(s.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestAssign(t *testing.T) {
	b := newBucket(t)
	b.publish(t, program())
	s := serve(t, b, server.Options{})
	tests := []struct{ name, body, want string }{
		{"everything", `{"user_id":"u1","context":{"plan":"pro","country":"NZ"}}`, "button=control pro_only=big theme=on"},
		{"another user", `{"user_id":"u2"}`, "button=big theme=off"},
		{"wrongly typed attribute counts as missing", `{"user_id":"u2","context":{"plan":7,"country":["NZ"]}}`, "button=big theme=off"},
		{"other units", `{"user_id":"u2","units":{"device":"d1"}}`, "button=big on_device=big theme=off"},
		{"without user", `{"units":{"device":"d1"}}`, "on_device=big theme=off"},
		{"with reasons", `{"user_id":"u2","context":{"country":"NZ"},"reasons":true}`, "button=big:split theme=on:split"},
		{"a list", `{"user_id":"u2","experiments":["theme","paused","nonesuch","button"]}`, "theme=off button=big"},
		{"a list with reasons", `{"user_id":"u2","experiments":["theme","paused","nonesuch","pro_only","on_device"],"reasons":true}`,
			"theme=off:split paused=-:kill_switch nonesuch=-:unknown_experiment pro_only=-:audience on_device=-:no_unit"},
		{"an empty list", `{"user_id":"u2","experiments":[]}`, ""},
		{"only unknown ones", `{"user_id":"u2","experiments":["x"]}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := assign(t, s, test.body)
			if got.String() != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if got.Revision != 1 || got.Stale {
				t.Errorf("revision %d, stale %v", got.Revision, got.Stale)
			}
		})
	}

	one := assign(t, s, `{"user_id":"u2","experiments":["button"]}`).Assignments[0]
	if one.Name != "Big" || string(one.Config) != `{"size":2}` {
		t.Errorf("got name %q and config %s", one.Name, one.Config)
	}
}

// TestAnswerIsJSON answers with names that JSON has to escape.
func TestAnswerIsJSON(t *testing.T) {
	const name, other = "On \"now\"\n", "é\x00\x7f<\u2028"
	p := program()
	p.Experiments = p.Experiments[4:]
	p.Experiments[0].Variants = []model.Variant{{Key: "off", Name: name, Config: `{"x":[1,null]}`}, {Key: "on", Name: other, Config: "null"}}
	b := newBucket(t)
	b.publish(t, p)
	s := serve(t, b, server.Options{})
	for country, want := range map[string]assignment{
		"GB": {Name: name, Config: json.RawMessage(`{"x":[1,null]}`)},
		"NZ": {Name: other, Config: json.RawMessage("null")},
	} {
		got := assign(t, s, `{"user_id":"u","experiments":["a \"key\"\n","theme"],"reasons":true,"context":{"country":"`+country+`"}}`)
		if unknown := got.Assignments[0]; unknown.Experiment != "a \"key\"\n" || unknown.Variant != nil || unknown.Config != nil {
			t.Errorf("%s: the unknown key is %+v", country, unknown)
		}
		if known := got.Assignments[1]; known.Name != want.Name || string(known.Config) != string(want.Config) {
			t.Errorf("%s: got %+v, want %+v", country, known, want)
		}
	}
}

func TestProblems(t *testing.T) {
	b := newBucket(t)
	b.publish(t, program())
	s := serve(t, b, server.Options{})
	tests := []struct {
		name, method, path, body string
		status                   int
		detail, allow            string
	}{
		{"wrong input", "POST", "/api/v1/assign", `{"user_id":"u","context":{"plan":{}}}`, 400, "context.plan", ""},
		{"not JSON", "POST", "/api/v1/assign", `user_id=u`, 400, "not valid JSON", ""},
		{"too large", "POST", "/api/v1/assign", strings.Repeat(" ", server.MaxBody+1), 413, "65536", ""},
		{"wrong method", "GET", "/api/v1/assign", "", 405, "allows POST, not GET", "POST"},
		{"wrong method elsewhere", "POST", "/readyz", "", 405, "allows GET, HEAD, not POST", "GET, HEAD"},
		{"wrong path", "POST", "/assign", "", 404, "POST /api/v1/assign", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			req, err := http.NewRequest(test.method, s.URL+test.path, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			var p struct{ Title, Detail string }
			if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
				t.Fatal(err)
			}
			if res.StatusCode != test.status || !strings.Contains(p.Detail, test.detail) || p.Title == "" {
				t.Errorf("got %s %+v, want %d with %q", res.Status, p, test.status, test.detail)
			}
			if got := res.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("Content-Type %q", got)
			}
			if got := res.Header.Get("Allow"); got != test.allow {
				t.Errorf("Allow %q, want %q", got, test.allow)
			}
		})
	}
}

func TestBeforeTheFirstBundle(t *testing.T) {
	b := newBucket(t)
	s := serve(t, b, server.Options{})
	if status, _ := get(t, s, "/healthz"); status != http.StatusOK {
		t.Errorf("healthz: %d", status)
	}
	if status, text := get(t, s, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(text, "no bundle is active") {
		t.Errorf("readyz: %d %s", status, text)
	}
	status, text := get(t, s, "/readyz?verbose")
	var verbose map[string]any
	if err := json.Unmarshal([]byte(text), &verbose); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if status != http.StatusServiceUnavailable || verbose["ready"] != false || verbose["environment"] != environment || verbose["root_version"] != 1.0 {
		t.Errorf("readyz?verbose: %d %s", status, text)
	}
	for _, body := range []string{`{"user_id":"u"}`, `{"user_id":"u","experiments":["button"]}`} {
		res := post(t, s, body)
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			t.Errorf("assign: %s, Retry-After %q", res.Status, res.Header.Get("Retry-After"))
		}
	}
	if _, text := get(t, s, "/metrics"); !strings.Contains(text, "sortition_ready 0\n") {
		t.Error("metrics do not say that the host is not ready")
	}

	b.publish(t, program())
	eventually.True(t, "the first bundle", func() bool { status, _ := get(t, s, "/readyz"); return status == http.StatusOK })
	if got := assign(t, s, `{"user_id":"u2"}`); got.Revision != 1 {
		t.Errorf("revision %d", got.Revision)
	}
}

func TestFollowsTheBucket(t *testing.T) {
	b := newBucket(t)
	b.publish(t, program())
	s := serve(t, b, server.Options{})
	changed := program()
	changed.Experiments = changed.Experiments[:1]
	b.publish(t, changed)
	eventually.True(t, "revision 2", func() bool { return assign(t, s, `{"user_id":"u2"}`).Revision == 2 })
	if got := assign(t, s, `{"user_id":"u2","experiments":["theme","button"],"reasons":true}`); got.String() != "theme=-:unknown_experiment button=big:split" {
		t.Errorf("got %s", got)
	}
}

func TestMetrics(t *testing.T) {
	b := newBucket(t)
	b.publish(t, program())
	s := serve(t, b, server.Options{})
	assign(t, s, `{"user_id":"u2","experiments":["button","paused","nonesuch"]}`)
	post(t, s, `{}`)
	_, text := get(t, s, "/metrics")
	for _, want := range []string{
		`sortition_decisions_total{reason="split"} 1`,
		`sortition_decisions_total{reason="kill_switch"} 1`,
		`sortition_decisions_total{reason="unknown_experiment"} 1`,
		`sortition_decisions_total{reason="layer"} 0`,
		`sortition_assign_duration_seconds_count{status="200"} 1`,
		`sortition_assign_duration_seconds_count{status="400"} 1`,
		`sortition_ready 1`, `sortition_revision 1`, `sortition_epoch 1`, `sortition_root_version 1`, `sortition_stale 0`, `sortition_experiments 5`,
		`sortition_reload_rejected_total{reason="signature"} 0`,
		`sortition_reload_polls_total `, `sortition_activated_timestamp_seconds `, `go_goroutines `,
	} {
		if !strings.Contains(text, "\n"+want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}
