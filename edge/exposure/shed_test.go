package exposure_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/edge/exposure"
)

// While the collector is down, the queue keeps all exposures of some units and none of the others,
// in any order of arrival.
func TestSheddingKeepsWholeUnits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const units, experiments = 6_000, 4
		down := true
		c := newCollector(t)
		c.fault = func(int, *http.Request, func()) (*http.Response, error) {
			if down {
				return answer(503), nil
			}
			return nil, nil
		}
		q := c.queue(func(c *exposure.Config) { c.Capacity = 4_000 })
		q.Add(exposureOf("first", "e0"))
		time.Sleep(2 * exposure.DefaultInterval) // now the sender is busy with that one

		order := rand.New(rand.NewPCG(1, 2)).Perm(units * experiments)
		for _, i := range order {
			q.Add(exposureOf(fmt.Sprint("u", i/experiments), fmt.Sprint("e", i%experiments)))
		}
		s := q.Stats()
		checkBooks(t, s)
		if s.Queued < 1_000 || s.Queued > 4_001 {
			t.Errorf("%d exposures wait, want a queue between a quarter full and full", s.Queued)
		}

		c.mu.Lock()
		down = false
		c.mu.Unlock()
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
		seen := make(map[string]int)
		for _, e := range c.stored {
			seen[e.UnitID]++
		}
		delete(seen, "first")
		for unit, n := range seen {
			if n != experiments {
				t.Errorf("unit %s: %d of its %d exposures were kept", unit, n, experiments)
			}
		}
		if s = q.Stats(); s.Shed != units*experiments-uint64(len(seen)*experiments) {
			t.Errorf("%d units kept: %+v", len(seen), s)
		}
	})
}

func TestShedExposureMayComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		c := newCollector(t)
		c.fault = func(int, *http.Request, func()) (*http.Response, error) {
			if down {
				return answer(503), nil
			}
			return nil, nil
		}
		q := c.queue(func(c *exposure.Config) { c.Capacity = event.MaxExposures })
		emit := func(pause time.Duration) {
			for i := range 5_000 {
				q.Add(exposureOf(fmt.Sprint(i), "checkout"))
				time.Sleep(pause)
			}
		}
		emit(0)
		if s := q.Stats(); s.Shed == 0 {
			t.Fatalf("nothing was shed: %+v", s)
		}
		c.mu.Lock()
		down = false
		c.mu.Unlock()
		for range 3 {
			emit(10 * time.Millisecond)
		}
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
		units := make(map[string]bool)
		for _, e := range c.stored {
			units[e.UnitID] = true
		}
		if len(units) != 5_000 {
			t.Errorf("%d of 5000 units arrived in the end: %+v", len(units), q.Stats())
		}
	})
}
