package compile

import (
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
)

func writeLedger(w *payload.Writer, l *model.Ledger) {
	payload.Column(w, "rest.key", texts(w, l.Rests, func(r model.Rest) string { return r.Key }))
	payload.Column(w, "rest.layer", texts(w, l.Rests, func(r model.Rest) string { return r.Layer }))
	column(w, "rest.until", l.Rests, func(r model.Rest) uint64 { return uint64(r.Until) })
	ranges := flatten(l.Rests, func(r model.Rest) []model.Range { return r.Slots })
	ends(w, "rest.slots.end", l.Rests, func(r model.Rest) int { return len(r.Slots) })
	column(w, "rest.from", ranges, func(r model.Range) uint16 { return uint16(r.From) })
	column(w, "rest.to", ranges, func(r model.Range) uint16 { return uint16(r.To) })

	payload.Column(w, "former.key", texts(w, l.Former, func(f model.Former) string { return f.Key }))
	column(w, "former.phase", l.Former, func(f model.Former) uint32 { return uint32(f.Phase) })
	column(w, "former.left", l.Former, func(f model.Former) uint64 { return uint64(f.Left) })

	writeOperations(w, l)
}

// writeOperations writes the operations that commands made.
func writeOperations(w *payload.Writer, l *model.Ledger) {
	payload.Column(w, "kill.key", texts(w, l.Kills, func(k model.Kill) string { return k.Key }))
	column(w, "kill.at", l.Kills, func(k model.Kill) uint64 { return uint64(k.At) })
	column(w, "kill.paused", l.Kills, func(k model.Kill) uint8 { return asUint8(k.Paused) })

	ramps := flatten(l.Clocks, func(c model.Clock) []model.Ramp { return c.Ramps })
	steps := flatten(ramps, func(r model.Ramp) []model.Step { return r.Steps })
	payload.Column(w, "clock.key", texts(w, l.Clocks, func(c model.Clock) string { return c.Key }))
	column(w, "clock.at", l.Clocks, func(c model.Clock) uint64 { return uint64(c.At) })
	column(w, "clock.shows", l.Clocks, func(c model.Clock) uint64 { return uint64(c.Shows) })
	column(w, "clock.stopped", l.Clocks, func(c model.Clock) uint8 { return asUint8(c.Stopped) })
	ends(w, "clock.ramps.end", l.Clocks, func(c model.Clock) int { return len(c.Ramps) })
	column(w, "ramp.rule", ramps, func(r model.Ramp) uint16 { return uint16(r.Rule) })
	column(w, "ramp.traffic", ramps, func(r model.Ramp) uint16 { return uint16(r.Traffic) })
	ends(w, "ramp.steps.end", ramps, func(r model.Ramp) int { return len(r.Steps) })
	column(w, "ramp.step.at", steps, func(s model.Step) uint64 { return uint64(s.At) })
	column(w, "ramp.step.traffic", steps, func(s model.Step) uint16 { return uint16(s.Traffic) })
}
