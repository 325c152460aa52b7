package compile

import (
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// newSplit returns a share for each variant, in order, with as many slots as its weight. The
// weights add up to [model.Slots].
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

// resplit changes the live split to the given weights and moves as few slots as possible: a
// variant that shrinks gives up slots, a variant that grows takes them, and no other slot
// moves. The weights are by index of variant. The heirs of a live variant, by index, are the
// variants that continue it: usually the variant itself, and none if it is gone. resplit
// reports whether any slot changed its variant.
func resplit(live []VariantShare, heirs map[string]inheritance, weights []int) (split []model.Share, moved bool) {
	if split, ok := unchanged(live, heirs, weights); ok {
		return split, false
	}
	m := &mover{need: slices.Clone(weights)}
	from := 0
	for _, s := range live {
		m.inherit(from, s.To, heirs[s.Variant].variants)
		from = s.To
	}
	m.move()
	return m.split(), true
}

// unchanged returns the live split if its variants already have the weights.
func unchanged(live []VariantShare, heirs map[string]inheritance, weights []int) (split []model.Share, ok bool) {
	need := slices.Clone(weights)
	from := 0
	for _, s := range live {
		h := heirs[s.Variant]
		if h.renamed || len(h.variants) == 0 {
			return nil, false
		}
		split = append(split, model.Share{To: s.To, Variant: h.variants[0]})
		need[h.variants[0]] -= s.To - from
		from = s.To
	}
	return split, !slices.ContainsFunc(need, func(n int) bool { return n != 0 })
}

// mover moves slots from variants that have too many to variants that have too few.
type mover struct {
	owner [model.Slots]int // a variant, or model.None
	need  []int            // by variant: slots to take, or to give up if negative
}

// inherit gives slots to heirs in turn: to each as many as it needs, and the rest to the last one.
func (m *mover) inherit(from, to int, heirs []int) {
	if len(heirs) == 0 {
		for s := from; s < to; s++ {
			m.owner[s] = model.None
		}
		return
	}
	for s := from; s < to; s++ {
		for len(heirs) > 1 && m.need[heirs[0]] <= 0 {
			heirs = heirs[1:]
		}
		m.owner[s] = heirs[0]
		m.need[heirs[0]]--
	}
}

// move moves slots until every variant has its weight. Variants grow at their borders first, so
// that the split has few pieces.
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

// take gives the slot to the variant if the variant needs slots and the owner of the slot
// has too many.
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
