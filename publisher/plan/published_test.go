package plan

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
)

const (
	// publishedProjects is how many random projects are published several times each, in
	// about a tenth of a second.
	publishedProjects = 20
	publishes         = 4
)

// TestPublishedUnitsAreCounted publishes one random state of a project after another, as
// compiled on the ledger of the one before, and holds what the plans say of each
// experiment against a count over all slots and variant slots.
func TestPublishedUnitsAreCounted(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(publishedProjects) {
		rng := rand.New(rand.NewPCG(seed, 8))
		before, at := &model.Program{}, now
		for range publishes {
			at = at.AddDate(0, 0, rng.IntN(12))
			after, err := compile.Program(randomProject(rng, at), compile.LedgerOf(before), at)
			if err != nil {
				met["the layer is at rest"]++
				continue // and publish something else
			}
			p := Compare(&State{Program: before}, State{Program: after}, at)
			for _, key := range []string{"a", "alone", "b", "c"} {
				if err := holdsFor(key, p, before, after, at, met); err != nil {
					t.Fatalf("seed %d: %s: %v\nbefore %+v\nafter %+v", seed, key, err, before.Find(key), after.Find(key))
				}
			}
			if len(after.Ledger.Rests) > 0 {
				met["slots at rest"]++
			}
			before = after
		}
	}
	for _, what := range []string{"enter", "leave", "switch", "begins", "stops", "is held out", "is at a step of a ramp", "slots at rest", "the layer is at rest"} {
		if met[what] == 0 {
			t.Errorf("%q was never met: the test tests too little", what)
		}
	}
}

// holdsFor counts what becomes of the units of one experiment, and notes what it met.
func holdsFor(key string, p *Plan, before, after *model.Program, at time.Time, met map[string]int) error {
	b, a := before.Find(key), after.Find(key)
	if b == nil && a == nil {
		return nil
	}
	was, is := withOnly(before, b, after, a), withOnly(after, a, before, b)
	want := countOut(was, is, model.MillisOf(at), []int{0}, countAlike)
	i := slices.IndexFunc(p.Experiments, func(x Change) bool { return x.Key == key })
	if i < 0 || len(p.Experiments[i].Movements) == 0 {
		for flow := range want.flows {
			if flow[0] != flow[1] && want.flows[flow].Sign() > 0 {
				return fmt.Errorf("the plan says nothing, counted %q → %q", flow[0], flow[1])
			}
		}
		return nil
	}
	m := p.Experiments[i].Movements[0]
	for what, happened := range map[string]bool{
		"enter": !m.Enter.Zero(), "leave": !m.Leave.Zero(), "switch": !m.Switch.Zero(), "begins": b == nil, "stops": a == nil,
		"is held out":            len(is.Experiments[0].Holdouts) > 0,
		"is at a step of a ramp": a != nil && TrafficAt(&a.Rules[0], model.MillisOf(at)) > a.Rules[0].Traffic,
	} {
		if happened {
			met[what]++
		}
	}
	return differ(m, want)
}

// withOnly is a program with one experiment; if it is not there, with that of the other
// program, which then gives nobody anything.
func withOnly(p *model.Program, e *model.Experiment, other *model.Program, of *model.Experiment) *model.Program {
	if e == nil {
		c := *other
		gone := *of
		gone.Killed = true
		c.Experiments = []model.Experiment{gone}
		return &c
	}
	c := *p
	c.Experiments = []model.Experiment{*e}
	return &c
}

// randomProject has an experiment without a layer and three in one, with holdouts.
func randomProject(rng *rand.Rand, at time.Time) *config.Project {
	p := &config.Project{
		Units: []string{"user"}, Rest: config.Period(rng.IntN(3)) * config.DefaultRest / 2,
		Layers:  []config.Layer{{Key: "home", Holdout: randomHoldout(rng)}},
		Holdout: randomHoldout(rng),
	}
	room := model.Slots
	for _, key := range []string{"a", "alone", "b", "c"} {
		e := &config.Experiment{Key: key, Salt: key, Status: config.Running, Holdout: p.Holdout != nil && rng.IntN(2) == 0}
		if rng.IntN(4) == 0 {
			e.Status = []config.Status{config.Paused, config.Stopped}[rng.IntN(2)]
		}
		if key == "alone" {
			e.Layer, e.Enrolment = model.None, randomEnrolment(rng, model.Slots, at)
		} else {
			e.Enrolment = randomEnrolment(rng, room, at)
			if e.Status.Live() {
				room -= e.Largest().Slots()
			}
		}
		left := config.Everything
		for _, variant := range []string{"x", "y", "z"} {
			weight := config.Percent(rng.IntN(int(left) + 1))
			if variant == "z" {
				weight = left
			}
			left -= weight
			e.Variants = append(e.Variants, config.Variant{Key: variant, Weight: weight})
		}
		p.Experiments = append(p.Experiments, e)
	}
	return p
}

func randomHoldout(rng *rand.Rand) *config.Holdout {
	if rng.IntN(2) == 0 {
		return nil
	}
	return &config.Holdout{Traffic: config.Percent(1 + rng.IntN(2_000))}
}

// randomEnrolment is a traffic of at most half of the room, or a ramp to it that began some
// days ago.
func randomEnrolment(rng *rand.Rand, room int, at time.Time) config.Enrolment {
	traffic := config.Percent(rng.IntN(room/2 + 1))
	if rng.IntN(2) == 0 {
		return config.Enrolment{Traffic: traffic}
	}
	var r config.Enrolment
	for day := range 3 {
		r.Ramp = append(r.Ramp, config.Step{At: at.AddDate(0, 0, day-1), Traffic: traffic * config.Percent(day+1) / 3})
	}
	return r
}
