package compile

import (
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// newSplit gives each variant, by index, its weight in slots, in order. The weights add
// up to model.Slots.
func newSplit(weights []int) []model.Share {
	var split []model.Share
	to := 0
	for v, weight := range weights {
		if weight > 0 {
			to += weight
			split = append(split, model.Share{To: to, Variant: v})
		}
	}
	return split
}

// resplit changes the live split to the given weights and moves as few slots as that
// takes: a variant that loses gives up what it loses, one that gains takes it, and
// nobody else moves. keys and weights are by index of variant; a variant of the live
// split that is not among the keys loses everything. It reports whether any slot moved.
func resplit(live []VariantShare, keys []string, weights []int) (split []model.Share, moved bool) {
	need := slices.Clone(weights)
	split = make([]model.Share, len(live))
	from := 0
	for i, s := range live {
		v := slices.Index(keys, s.Variant) // model.None if it is gone
		split[i] = model.Share{To: s.To, Variant: v}
		if v != model.None {
			need[v] -= s.To - from
		}
		from = s.To
	}
	if !slices.ContainsFunc(need, func(n int) bool { return n != 0 }) {
		return split, false
	}
	m := newMover(split, need)
	m.move()
	return m.split(), true
}

// mover moves slots from variants that have too many to variants that have too few.
type mover struct {
	owner [model.Slots]int // a variant, or model.None
	need  []int            // by variant: slots to take, or to give up if negative
}

func newMover(split []model.Share, need []int) *mover {
	m := &mover{need: need}
	slot := 0
	for _, s := range split {
		for ; slot < s.To; slot++ {
			m.owner[slot] = s.Variant
		}
	}
	return m
}

// move settles every need. Variants grow at their borders first, which keeps the split
// in few pieces.
func (m *mover) move() {
	for s := 1; s < model.Slots; s++ {
		m.take(s, m.owner[s-1])
	}
	for s := model.Slots - 2; s >= 0; s-- {
		m.take(s, m.owner[s+1])
	}
	for s := range model.Slots {
		m.take(s, slices.IndexFunc(m.need, func(n int) bool { return n > 0 }))
	}
}

// take gives the slot to the variant if the one needs it and the other has it to spare.
func (m *mover) take(slot, variant int) {
	from := m.owner[slot]
	if variant == model.None || m.need[variant] <= 0 || from != model.None && m.need[from] >= 0 {
		return
	}
	if from != model.None {
		m.need[from]++
	}
	m.need[variant]--
	m.owner[slot] = variant
}

func (m *mover) split() []model.Share {
	var split []model.Share
	for s, v := range m.owner {
		if last := len(split) - 1; last >= 0 && split[last].Variant == v {
			split[last].To = s + 1
		} else {
			split = append(split, model.Share{To: s + 1, Variant: v})
		}
	}
	return split
}
