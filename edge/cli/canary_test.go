package cli_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/eventually"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/publish"
)

// offer offers revision n to the hosts with a label.
func (b *bucket) offer(t testing.TB, n int) {
	t.Helper()
	b.as(t, n, func(p *publish.Publication) {
		p.Action = audit.StartCanary
		p.Canary = &bundle.Canary{Share: 10_000, Labels: []bundle.Label{{Name: "region", Values: []string{"eu"}}}}
	})
}

// statusOf is what a host says of itself.
func statusOf(t testing.TB, url string) (status struct {
	Revision, Polls int
	Canary          bool
}) {
	t.Helper()
	res, err := http.Get(url + "/readyz?verbose")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&status); err != nil {
		t.Fatal(err)
	}
	return status
}

func TestServeACanary(t *testing.T) {
	b := newBucket(t)
	b.publish(t, 1)
	eu, us := serveOn(t, b, "--label", "region=eu"), serveOn(t, b, "--label", "region=us")
	b.offer(t, 2)
	waitForRevision(t, eu.url, 2)
	polls := statusOf(t, us.url).Polls
	eventually.True(t, "the next poll", func() bool { return statusOf(t, us.url).Polls > polls+1 })
	if s := statusOf(t, us.url); s.Revision != 1 || s.Canary {
		t.Errorf("outside of the canary: %+v", s)
	}
	if !statusOf(t, eu.url).Canary {
		t.Error("the canary does not say so")
	}
	b.as(t, 3, func(p *publish.Publication) { p.Action = audit.PromoteCanary })
	waitForRevision(t, us.url, 3)
	waitForRevision(t, eu.url, 3)
}

// TestHostIDStays: the draw of a host is the same after a restart.
func TestHostIDStays(t *testing.T) {
	b := newBucket(t)
	b.publish(t, 1)
	state := filepath.Join(t.TempDir(), "state")
	var ids []string
	for range 2 {
		p := serveOn(t, b, "--state-dir", state)
		waitForRevision(t, p.url, 1)
		id, err := os.ReadFile(filepath.Join(state, "host-id"))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, string(id))
		p.stop()
	}
	if len(ids[0]) < 20 || ids[0] != ids[1] {
		t.Errorf("ids %q", ids)
	}
}
