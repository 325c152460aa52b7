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

// claim is what an experiment asks of its layer, and what it has or had of it.
type claim struct {
	key     string
	slots   int           // 0 … 10,000; 0 for one that is in the layer no more
	owned   []model.Range // in the order of positions
	resting []model.Rest  // what it gave up earlier, in the order of positions
}

// allocateLayer divides the slots of a layer among the claims and returns the ranges of
// each key, in the order of positions, and the slots that rest afterwards. An experiment
// keeps what it owns, in order, so that nobody's position changes. One that shrank keeps
// the lowest positions, and the others rest until the given time. One that grew gets back
// what it gave up last, in order, and then, like one that is new, the lowest free slots,
// in the order of keys. Slots at rest are free for others once they have rested; none
// rests for longer than until.
//
// It fails if the claims add up to more than the layer has or than is free by now, or if
// two of them own the same slot.
func allocateLayer(layer string, claims []*claim, now, until int64) (map[string][]model.Range, []model.Rest, error) {
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

// layerSlots is who has each slot of a layer.
type layerSlots struct {
	owner [model.Slots]string
	until [model.Slots]int64 // of a slot at rest
	given map[string][]model.Range
	rests []model.Rest
	free  int // no slot below it is free
}

// keep gives a claim what it owns or gets back, and puts the rest of it to rest.
func (l *layerSlots) keep(layer string, c *claim, until int64) error {
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

// fill gives a claim free slots until it has what it asks for.
func (l *layerSlots) fill(layer string, c *claim, now int64) error {
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

// wait says when so many slots will have rested, and whose they are.
func (l *layerSlots) wait(missing int, now int64) (at, whose string) {
	waiting := slices.DeleteFunc(slices.Clone(l.rests), func(r model.Rest) bool { return r.Until <= now })
	slices.SortStableFunc(waiting, func(a, b model.Rest) int { return cmp.Compare(a.Until, b.Until) })
	var keys []string
	for _, r := range waiting {
		keys = append(keys, fmt.Sprintf("%q", r.Key))
		at = time.UnixMilli(r.Until).UTC().Format(time.RFC3339)
		if missing -= countSlots(r.Slots); missing <= 0 {
			break
		}
	}
	return at, strings.Join(keys, ", ")
}

// stillResting are the slots at rest that nobody has been given.
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

// firstSlots is the first n slots of ranges, in the order of positions, with neighbours
// joined where that leaves the order as it is.
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

// withoutFirst is what follows the first n slots of ranges.
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

// eachSlot lists the slots of ranges, in the order of positions.
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
