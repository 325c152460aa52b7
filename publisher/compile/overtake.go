package compile

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// fromNow is the end of a rest that begins when the ledger is compiled against: none is
// longer than that. Slots that rested in an overtaken program begin anew, because they may
// have been used by one that it had overtaken itself.
const fromNow = math.MaxInt64

// Overtake adds what programs allocated that were live later than that of the ledger, the
// last one first, and were taken back by publishing the ledger's again. Their units have
// seen their variants, so that what they gave away is not free: an experiment that only
// they have keeps the slots that nobody has now, and others let them rest. An epoch that
// they used is not used again for another allocation.
//
// What the ledger's own experiments have does not change.
func (l *Ledger) Overtake(programs ...*model.Program) {
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

// takeAllocations adds what experiments have, but for the slots that are known. Those that
// the ledger has already let their slots rest.
func (l *Ledger) takeAllocations(other *Ledger, known slotSet) {
	for key, a := range other.Allocations {
		l.use(key, a.Epoch)
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

// rest lets slots rest, but for those that are known, of which it makes them part.
func (l *Ledger) rest(r model.Rest, known slotSet) {
	if r.Slots = known.without(r.Layer, r.Slots); len(r.Slots) > 0 {
		l.Rests = append(l.Rests, r)
		known.add(r.Layer, r.Slots)
	}
}

// takeFormer adds former experiments and flags that the ledger knows nothing of.
func (l *Ledger) takeFormer(former []model.Former) {
	all := slices.Concat(l.Former, former)
	for _, f := range all {
		l.use(f.Key, f.Epoch)
	}
	slices.SortStableFunc(all, func(a, b model.Former) int { return cmp.Compare(a.Key, b.Key) })
	all = slices.CompactFunc(all, func(a, b model.Former) bool { return a.Key == b.Key })
	l.Former = slices.DeleteFunc(all, func(f model.Former) bool { _, live := l.Allocations[f.Key]; return live })
}

// use notes that an epoch of an experiment or flag was used.
func (l *Ledger) use(key string, epoch int) {
	if l.used == nil {
		l.used = map[string]int{}
	}
	l.used[key] = max(l.used[key], epoch)
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

// owned are the slots that experiments have.
func (l *Ledger) owned() slotSet {
	set := slotSet{}
	for _, a := range l.Allocations {
		if a.Layer != "" && len(a.Rules) > 0 {
			set.add(a.Layer, a.Rules[0].Slots)
		}
	}
	return set
}
