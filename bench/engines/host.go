package engines

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/sortition-dev/sortition/bench/workload"
	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/host"
)

// Host is Sortition as proxies embed it: package edge/host.
type Host struct {
	Engine    host.Engine // wazero if empty
	Instances int         // of the core

	requests []workload.Request
	index    map[string]int
	first    string
	bucket   memory
	root     *bundle.Root
	host     *host.Host
	request  host.Request
	decided  host.Decisions
}

// Prepare implements contest.Contestant.
func (h *Host) Prepare(w *workload.Workload, bucket string) (err error) {
	h.requests, h.first = w.Requests, w.Experiments[0].Key
	h.index = make(map[string]int, len(w.Experiments))
	for i, e := range w.Experiments {
		h.index[e.Key] = i
	}
	if h.bucket, err = readBucket(bucket); err != nil {
		return err
	}
	h.root, err = bundle.ParseRoot(h.bucket[rootName])
	return err
}

// Open calls host.Open, which compiles the core, fetches, verifies and loads the bundle, and
// runs its golden vectors.
func (h *Host) Open() (err error) {
	h.host, err = host.Open(context.Background(), host.Options{
		Source: h.bucket, Root: h.root, Environment: environment, Engine: h.Engine, Instances: h.Instances,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	if !h.host.Snapshot().Ready {
		return fmt.Errorf("the host is not ready: %+v", h.host.Status())
	}
	return nil
}

// Close implements contest.Contestant.
func (h *Host) Close() error { return h.host.Close(context.Background()) }

// One implements contest.Contestant.
func (h *Host) One(i int) error {
	_, err := h.host.Decide(fill(&h.request, &h.requests[i]), h.first)
	return err
}

// All implements contest.Contestant.
func (h *Host) All(i int) (int, error) {
	err := h.host.DecideAll(fill(&h.request, &h.requests[i]), &h.decided)
	return h.decided.Len(), err
}

// Matches implements contest.Contestant.
func (h *Host) Matches(i int) ([]int, error) {
	_, err := h.All(i)
	matched := []int{}
	for d := range h.decided.All() {
		matched = append(matched, h.index[d.Experiment()])
	}
	return matched, err
}
