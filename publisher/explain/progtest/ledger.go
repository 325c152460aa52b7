package progtest

import (
	"fmt"

	"github.com/sortition-dev/sortition/bundle/model"
)

// maxFormer is how many experiments a generated program remembers.
const maxFormer = 4

// ledger makes what no decision depends on.
func (g *generator) ledger() {
	l, rng := &g.program.Ledger, g.rng
	g.list(maxFormer, 40, func() {
		key := fmt.Sprintf("was_%03d", len(l.Former))
		l.Former = append(l.Former, model.Former{Key: key, Phase: 1 + rng.IntN(3), Left: model.MillisOf(pick(rng, timePool))})
		l.Rests = append(l.Rests, model.Rest{
			Key: key, Layer: fmt.Sprintf("layer_%d", rng.IntN(maxLayers)), Until: model.MillisOf(pick(rng, timePool)), Slots: g.pieces(3),
		})
	})
	for i := range g.program.Experiments {
		e := &g.program.Experiments[i]
		if e.Killed && g.chance(50) {
			l.Kills = append(l.Kills, model.Kill{Key: e.Key, At: model.MillisOf(pick(rng, timePool)), Paused: g.chance(50)})
		}
		if g.chance(5) {
			l.Clocks = append(l.Clocks, g.clock(e))
		}
	}
}

func (g *generator) clock(e *model.Experiment) model.Clock {
	c := model.Clock{
		Key: e.Key, At: model.MillisOf(pick(g.rng, timePool)), Shows: model.MillisOf(pick(g.rng, timePool)), Stopped: g.chance(50),
	}
	for i, r := range e.Rules {
		if len(r.Ramp) > 0 {
			c.Ramps = append(c.Ramps, model.Ramp{Rule: i, Traffic: r.Traffic, Steps: r.Ramp})
		}
	}
	return c
}
