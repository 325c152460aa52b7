package payload

import "github.com/sortition-dev/sortition/bundle/model"

// ledger reads what only the publisher uses.
func (c *columnReader) ledger() model.Ledger {
	return model.Ledger{Rests: c.rests(), Former: c.former(), Kills: c.kills(), Clocks: c.clocks()}
}

func (c *columnReader) rests() []model.Rest {
	keys, layers, untils := c.u32("rest.key"), c.u32("rest.layer"), c.u64("rest.until")
	ranges := c.ranges("rest.from", "rest.to")
	rangesOf := c.parts("rest.slots.end", len(keys), len(ranges))
	if c.sameLength(len(keys), len(layers), len(untils)) != nil {
		return nil
	}
	var rests []model.Rest
	for i, key := range keys {
		rests = append(rests, model.Rest{
			Key: c.string(key), Layer: c.string(layers[i]), Until: model.Millis(untils[i]), Slots: of(ranges, rangesOf[i]),
		})
	}
	return rests
}

func (c *columnReader) former() []model.Former {
	keys, phases, lefts := c.u32("former.key"), c.u32("former.phase"), c.u64("former.left")
	if c.sameLength(len(keys), len(phases), len(lefts)) != nil {
		return nil
	}
	var former []model.Former
	for i, key := range keys {
		former = append(former, model.Former{Key: c.string(key), Phase: int(phases[i]), Left: model.Millis(lefts[i])})
	}
	return former
}

func (c *columnReader) kills() []model.Kill {
	keys, ats, paused := c.u32("kill.key"), c.u64("kill.at"), c.u8("kill.paused")
	if c.sameLength(len(keys), len(ats), len(paused)) != nil {
		return nil
	}
	var kills []model.Kill
	for i, key := range keys {
		kills = append(kills, model.Kill{Key: c.string(key), At: model.Millis(ats[i]), Paused: paused[i] == 1})
	}
	return kills
}

func (c *columnReader) clocks() []model.Clock {
	keys, ats, shows, stopped := c.u32("clock.key"), c.u64("clock.at"), c.u64("clock.shows"), c.u8("clock.stopped")
	ramps := c.ramps()
	rampsOf := c.parts("clock.ramps.end", len(keys), len(ramps))
	if c.sameLength(len(keys), len(ats), len(shows), len(stopped)) != nil {
		return nil
	}
	var clocks []model.Clock
	for i, key := range keys {
		clocks = append(clocks, model.Clock{
			Key: c.string(key), At: model.Millis(ats[i]), Shows: model.Millis(shows[i]), Stopped: stopped[i] == 1, Ramps: of(ramps, rampsOf[i]),
		})
	}
	return clocks
}

func (c *columnReader) ramps() []model.Ramp {
	rules, traffic := c.u16("ramp.rule"), c.u16("ramp.traffic")
	steps := c.steps("ramp.step.at", "ramp.step.traffic")
	stepsOf := c.parts("ramp.steps.end", len(rules), len(steps))
	if c.sameLength(len(rules), len(traffic)) != nil {
		return nil
	}
	ramps := make([]model.Ramp, len(rules))
	for i := range ramps {
		ramps[i] = model.Ramp{Rule: int(rules[i]), Traffic: int(traffic[i]), Steps: of(steps, stepsOf[i])}
	}
	return ramps
}
