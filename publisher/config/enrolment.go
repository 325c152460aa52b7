package config

import (
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// enrolment resolves the traffic, or the ramp that replaces it.
func (l *loader) enrolment(traffic At[Percent], ramp List[StepEntry]) Enrolment {
	if ramp.Pos == (Pos{}) {
		return Enrolment{Traffic: trafficOf(traffic)}
	}
	switch n := len(ramp.Items); {
	case n == 0:
		l.fail(ramp.Pos, "the ramp has no steps", "write ramp: [{at: 2026-01-31T12:00:00Z, traffic: 1%}, ...]")
	case n > model.MaxRampSteps:
		l.fail(ramp.Pos, fmt.Sprintf("the ramp has %d steps; the limit is %d", n, model.MaxRampSteps), "")
	}
	var r Enrolment
	for i, step := range ramp.Items {
		if i > 0 {
			l.checkStep(ramp.Items[i-1], step)
		}
		r.Ramp = append(r.Ramp, Step{At: step.At.Value, Traffic: step.Traffic.Value})
	}
	return r
}

// trafficOf returns the given traffic, or Everything if the file gives none.
func trafficOf(traffic At[Percent]) Percent {
	if traffic.Given() {
		return traffic.Value
	}
	return Everything
}

// checkStep compares a step of a ramp with the one before it. Times have a resolution of a
// millisecond, as in the program.
func (l *loader) checkStep(before, step StepEntry) {
	if before.At.Given() && step.At.Given() && step.At.Value.UnixMilli() <= before.At.Value.UnixMilli() {
		l.fail(step.At.Pos, "the step is not later than the step before it",
			fmt.Sprintf("the step before it is at %s, on line %d", before.At.Value.Format(time.RFC3339Nano), before.At.Pos.Line))
	}
	if before.Traffic.Given() && step.Traffic.Given() && step.Traffic.Value < before.Traffic.Value {
		l.fail(step.Traffic.Pos, fmt.Sprintf("the ramp decreases from %s to %s", before.Traffic.Value, step.Traffic.Value),
			"a ramp can only increase; to reduce traffic, replace the ramp with traffic at that time")
	}
}

// enrolmentPos returns the place of the largest traffic of an enrolment. It returns the zero
// Pos if the file gives neither traffic nor a ramp.
func enrolmentPos(traffic At[Percent], ramp List[StepEntry]) Pos {
	if n := len(ramp.Items); n > 0 {
		return ramp.Items[n-1].Traffic.Pos
	}
	return traffic.Pos
}
