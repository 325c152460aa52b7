package compile

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// claim is what an experiment asks of its layer, and what it owns already.
type claim struct {
	key   string
	slots int           // 0 … 10,000
	owned []model.Range // in the order of positions
}

// allocateLayer divides the slots of a layer among the claims and returns the ranges of
// each key, in the order of positions. An experiment keeps what it owns, in order, so
// that nobody's position changes; one that shrank keeps the lowest positions; one that
// grew, and one that is new, gets the lowest free slots, in the order of keys.
//
// It fails if the claims add up to more than the layer has, or if two of them own the
// same slot.
func allocateLayer(layer string, claims []claim) (map[string][]model.Range, error) {
	claims = slices.SortedFunc(slices.Values(claims), func(a, b claim) int { return cmp.Compare(a.key, b.key) })
	asked := 0
	for _, c := range claims {
		asked += c.slots
	}
	if asked > model.Slots {
		return nil, fmt.Errorf("layer %q: its experiments ask for %d of %d slots: reduce their traffic or stop one",
			layer, asked, model.Slots)
	}

	var owner [model.Slots]string
	given := make(map[string][]model.Range, len(claims))
	for _, c := range claims {
		kept := firstSlots(c.owned, c.slots)
		for _, r := range kept {
			for s := r.From; s < r.To; s++ {
				if owner[s] != "" {
					return nil, fmt.Errorf("layer %q: the live bundle gives slot %d to both %q and %q",
						layer, s, owner[s], c.key)
				}
				owner[s] = c.key
			}
		}
		given[c.key] = kept
	}
	free := 0 // no slot below it is free
	for _, c := range claims {
		for missing := c.slots - countSlots(given[c.key]); missing > 0; missing-- {
			for owner[free] != "" {
				free++
			}
			owner[free] = c.key
			given[c.key] = appendSlot(given[c.key], free)
		}
	}
	return given, nil
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
