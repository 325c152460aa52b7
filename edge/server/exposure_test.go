package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/exposure"
	"github.com/sortition-dev/sortition/edge/exposure/exposuretest"
	"github.com/sortition-dev/sortition/edge/server"
)

// inbox is a collector that keeps the exposures that it receives.
type inbox struct {
	mu        sync.Mutex
	exposures []event.Exposure
}

func (i *inbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	batch, _, err := exposuretest.Read(r)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.exposures = append(i.exposures, batch.Exposures...)
	w.WriteHeader(http.StatusAccepted)
}

func TestExposures(t *testing.T) {
	box := new(inbox)
	collector := httptest.NewServer(box)
	defer collector.Close()
	queue, err := exposure.New(exposure.Config{Endpoint: collector.URL, APIKey: "key", Source: "test"})
	if err != nil {
		t.Fatal(err)
	}
	b := newBucket(t)
	p := program()
	p.Experiments[0].Overrides = []model.Override{{Hash: xxhash.Sum64String("tester"), Variant: 1}}
	b.publish(t, p)
	s := serve(t, b, server.Options{Exposures: queue})

	assign(t, s, `{"user_id":"u2","context":{"country":"NZ"}}`)
	assign(t, s, `{"user_id":"u2","context":{"country":"NZ"}}`) // a repetition is one exposure
	assign(t, s, `{"user_id":"u2","units":{"device":"d1"},"experiments":["on_device","paused","theme","nonesuch"],"reasons":true}`)
	assign(t, s, `{"user_id":"tester"}`)
	if _, text := get(t, s, "/metrics"); !strings.Contains(text, "\nsortition_exposures_emitted_total 4\n") ||
		!strings.Contains(text, "\nsortition_exposures_total{result=\"duplicate\"} 1\n") {
		t.Error("metrics do not show the exposures")
	}
	if err := queue.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	var got []string
	for _, e := range box.exposures {
		if e.Time == 0 || e.Revision != 1 || e.Phase != 1 {
			t.Errorf("time %d, revision %d, phase %d", e.Time, e.Revision, e.Phase)
		}
		got = append(got, fmt.Sprintf("%s=%s for %s %s, override %v", e.Experiment, e.Variant, e.Unit, e.UnitID, e.Override))
	}
	slices.Sort(got)
	want := []string{
		"button=big for user tester, override true",
		"button=big for user u2, override false",
		"on_device=big for device d1, override false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}
