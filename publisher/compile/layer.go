package compile

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// claim says how many slots of a layer an experiment asks for, and which it has and had.
type claim struct {
	key     string
	slots   int           // 0 … 10,000; 0 if the experiment has left the layer
	owned   []model.Range // in the order of positions
	resting []model.Rest  // slots that it gave up earlier, in the order of positions
}

// allocateLayer divides the slots of a layer among the claims. It returns the ranges of each key,
// in the order of positions, and the slots that rest afterwards.
//
// An experiment keeps its slots in order, so that no unit's position changes. An experiment that
// shrinks keeps the lowest positions; its other slots rest until the given time. An experiment
// that grows first gets back the slots that it gave up last, in order. Then, in the order of
// keys, growing and new experiments get the lowest free slots. A slot whose rest is over is free
// for all. No slot rests longer than until.
//
// It fails if the claims exceed the slots of the layer or the free slots, or if two claims own
// the same slot.
func allocateLayer(layer string, claims []*claim, now, until model.Millis) (map[string][]model.Range, []model.Rest, error) {
	slices.SortFunc(claims, func(a, b *claim) int { return cmp.Compare(a.key, b.key) })
	asked := 0
	for _, c := range claims {
		asked += c.slots
	}
	if asked > model.Slots {
		return nil, nil, fmt.Errorf("layer %q: its experiments ask for %d of %d slots: reduce their traffic or stop one",
			layer, asked, model.Slots)
	}

	l := layerSlots{given: make(map[string][]model.Range, len(claims))}
	for _, c := range claims {
		if err := l.keep(layer, c, until); err != nil {
			return nil, nil, err
		}
	}
	for _, r := range l.rests {
		for slot := range eachSlot(r.Slots) {
			l.until[slot] = r.Until
		}
	}
	for _, c := range claims {
		if err := l.fill(layer, c, now); err != nil {
			return nil, nil, err
		}
	}
	return l.given, l.stillResting(), nil
}

// layerSlots has the owner of each slot of a layer.
type layerSlots struct {
	owner [model.Slots]string
	until [model.Slots]model.Millis // for a resting slot: the end of its rest
	given map[string][]model.Range
	rests []model.Rest
	free  int // every slot below it is taken
}

// keep gives a claim the slots that it owns or gets back. The slots that it does not need rest.
func (l *layerSlots) keep(layer string, c *claim, until model.Millis) error {
	parts := append([]model.Rest{{Key: c.key, Layer: layer, Until: until, Slots: c.owned}}, c.resting...)
	var kept []model.Range
	for _, p := range parts {
		missing := c.slots - countSlots(kept)
		kept = append(kept, firstSlots(p.Slots, missing)...)
		p.Until = min(p.Until, until)
		if p.Slots = withoutFirst(p.Slots, missing); len(p.Slots) > 0 {
			l.rests = append(l.rests, p)
		}
	}
	for slot := range eachSlot(kept) {
		if l.owner[slot] != "" {
			return fmt.Errorf("layer %q: the live bundle gives slot %d to both %q and %q", layer, slot, l.owner[slot], c.key)
		}
		l.owner[slot] = c.key
	}
	l.given[c.key] = firstSlots(kept, c.slots) // joined
	return nil
}

// fill gives a claim free slots until it has as many as it asks for.
func (l *layerSlots) fill(layer string, c *claim, now model.Millis) error {
	for missing := c.slots - countSlots(l.given[c.key]); missing > 0; missing-- {
		for l.free < model.Slots && (l.owner[l.free] != "" || l.until[l.free] > now) {
			l.free++
		}
		if l.free == model.Slots {
			at, whose := l.wait(missing, now)
			return fmt.Errorf("layer %q: %q needs %d more slots than are free, and slots of %s rest until %s: reduce its traffic, wait, or set a shorter rest in sortition.yaml",
				layer, c.key, missing, whose, at)
		}
		l.owner[l.free] = c.key
		l.given[c.key] = appendSlot(l.given[c.key], l.free)
	}
	return nil
}

// wait returns when the missing slots will be free, and which experiments they belonged to.
func (l *layerSlots) wait(missing int, now model.Millis) (at, whose string) {
	waiting := slices.DeleteFunc(slices.Clone(l.rests), func(r model.Rest) bool { return r.Until <= now })
	slices.SortStableFunc(waiting, func(a, b model.Rest) int { return cmp.Compare(a.Until, b.Until) })
	var keys []string
	for _, r := range waiting {
		keys = append(keys, fmt.Sprintf("%q", r.Key))
		at = r.Until.Time().Format(time.RFC3339)
		if missing -= countSlots(r.Slots); missing <= 0 {
			break
		}
	}
	return at, strings.Join(keys, ", ")
}

// stillResting returns the resting slots that no experiment got.
func (l *layerSlots) stillResting() []model.Rest {
	var rests []model.Rest
	for _, r := range l.rests {
		var left []model.Range
		for slot := range eachSlot(r.Slots) {
			if l.owner[slot] == "" {
				left = appendSlot(left, slot)
			}
		}
		if r.Slots = left; left != nil {
			rests = append(rests, r)
		}
	}
	return rests
}

// firstSlots returns the first n slots of ranges, in the order of positions. It joins adjacent
// ranges if that keeps the order.
func firstSlots(ranges []model.Range, n int) []model.Range {
	var first []model.Range
	for _, r := range ranges {
		r.To = min(r.To, r.From+n)
		if r.From >= r.To {
			continue
		}
		n -= r.To - r.From
		if last := len(first) - 1; last >= 0 && first[last].To == r.From {
			first[last].To = r.To
		} else {
			first = append(first, r)
		}
	}
	return first
}

// withoutFirst returns the ranges without their first n slots.
func withoutFirst(ranges []model.Range, n int) []model.Range {
	var rest []model.Range
	for _, r := range ranges {
		skipped := min(n, r.To-r.From)
		n -= skipped
		if r.From += skipped; r.From < r.To {
			rest = append(rest, r)
		}
	}
	return rest
}

func appendSlot(ranges []model.Range, slot int) []model.Range {
	if last := len(ranges) - 1; last >= 0 && ranges[last].To == slot {
		ranges[last].To++
		return ranges
	}
	return append(ranges, model.Range{From: slot, To: slot + 1})
}

func countSlots(ranges []model.Range) int {
	n := 0
	for _, r := range ranges {
		n += r.To - r.From
	}
	return n
}

// eachSlot yields the slots of ranges, in the order of positions.
func eachSlot(ranges []model.Range) iter.Seq[int] {
	return func(yield func(int) bool) {
		for _, r := range ranges {
			for slot := r.From; slot < r.To; slot++ {
				if !yield(slot) {
					return
				}
			}
		}
	}
}
