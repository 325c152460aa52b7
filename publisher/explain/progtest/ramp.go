package progtest

import (
	"cmp"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// usualSteps bounds the steps of most ramps; few have up to model.MaxRampSteps.
const usualSteps = 4

// ramp makes the steps of a rule that owns so many slots, around the times at which
// requests are made. Most ramps grow.
func (g *generator) ramp(slots int) []model.Step {
	count := 1 + g.rng.IntN(usualSteps)
	if g.chance(5) {
		count = model.MaxRampSteps
	}
	steps := make([]model.Step, count)
	traffic := make([]int, count)
	for i := range steps {
		at := pick(g.rng, timePool)
		if i >= usualSteps || g.chance(50) {
			at = Noon.Add(time.Duration(g.rng.IntN(9)-4) * time.Millisecond)
		}
		steps[i].At = model.MillisOf(at)
		traffic[i] = g.rng.IntN(slots + 1)
	}
	slices.SortFunc(steps, func(a, b model.Step) int { return cmp.Compare(a.At, b.At) })
	steps = slices.CompactFunc(steps, func(a, b model.Step) bool { return a.At == b.At })
	if g.chance(80) {
		slices.Sort(traffic)
	}
	for i := range steps {
		steps[i].Traffic = traffic[i]
	}
	return steps
}
