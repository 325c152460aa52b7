package config

import (
	"fmt"
	"strings"
)

// checkLayers reports layers whose live experiments ask for more slots than there are, or draw
// different units. Slots keep experiments apart only if all of them draw the same unit.
func (l *loader) checkLayers() {
	byLayer := map[string][]*Experiment{}
	for _, e := range l.project.Experiments {
		if e.Status.Live() {
			byLayer[e.file.Layer.Value] = append(byLayer[e.file.Layer.Value], e)
		}
	}
	for _, entry := range l.project.File.Layers.Entries {
		sum := 0
		var wanted []string
		experiments := byLayer[entry.Key.Value]
		for _, e := range experiments {
			if first := experiments[0]; e.Unit != first.Unit {
				units := l.project.Units
				l.fail(e.file.Layer.Pos, fmt.Sprintf("the layer %q mixes units: this experiment draws the unit %s", entry.Key.Value, units[e.Unit]),
					fmt.Sprintf("%s in the same layer draws the unit %s; use the same unit, or another layer", first.Key, units[first.Unit]))
			}
			sum += e.Largest().Slots()
			wanted = append(wanted, fmt.Sprintf("%s takes %s (%s)", e.Key, e.Largest(), trafficPos(e)))
		}
		if sum <= Everything.Slots() {
			continue
		}
		over := Percent(sum) - Everything
		l.fail(entry.Key.Pos, fmt.Sprintf("the layer %q is over-allocated: its experiments take %s", entry.Key.Value, Percent(sum)),
			fmt.Sprintf("%s\nreduce the traffic by %s in total, or move an experiment to another layer", strings.Join(wanted, "\n"), over))
	}
}

// trafficPos returns the place of an experiment's traffic, or of its layer if the file gives no
// traffic.
func trafficPos(e *Experiment) Pos {
	if at := enrolmentPos(e.file.Traffic, e.file.Ramp); at != (Pos{}) {
		return at
	}
	return e.file.Layer.Pos
}
