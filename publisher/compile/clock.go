package compile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
)

// PauseRamp stops the clock that all ramps of an experiment or flag go by: traffic stays
// what it is. Pausing twice changes nothing more.
func PauseRamp(key string, now time.Time) Operation {
	return operateClock(key, now, func(c *model.Clock) error {
		if !c.Stopped && c.Shows >= slices.Max(stepTimes(c)) {
			return fmt.Errorf("the ramp of %q has come to its end: there is nothing to pause", key)
		}
		c.Stopped = true
		return nil
	})
}

// ResumeRamp lets a paused clock go on from what it shows. The steps that are left keep
// their distances: each comes later by as long as the ramp was paused.
func ResumeRamp(key string, now time.Time) Operation {
	return operateClock(key, now, func(c *model.Clock) error {
		if !c.Stopped {
			return fmt.Errorf("the ramp of %q is not paused", key)
		}
		c.Stopped = false
		return nil
	})
}

// Target is a step of the ramps of an experiment or flag: by its number from 1 in the
// order of time, or by its traffic in slots; the next one if neither is given.
type Target struct{ Step, Traffic int }

// JumpRamp sets the clock to the time of a step, which begins now. The steps that follow
// keep their distances. A ramp that is paused stays paused. Units leave only if the step
// is before the one that the ramp is at.
func JumpRamp(key string, to Target, now time.Time) Operation {
	return operateClock(key, now, func(c *model.Clock) error {
		at, err := to.find(c)
		if err != nil {
			return fmt.Errorf("the ramp of %q %w", key, err)
		}
		c.Shows = at
		return nil
	})
}

// find is the declared time of the target.
func (t Target) find(c *model.Clock) (int64, error) {
	times := stepTimes(c)
	var found []int64
	for i, at := range times {
		switch {
		case t.Step > 0 && i+1 == t.Step,
			t.Step == 0 && t.Traffic > 0 && slices.Contains(trafficFrom(c, at), t.Traffic),
			t == Target{} && at > c.Shows && found == nil:
			found = append(found, at)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case t == Target{}:
		return 0, errors.New("has come to its end: there is no next step")
	case len(found) == 0:
		return 0, fmt.Errorf("has no such step: its steps are %s", describeSteps(c))
	}
	return 0, fmt.Errorf("comes to %s more than once: give a number of its steps %s", config.Percent(t.Traffic), describeSteps(c))
}

// describeSteps numbers the steps: 1 to 0.1%, 2 to 10%.
func describeSteps(c *model.Clock) string {
	var steps []string
	for i, at := range stepTimes(c) {
		var traffics []string
		for _, traffic := range trafficFrom(c, at) {
			traffics = append(traffics, config.Percent(traffic).String())
		}
		steps = append(steps, fmt.Sprintf("%d to %s", i+1, strings.Join(traffics, " and ")))
	}
	return strings.Join(steps, ", ")
}

// stepTimes are the declared times at which a ramp takes a step, ascending.
func stepTimes(c *model.Clock) []int64 {
	var times []int64
	for _, r := range c.Ramps {
		for _, s := range r.Steps {
			times = append(times, s.At)
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}

// trafficFrom is what the traffic becomes at a time, by ramp that takes a step then.
func trafficFrom(c *model.Clock, at int64) []int {
	var traffic []int
	for _, r := range c.Ramps {
		for _, s := range r.Steps {
			if s.At == at {
				traffic = append(traffic, s.Traffic)
			}
		}
	}
	return traffic
}

// operateClock changes the clock of an experiment or flag. One that has none of its own
// goes by the time, and so shows now what the time is.
func operateClock(key string, now time.Time, change func(*model.Clock) error) Operation {
	return func(p *model.Program) error {
		e, err := mustFind(p, key)
		if err != nil {
			return err
		}
		i, found := slices.BinarySearchFunc(p.Ledger.Clocks, key, func(c model.Clock, key string) int { return cmp.Compare(c.Key, key) })
		at := milliseconds(now)
		clock := model.Clock{Key: key, At: at, Shows: at, Ramps: rampsOf(e)}
		if found {
			clock = p.Ledger.Clocks[i]
		}
		if clock.Ramps == nil {
			return fmt.Errorf("%q has no ramp", key)
		}
		before := clock
		clock.At, clock.Shows = at, clock.Reading(at)
		if err := change(&clock); err != nil {
			return err
		}
		if clock.Stopped == before.Stopped && clock.Shows == before.Reading(at) {
			return nil
		}
		followClock(e, &clock)
		if found {
			p.Ledger.Clocks[i] = clock
		} else {
			p.Ledger.Clocks = slices.Insert(p.Ledger.Clocks, i, clock)
		}
		return nil
	}
}

// rampsOf are the ramps of an experiment or flag that goes by no clock of its own.
func rampsOf(e *model.Experiment) []model.Ramp {
	var ramps []model.Ramp
	for i, r := range e.Rules {
		if len(r.Ramp) > 0 {
			ramps = append(ramps, model.Ramp{Rule: i, Traffic: r.Traffic, Steps: r.Ramp})
		}
	}
	return ramps
}

func sameRamp(a, b model.Ramp) bool {
	return a.Rule == b.Rule && a.Traffic == b.Traffic && slices.Equal(a.Steps, b.Steps)
}

// followClock makes the ramps go by the clock: what it has passed is the traffic, and
// what is to come comes when the clock shows its time, which a stopped one never does.
func followClock(e *model.Experiment, c *model.Clock) {
	for _, ramp := range c.Ramps {
		r := &e.Rules[ramp.Rule]
		r.Traffic, r.Ramp = ramp.Traffic, nil
		for _, s := range ramp.Steps {
			switch {
			case s.At <= c.Shows:
				r.Traffic = s.Traffic
			case !c.Stopped:
				r.Ramp = append(r.Ramp, model.Step{At: s.At + c.At - c.Shows, Traffic: s.Traffic})
			}
		}
	}
}
