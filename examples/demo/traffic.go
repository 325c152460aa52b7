package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
)

const (
	workers        = 4
	requestTimeout = 10 * time.Second
	maxAnswer      = 1 << 20 // bytes
)

type half int

const (
	firstHalf half = iota
	secondHalf
)

// traffic asks the edge for the decisions of visitors, sends their outcomes to the
// collector, and records both.
type traffic struct {
	stage    *stage
	client   *http.Client
	visitors []*visitor

	mu        sync.Mutex
	seen      map[string]map[string]string // by user and experiment: the variant
	revisions map[uint64]int               // answers by revision
	sessions  int
	outcomes  int
	faults    []string
}

func newTraffic(s *stage, n int) *traffic {
	t := &traffic{
		stage: s, client: &http.Client{Timeout: requestTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: workers}},
		seen: map[string]map[string]string{}, revisions: map[uint64]int{},
	}
	for i := range n {
		t.visitors = append(t.visitors, newVisitor(i))
	}
	return t
}

// run sends the sessions of one half, spread over the duration.
func (t *traffic) run(ctx context.Context, h half, duration time.Duration) error {
	var coming []*visitor
	for _, v := range t.visitors {
		if first, second := v.sessions(); h == firstHalf && first || h == secondHalf && second {
			coming = append(coming, v)
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan *visitor)
	var running sync.WaitGroup
	for range workers {
		running.Go(func() {
			for v := range queue {
				if err := t.session(ctx, v, h); err != nil {
					cancel(err)
				}
			}
		})
	}
	began := time.Now()
	for i, v := range coming {
		if due := began.Add(duration * time.Duration(i) / time.Duration(len(coming))); time.Until(due) > time.Millisecond {
			time.Sleep(time.Until(due))
		}
		if i > 0 && i%(len(coming)/3+1) == 0 {
			t.stage.note(fmt.Sprintf("%d of %d sessions", i, len(coming)))
		}
		select {
		case queue <- v:
		case <-ctx.Done():

		}
		if ctx.Err() != nil {
			break
		}
	}
	close(queue)
	running.Wait()
	return context.Cause(ctx)
}

// session is one visit: the edge decides, and the visitor acts on the decisions.
func (t *traffic) session(ctx context.Context, v *visitor, h half) error {
	var answer struct {
		Assignments []struct {
			Experiment string `json:"experiment_id"`
			Variant    string `json:"variant_id"`
		} `json:"assignments"`
		Revision uint64 `json:"revision"`
	}
	err := t.post(ctx, t.stage.edge.address+"/api/v1/assign", http.StatusOK, map[string]any{
		"user_id": v.user, "units": map[string]string{"device": v.device}, "context": v.context,
	}, &answer)
	if err != nil {
		return err
	}
	variants := map[string]string{}
	for _, a := range answer.Assignments {
		variants[a.Experiment] = a.Variant
	}
	t.remember(v, variants, answer.Revision)
	if v.bot || h == firstHalf && v.returns {
		return nil
	}
	outcomes := v.behave(variants)
	if len(outcomes) == 0 {
		return nil
	}
	t.mu.Lock()
	t.outcomes += len(outcomes)
	t.mu.Unlock()
	return t.post(ctx, t.stage.collect.address+"/api/v1/track/batch", http.StatusAccepted,
		map[string]any{"events": outcomes}, nil)
}

// remember records the variants that the visitor was given, and a fault for each that changed.
func (t *traffic) remember(v *visitor, variants map[string]string, revision uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sessions++
	t.revisions[revision]++
	before := t.seen[v.user]
	if before == nil {
		before = map[string]string{}
		t.seen[v.user] = before
	}
	for experiment, variant := range variants {
		if last, ok := before[experiment]; ok && last != variant {
			t.faults = append(t.faults, fmt.Sprintf("%s saw %s of %s, and then %s", v.user, last, experiment, variant))
		}
	}
	for experiment, variant := range before {
		if _, ok := variants[experiment]; !ok {
			t.faults = append(t.faults, fmt.Sprintf("%s lost %s of %s", v.user, variant, experiment))
		}
	}
	maps.Copy(before, variants)
}

func (t *traffic) post(ctx context.Context, url string, status int, body, answer any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(encoded))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+apiKey)
	response, err := t.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	if response.StatusCode != status {
		return fmt.Errorf("%s answers %s: %s", url, response.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// report prints how much was sent.
func (t *traffic) report(out io.Writer) {
	fmt.Fprintf(out, "      %d sessions of %d visitors, %d outcomes; answers by revision:", t.sessions, len(t.visitors), t.outcomes)
	for _, revision := range slices.Sorted(maps.Keys(t.revisions)) {
		fmt.Fprintf(out, " %d: %d", revision, t.revisions[revision])
	}
	fmt.Fprintln(out)
}

// check reports what must never happen: a visitor whose variant changed, a bot in an
// experiment, a visitor in two experiments of a layer, a revision that did not arrive.
func (t *traffic) check() error {
	project, problems := config.Load(t.stage.project)
	if err := problems.Err(); err != nil {
		return err
	}
	faults := t.faults
	for _, v := range t.visitors {
		layers := map[int]string{}
		for _, e := range project.Experiments {
			if _, ok := t.seen[v.user][e.Key]; !ok {
				continue
			}
			if v.bot {
				faults = append(faults, fmt.Sprintf("%s is a bot and is in %s", v.user, e.Key))
			}
			if e.Layer == model.None {
				continue
			}
			if other, ok := layers[e.Layer]; ok {
				faults = append(faults, fmt.Sprintf("%s is in %s and %s, which share a layer", v.user, other, e.Key))
			}
			layers[e.Layer] = e.Key
		}
	}
	if len(t.revisions) < 2 {
		faults = append(faults, "the second revision never arrived")
	}
	if len(faults) > 0 {
		return errors.New("this must never happen:\n" + join(faults))
	}
	return nil
}

// units counts the units that were given the variant.
func (t *traffic) units(experiment, variant string) int64 {
	var n int64
	for _, variants := range t.seen {
		if variants[experiment] == variant {
			n++
		}
	}
	return n
}
