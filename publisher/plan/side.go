package plan

import "github.com/sortition-dev/sortition/bundle/model"

// side says which variants one program gives eligible units at one time, by their draws.
type side struct {
	unit        string // unit type that is drawn
	enrolSalt   string // of the slot
	variantSalt string // of the variant slot

	rule     []uint16  // by slot: index into outcomes
	outcomes []outcome // the first is that of a unit that no rule takes
	holdouts map[string]int
}

// outcome divides the variant slots among variants: each share ends before slot to, where the
// next one begins. The variant is a key; empty for none.
type outcome []variantShare

type variantShare struct {
	to      int
	variant string
}

func always(variant string) outcome { return outcome{{model.Slots, variant}} }

// sideOf returns the side of experiment i at a time. Of a flag it uses only the listed rules.
// The index model.None stands for an experiment that gives no unit a variant.
func sideOf(p *model.Program, i int, now model.Millis, rules []int) *side {
	s := &side{rule: make([]uint16, model.Slots), outcomes: []outcome{always("")}, holdouts: map[string]int{}}
	if i == model.None {
		return s
	}
	e := &p.Experiments[i]
	s.unit, s.enrolSalt, s.variantSalt = p.Units[e.Unit], e.Salt, e.Salt
	if e.Layer != model.None {
		s.enrolSalt = p.Layers[e.Layer].Salt()
	}
	for _, h := range e.Holdouts {
		s.holdouts[p.Holdouts[h].Salt()] = p.Holdouts[h].Slots
	}
	if e.Default != model.None {
		s.outcomes[0] = always(e.Variants[e.Default].Key)
	}
	if !Deciding(e, now) {
		return s
	}
	for _, r := range rules {
		if r < len(e.Rules) {
			s.enrol(e, &e.Rules[r], now)
		}
	}
	return s
}

// Deciding reports whether an experiment or flag gives variants by a draw at a time, in
// milliseconds since the Unix epoch: it is not paused, and within its schedule.
func Deciding(e *model.Experiment, now model.Millis) bool {
	return !e.Killed && (e.Start == 0 || now >= e.Start) && (e.End == 0 || now < e.End)
}

// enrol assigns the rule the slots that no earlier rule takes.
func (s *side) enrol(e *model.Experiment, r *model.Rule, now model.Millis) {
	var given outcome
	for _, share := range r.Split {
		given = append(given, variantShare{share.To, e.Variants[share.Variant].Key})
	}
	index := uint16(len(s.outcomes))
	s.outcomes = append(s.outcomes, given)
	left := TrafficAt(r, now)
	for _, owned := range r.Slots {
		for slot := owned.From; slot < owned.To && left > 0; slot++ {
			if s.rule[slot] == 0 {
				s.rule[slot] = index
			}
			left--
		}
	}
}

// TrafficAt is the traffic of a rule in slots at a time, in milliseconds since the Unix
// epoch.
func TrafficAt(r *model.Rule, now model.Millis) int {
	traffic := r.Traffic
	for _, step := range r.Ramp {
		if step.At <= now {
			traffic = step.Traffic
		}
	}
	return traffic
}

// drawnAlike reports whether two sides draw the same slot, and the same variant slot. A
// side that gives all units the same variant counts as drawing alike.
func drawnAlike(a, b *side) (slot, variantSlot bool) {
	if len(a.outcomes) == 1 || len(b.outcomes) == 1 {
		return true, true
	}
	same := a.unit == b.unit
	return same && a.enrolSalt == b.enrolSalt, same && a.variantSalt == b.variantSalt
}
