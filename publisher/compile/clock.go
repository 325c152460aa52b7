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

// PauseRamp stops the clock of all ramps of an experiment or flag, so that traffic stays the same.
// Pausing twice has no further effect.
func PauseRamp(key string, now time.Time) Operation {
	return operateClock(key, now, func(c *model.Clock) error {
		if !c.Stopped && c.Shows >= slices.Max(stepTimes(c)) {
			return fmt.Errorf("the ramp of %q has ended: there is nothing to pause", key)
		}
		c.Stopped = true
		return nil
	})
}

// ResumeRamp starts a paused clock again from the time that it shows. So every remaining step is
// delayed by the length of the pause.
func ResumeRamp(key string, now time.Time) Operation {
	return operateClock(key, now, func(c *model.Clock) error {
		if !c.Stopped {
			return fmt.Errorf("the ramp of %q is not paused", key)
		}
		c.Stopped = false
		return nil
	})
}

// ErrNoStep is the error of [JumpRamp] if a ramp has no step like its target.
var ErrNoStep = errors.New("has no such step")

// Target selects a step of the ramps of an experiment or flag: by its number, counted from 1 in
// the order of time, or by its traffic in slots. If neither is given, it is the next step.
type Target struct{ Step, Traffic int }

// JumpRamp sets the clock to the time of a step, so that the step begins now. The times between
// later steps do not change. A paused ramp stays paused. Units leave only if the step is before
// the current one.
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

// find returns the declared time of the target.
func (t Target) find(c *model.Clock) (model.Millis, error) {
	times := stepTimes(c)
	var found []model.Millis
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
		return 0, errors.New("has ended: there is no next step")
	case len(found) == 0:
		return 0, fmt.Errorf("%w: its steps are %s", ErrNoStep, describeSteps(c))
	}
	return 0, fmt.Errorf("comes to %s more than once: give a number of its steps %s", config.Percent(t.Traffic), describeSteps(c))
}

// describeSteps returns the steps with numbers, for example "1 to 0.1%, 2 to 10%".
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

// stepTimes returns the declared times of all steps, ascending.
func stepTimes(c *model.Clock) []model.Millis {
	var times []model.Millis
	for _, r := range c.Ramps {
		for _, s := range r.Steps {
			times = append(times, s.At)
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}

// trafficFrom returns the traffic from a time on, for each ramp that has a step then.
func trafficFrom(c *model.Clock, at model.Millis) []int {
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

// operateClock changes the clock of an experiment or flag. If there is none, it first makes one
// that shows the current time.
func operateClock(key string, now time.Time, change func(*model.Clock) error) Operation {
	return func(p *model.Program) error {
		e, err := mustFind(p, key)
		if err != nil {
			return err
		}
		i, found := slices.BinarySearchFunc(p.Ledger.Clocks, key, func(c model.Clock, key string) int { return cmp.Compare(c.Key, key) })
		at := millis(now)
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

// rampsOf returns the ramps of an experiment or flag without a clock.
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

// followClock changes the ramps so that they follow the clock. The last step that the clock has
// passed gives the traffic. Later steps begin when the clock shows their time; a stopped clock
// never does.
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
