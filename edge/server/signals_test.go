package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/edge/eventually"
	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/edge/server"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// verbose returns the answer of /readyz?verbose. The host must be ready.
func verbose(t *testing.T, s *httptest.Server) (v map[string]any) {
	t.Helper()
	status, text := get(t, s, "/readyz?verbose")
	if err := json.Unmarshal([]byte(text), &v); err != nil || status != http.StatusOK {
		t.Fatalf("readyz?verbose: %d %s", status, text)
	}
	return v
}

func shows(t *testing.T, s *httptest.Server, metric string) bool {
	t.Helper()
	_, text := get(t, s, "/metrics")
	return strings.Contains(text, "\n"+metric)
}

// TestStaleInEveryAnswer: after a bundle has expired, the host still serves it, and every answer
// says that it is stale, until the bundle is renewed.
func TestStaleInEveryAnswer(t *testing.T) {
	b := newBucket(t)
	b.publishFor(t, program(), time.Second)
	s := serve(t, b, server.Options{})
	eventually.True(t, "the expiry", func() bool { return shows(t, s, "sortition_stale 1\n") })
	for _, body := range []string{
		`{"user_id":"u2"}`, `{"units":{"nothing":"n"}}`, `{"user_id":"u2","experiments":["theme"]}`,
		`{"user_id":"u2","experiments":["nonesuch","theme"]}`, `{"user_id":"u2","experiments":["nonesuch"],"reasons":true}`,
		`{"user_id":"u2","experiments":[]}`,
	} {
		if got := assign(t, s, body); !got.Stale || got.Revision != 1 {
			t.Errorf("%s: revision %d, stale %t", body, got.Revision, got.Stale)
		}
	}
	if v := verbose(t, s); v["stale"] != true {
		t.Errorf("readyz?verbose: %v", v)
	}
	changed := program()
	changed.Experiments = changed.Experiments[1:]
	b.publish(t, changed)
	eventually.True(t, "revision 2", func() bool { return assign(t, s, `{"user_id":"u2"}`).Revision == 2 })
	if got := assign(t, s, `{"user_id":"u2","experiments":["nonesuch"]}`); got.Stale {
		t.Error("stale although it was renewed")
	}
}

// put signs revision 2 of the program with a change, and uploads it.
func (b *bucket) put(t *testing.T, change func(*bundle.Manifest), objects ...bundle.NamedObject) {
	t.Helper()
	raw, err := compile.Payload(program())
	if err != nil {
		t.Fatal(err)
	}
	m := bundle.Manifest{
		Environment: environment, Epoch: 1, Revision: 2, Created: time.Now(), Expires: time.Now().Add(time.Hour),
		MinimumSchema: payload.Schema, Core: bundle.CoreOf(wasm.Core, abi.Version),
	}
	change(&m)
	sealed, err := bundle.Seal(m, raw, b.key)
	if err != nil {
		t.Fatal(err)
	}
	objects = append(append(sealed.Objects, objects...), bundle.NamedObject{Name: sealed.Manifest.Name(), Data: sealed.Envelope},
		bundle.NamedObject{Name: bundle.LatestName, Data: sealed.Envelope})
	for _, o := range objects {
		if err := b.Put(t.Context(), o.Name, o.Data); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRejectionsAreVisible shows why a host does not follow the bucket.
func TestRejectionsAreVisible(t *testing.T) {
	b := newBucket(t)
	b.publish(t, program())
	s := serve(t, b, server.Options{})
	b.put(t, func(m *bundle.Manifest) { m.Environment = "staging" })
	reason := reload.ReasonEnvironment
	eventually.True(t, "the rejection", func() bool { return verbose(t, s)["last_reason"] == string(reason) })
	v := verbose(t, s)
	counts, _ := v["rejected"].(map[string]any)
	if n, _ := counts[string(reason)].(float64); n == 0 || len(counts) != len(reload.Reasons()) || v["advice"] != reason.Advice() {
		t.Errorf("readyz?verbose: %v", v)
	}
	if shows(t, s, `sortition_reload_rejected_total{reason="environment"} 0`) {
		t.Error("metrics do not count it")
	}
	if got := assign(t, s, `{"user_id":"u2"}`); got.Revision != 1 {
		t.Errorf("revision %d", got.Revision)
	}
}

// TestCoreBehindIsVisible names a core that no host can use.
func TestCoreBehindIsVisible(t *testing.T) {
	b := newBucket(t)
	b.publish(t, program())
	s := serve(t, b, server.Options{})
	useless := []byte("not wasm")
	core := bundle.CoreOf(useless, abi.Version)
	b.put(t, func(m *bundle.Manifest) { m.Core = core }, bundle.NamedObject{Name: bundle.CoreName(core.SHA256), Data: useless})
	eventually.True(t, "the quarantine", func() bool { return shows(t, s, "sortition_reload_quarantined 1\n") })
	if v := verbose(t, s); v["core_behind"] != true || v["quarantined"] != 1.0 || v["revision"] != 2.0 {
		t.Errorf("readyz?verbose: %v", v)
	}
	if !shows(t, s, "sortition_core_behind 1\n") || !shows(t, s, `sortition_reload_payloads_total{method="kept"} 1`) {
		t.Error("metrics do not say that the core is behind")
	}
}
