package compile

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/explain"
)

func TestRamps(t *testing.T) {
	p := storefront()
	p.Experiments[0].Enrolment = config.Enrolment{Ramp: []config.Step{{At: time.UnixMilli(1_000), Traffic: 100}, {At: time.UnixMilli(2_000), Traffic: 2_500}}}
	p.Flags[0].Rules[0].Enrolment = config.Enrolment{Ramp: []config.Step{{At: time.UnixMilli(3_000), Traffic: 10_000}}}
	program := mustProgram(t, p, nil)
	banner, chat := program.Experiments[0].Rules[0], program.Experiments[1].Rules[0]
	if want := []model.Step{{At: 1_000, Traffic: 100}, {At: 2_000, Traffic: 2_500}}; !slices.Equal(banner.Ramp, want) || banner.Traffic != 0 {
		t.Errorf("ramp %v from %d, want %v from 0", banner.Ramp, banner.Traffic, want)
	}
	if want := ranges(0, 2_500); !slices.Equal(banner.Slots, want) {
		t.Errorf("slots %v, want %v", banner.Slots, want)
	}
	if want := []model.Step{{At: 3_000, Traffic: 10_000}}; !slices.Equal(chat.Ramp, want) || chat.Traffic != 0 {
		t.Errorf("ramp %v from %d, want %v from 0", chat.Ramp, chat.Traffic, want)
	}
}

// TestRampMovesNobody grows and shrinks traffic, adds and stops neighbours, and checks
// with the naive evaluator that whoever stays enrolled keeps the variant.
func TestRampMovesNobody(t *testing.T) {
	const users = 2_000
	p := storefront()
	p.Holdout = nil
	p.Experiments[0].Holdout = false
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	given := func(program *model.Program, key string) []string {
		i := slices.IndexFunc(program.Experiments, func(e model.Experiment) bool { return e.Key == key })
		variants := make([]string, users)
		for u := range variants {
			r := explain.Request{Units: map[string]string{"user": fmt.Sprint("user-", u)}, Now: now}
			if d := explain.Decide(program, i, r); d.Variant != model.None {
				variants[u] = program.Experiments[i].Variants[d.Variant].Key
			}
		}
		return variants
	}
	current := mustProgram(t, p, nil)
	before := given(current, "banner")
	for _, step := range []struct {
		traffic config.Percent
		colour  config.Status
		grows   bool
	}{
		{4_000, config.Running, true}, {8_000, config.Running, true}, {10_000, config.Stopped, true},
		{2_000, config.Stopped, false}, {2_000, config.Running, true}, {6_000, config.Paused, true},
	} {
		p.Experiments[0].Traffic, p.Experiments[1].Status = step.traffic, step.colour
		current = mustProgram(t, p, LedgerOf(current))
		after := given(current, "banner")
		enrolled := 0
		for u := range after {
			if after[u] != "" {
				enrolled++
			}
			switch {
			case before[u] == "" || after[u] == before[u]:
			case after[u] == "" && !step.grows:
			default:
				t.Fatalf("traffic %s: user-%d had %q and has %q", step.traffic, u, before[u], after[u])
			}
		}
		if want := users * step.traffic.Slots() / model.Slots; enrolled < want*9/10 || enrolled > want*11/10 {
			t.Errorf("traffic %s: %d of %d users are enrolled", step.traffic, enrolled, users)
		}
		before = after
	}
}

// TestRampOverTime lets time pass over a ramp, and publishes a longer one on the way.
func TestRampOverTime(t *testing.T) {
	const users = 2_000
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	ramp := []config.Step{{At: day(2), Traffic: 100}, {At: day(4), Traffic: 2_000}, {At: day(6), Traffic: 6_000}}
	p := storefront()
	p.Holdout, p.Experiments[0].Holdout = nil, false
	p.Experiments[0].Enrolment = config.Enrolment{Ramp: ramp[:2]}
	current := mustProgram(t, p, nil)
	before := make([]int, users)
	for u := range before {
		before[u] = model.None
	}
	for i, want := range []int{0, 100, 100, 2_000, 2_000, 6_000, 6_000} {
		today := i + 1
		if today == 5 {
			p.Experiments[0].Ramp = ramp
			current = mustProgram(t, p, LedgerOf(current))
		}
		enrolled := 0
		for u := range users {
			r := explain.Request{Units: map[string]string{"user": fmt.Sprint("user-", u)}, Now: day(today)}
			d := explain.Decide(current, 0, r)
			if before[u] != model.None && d.Variant != before[u] {
				t.Fatalf("day %d: user-%d had variant %d and has %d", today, u, before[u], d.Variant)
			}
			if d.Variant != model.None {
				enrolled++
			}
			before[u] = d.Variant
		}
		if expected := users * want / model.Slots; enrolled < expected*9/10-10 || enrolled > expected*11/10+10 {
			t.Errorf("day %d: %d of %d users are enrolled, want about %d", today, enrolled, users, expected)
		}
	}
}
