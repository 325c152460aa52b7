package plan

import "github.com/sortition-dev/sortition/bundle/model"

// side is what one program gives the eligible units at one time, by their draws alone.
type side struct {
	unit        string // unit type that is drawn
	enrolSalt   string // of the slot
	variantSalt string // of the variant slot

	rule     []uint16  // by slot: index into outcomes
	outcomes []outcome // the first is that of a unit that no rule takes
	holdouts map[string]int
}

// outcome is what the variant slots are given: variant slots below To, and not below the
// one before, have the variant. It is the key; empty for none.
type outcome []variantShare

type variantShare struct {
	to      int
	variant string
}

func always(variant string) outcome { return outcome{{model.Slots, variant}} }

// sideOf looks at experiment i as it is at a time, in milliseconds since the Unix epoch.
// Of a flag's rules only those count that are listed. An experiment without an index,
// model.None, gives nobody anything.
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

// enrol gives the rule the slots that it takes and no earlier rule does.
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
// side that gives everybody the same draws as the other does.
func drawnAlike(a, b *side) (slot, variantSlot bool) {
	if len(a.outcomes) == 1 || len(b.outcomes) == 1 {
		return true, true
	}
	same := a.unit == b.unit
	return same && a.enrolSalt == b.enrolSalt, same && a.variantSalt == b.variantSalt
}
