package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/eventfile"
	"github.com/sortition-dev/sortition/bundle/store"
)

// collectInto starts `edge collect` on the bucket. It ships when it is stopped.
func collectInto(t testing.TB, b *bucket, dir string) *process {
	t.Helper()
	writeFile(t, filepath.Join(dir, "api.keys"), "other\nsecret\n")
	writeFile(t, filepath.Join(dir, "unit.key"), strings.Repeat("k", 64)+"\n")
	return start(t, "collect", "--bucket", b.dir, "--listen", "127.0.0.1:0", "--spool", filepath.Join(dir, "spool"),
		"--api-key-file", filepath.Join(dir, "api.keys"), "--unit-key-file", filepath.Join(dir, "unit.key"), "--rotate", "1h")
}

// rows reads all event files below a prefix of the bucket.
func rows[T eventfile.Row](t testing.TB, b *bucket, prefix string) []T {
	t.Helper()
	objects, err := store.Open(t.Context(), b.dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []T
	for entry, err := range eventfile.List(t.Context(), objects, prefix) {
		if err != nil {
			t.Fatal(err)
		}
		part, err := eventfile.Read[T](t.Context(), objects, entry)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, part...)
	}
	return all
}

func track(t testing.TB, url, user string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, url+"/api/v1/track",
		strings.NewReader(`{"user_id":"`+user+`","event_name":"purchase","properties":{"value":9.5}}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer secret")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		text, _ := io.ReadAll(res.Body)
		t.Fatalf("%s: %s", res.Status, text)
	}
}

func TestFromDecisionToBucket(t *testing.T) {
	b := newBucket(t)
	b.publish(t, 1)
	dir := t.TempDir()
	collector := collectInto(t, b, dir)
	edge := serveOn(t, b, "--collector", collector.url, "--api-key-file", filepath.Join(dir, "api.keys"), "--source-id", "edge-1")
	waitForRevision(t, edge.url, 1)
	const users = 25
	for i := range users {
		if _, _, err := assign(edge.url, fmt.Sprint("user", i)); err != nil {
			t.Fatal(err)
		}
	}
	track(t, collector.url, "user7")
	if status := edge.stop(); status != 0 {
		t.Errorf("serve: exit status %d: exposures that waited were not drained", status)
	}
	track(t, collector.url, "user8")
	collector.kill() // what was accepted is in the spool
	collector = collectInto(t, b, dir)
	track(t, collector.url, "user9")
	if status := collector.stop(); status != 0 {
		t.Errorf("collect: exit status %d", status)
	}

	units := map[string]string{}
	for _, e := range rows[event.StoredExposure](t, b, event.ExposuresPrefix) {
		if e.Experiment != "button" || e.Source != "edge-1" || e.Revision != 1 {
			t.Errorf("unexpected exposure %+v", e)
		}
		units[e.UnitHash] = e.Variant
	}
	if len(units) != users+1 { // and the one that waited for the revision
		t.Errorf("exposures of %d units, want %d", len(units), users+1)
	}
	outcomes := rows[event.StoredOutcome](t, b, event.OutcomesPrefix)
	if len(outcomes) != 3 {
		t.Errorf("%d outcomes, want 3", len(outcomes))
	}
	for _, o := range outcomes {
		if _, known := units[o.UnitHash]; !known {
			t.Errorf("outcome %+v meets no exposure", o)
		}
	}
}

func TestServeSaysWhatItLost(t *testing.T) {
	b := newBucket(t)
	b.publish(t, 1)
	key := filepath.Join(t.TempDir(), "api.key")
	writeFile(t, key, "secret")
	// Nothing listens on port 1.
	edge := serveOn(t, b, "--collector", "http://127.0.0.1:1", "--api-key-file", key, "--shutdown-timeout", "100ms")
	waitForRevision(t, edge.url, 1)
	if status := edge.stop(); status != 1 {
		t.Errorf("exit status %d, want 1", status)
	}
	if !strings.Contains(edge.log(), "1 exposures were lost") {
		t.Errorf("the log does not say so: %s", edge.log())
	}
}
