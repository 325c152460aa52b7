package compile

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// fromNow ends a rest that begins when a project is compiled against the ledger. Slots that
// rested in one of the later programs begin their rest anew, because an even later one may
// have used them.
const fromNow = math.MaxInt64

// AddWithdrawn adds the allocations of programs that were live after the program of the ledger
// and were rolled back. The programs are given newest first.
//
// Units have seen the variants of these programs, so their slots are not free. An
// experiment that only these programs have keeps those of its slots that the ledger gives
// to no other; the slots of other experiments rest. A phase that they used is not used for
// another allocation.
//
// The allocations of the ledger's own experiments do not change.
func (l *Ledger) AddWithdrawn(programs ...*model.Program) {
	known := l.owned() // whose a slot is, or whose it was last
	rests := l.Rests
	l.Rests = nil
	for _, p := range programs {
		other := LedgerOf(p)
		l.takeAllocations(other, known)
		known.addAll(other.owned())
		l.takeFormer(other.Former)
	}
	for _, p := range programs {
		for _, r := range p.Ledger.Rests {
			r.Until = fromNow
			l.rest(r, known)
		}
	}
	for _, r := range rests {
		l.rest(r, known)
	}
	slices.SortStableFunc(l.Rests, func(a, b model.Rest) int { return cmp.Compare(a.Key, b.Key) })
}

// takeAllocations adds the allocations of experiments that the ledger does not have. The
// additional slots of experiments that it has rest. Known slots are left out.
func (l *Ledger) takeAllocations(other *Ledger, known slotSet) {
	for key, a := range other.Allocations {
		l.use(key, a.Phase)
		_, has := l.Allocations[key]
		if a.Layer != "" && len(a.Rules) > 0 {
			a.Rules = slices.Clone(a.Rules)
			a.Rules[0].Slots = known.without(a.Layer, a.Rules[0].Slots)
			if slots := a.Rules[0].Slots; has && len(slots) > 0 {
				l.Rests = append(l.Rests, model.Rest{Key: key, Layer: a.Layer, Until: fromNow, Slots: slots})
			}
		}
		if !has {
			l.Allocations[key] = a
		}
	}
}

// rest adds a rest for those of its slots that are not known, and adds them to known.
func (l *Ledger) rest(r model.Rest, known slotSet) {
	if r.Slots = known.without(r.Layer, r.Slots); len(r.Slots) > 0 {
		l.Rests = append(l.Rests, r)
		known.add(r.Layer, r.Slots)
	}
}

// takeFormer adds former experiments and flags that the ledger does not have.
func (l *Ledger) takeFormer(former []model.Former) {
	all := slices.Concat(l.Former, former)
	for _, f := range all {
		l.use(f.Key, f.Phase)
	}
	slices.SortStableFunc(all, func(a, b model.Former) int { return cmp.Compare(a.Key, b.Key) })
	all = slices.CompactFunc(all, func(a, b model.Former) bool { return a.Key == b.Key })
	l.Former = slices.DeleteFunc(all, func(f model.Former) bool { _, live := l.Allocations[f.Key]; return live })
}

// use notes that a phase of an experiment or flag was used.
func (l *Ledger) use(key string, phase int) {
	if l.used == nil {
		l.used = map[string]int{}
	}
	l.used[key] = max(l.used[key], phase)
}

// slotSet is a set of slots of each layer, by its key.
type slotSet map[string]map[int]bool

func (s slotSet) add(layer string, ranges []model.Range) {
	if s[layer] == nil {
		s[layer] = map[int]bool{}
	}
	for slot := range eachSlot(ranges) {
		s[layer][slot] = true
	}
}

func (s slotSet) addAll(other slotSet) {
	for layer, slots := range other {
		if s[layer] == nil {
			s[layer] = map[int]bool{}
		}
		maps.Copy(s[layer], slots)
	}
}

// without returns ranges without the slots of the set, in their order.
func (s slotSet) without(layer string, ranges []model.Range) []model.Range {
	var left []model.Range
	for slot := range eachSlot(ranges) {
		if !s[layer][slot] {
			left = appendSlot(left, slot)
		}
	}
	return left
}

// owned returns the slots that are allocated to experiments.
func (l *Ledger) owned() slotSet {
	set := slotSet{}
	for _, a := range l.Allocations {
		if a.Layer != "" && len(a.Rules) > 0 {
			set.add(a.Layer, a.Rules[0].Slots)
		}
	}
	return set
}
