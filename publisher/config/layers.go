package config

import (
	"fmt"
	"strings"
)

// checkLayers reports layers whose live experiments want more than all of their slots,
// or draw different units: only the slots of one unit can keep experiments apart.
func (l *loader) checkLayers() {
	byLayer := map[string][]*Experiment{}
	for _, e := range l.project.Experiments {
		if e.Status.Live() {
			byLayer[e.File.Layer.Value] = append(byLayer[e.File.Layer.Value], e)
		}
	}
	for _, entry := range l.project.File.Layers.Entries {
		sum := 0
		var wanted []string
		experiments := byLayer[entry.Key.Value]
		for _, e := range experiments {
			if first := experiments[0]; e.Unit != first.Unit {
				units := l.project.Units
				l.fail(e.File.Layer.Pos, fmt.Sprintf("the layer %q cannot hold an experiment of unit %s", entry.Key.Value, units[e.Unit]),
					fmt.Sprintf("%s in it is of unit %s; use the same unit, or another layer", first.Key, units[first.Unit]))
			}
			sum += e.Largest().Slots()
			wanted = append(wanted, fmt.Sprintf("%s takes %s (%s)", e.Key, e.Largest(), trafficPos(e)))
		}
		if sum <= Everything.Slots() {
			continue
		}
		over := Percent(sum) - Everything
		l.fail(entry.Key.Pos, fmt.Sprintf("the layer %q is over-allocated: its experiments take %s", entry.Key.Value, Percent(sum)),
			fmt.Sprintf("%s\ntake away %s, or move an experiment to another layer", strings.Join(wanted, "\n"), over))
	}
}

// trafficPos is where an experiment's traffic is written, or its layer if it takes all.
func trafficPos(e *Experiment) Pos {
	if at := enrolmentPos(e.File.Traffic, e.File.Ramp); at != (Pos{}) {
		return at
	}
	return e.File.Layer.Pos
}
