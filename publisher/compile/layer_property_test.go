package compile

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
)

// layerAt is a layer slot by slot, as a publish left it.
type layerAt struct {
	owner   [model.Slots]string
	resting [model.Slots]string // whose it was, of a slot that nobody owns
	until   [model.Slots]model.Millis
}

func newLayerAt(t *rapid.T, given map[string][]model.Range, rests []model.Rest) *layerAt {
	l := &layerAt{}
	claim := func(slot int, by *[model.Slots]string, key string) {
		if l.owner[slot] != "" || l.resting[slot] != "" {
			t.Fatalf("slot %d is %s's, and was %s%s's", slot, key, l.owner[slot], l.resting[slot])
		}
		by[slot] = key
	}
	for key, ranges := range given {
		for slot := range eachSlot(ranges) {
			claim(slot, &l.owner, key)
		}
	}
	for _, r := range rests {
		for slot := range eachSlot(r.Slots) {
			claim(slot, &l.resting, r.Key)
			l.until[slot] = r.Until
		}
	}
	return l
}

// TestLayerOverTime publishes one random configuration of a layer after another, while
// time passes, and looks at every slot.
func TestLayerOverTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		live, rests, now := map[string][]model.Range{}, []model.Rest(nil), model.Millis(1)
		for range rapid.IntRange(1, 8).Draw(t, "publishes") {
			now += model.Millis(rapid.IntRange(0, 20).Draw(t, "time that passes"))
			until := now + model.Millis(rapid.SampledFrom([]int{30, 5, 0}).Draw(t, "rest"))
			claims := drawClaims(t, live, rests)
			before := newLayerAt(t, live, rests)
			given, resting, err := allocateLayer("layer", claims, now, until)
			if err != nil {
				checkNoRoom(t, claims, now, until)
				continue
			}
			after := newLayerAt(t, given, resting)
			checkRest(t, before, after, now, until)
			for _, c := range claims {
				checkShare(t, c, given[c.key])
			}
			live, rests = given, resting
		}
	})
}

// drawClaims draws what five experiments ask for next, in any order.
func drawClaims(t *rapid.T, live map[string][]model.Range, rests []model.Rest) []*claim {
	var claims []*claim
	left := model.Slots
	for _, key := range rapid.Permutation([]string{"a", "b", "c", "d", "e"}).Draw(t, "keys") {
		c := &claim{key: key, owned: live[key]}
		if rapid.Bool().Draw(t, "live") {
			c.slots = rapid.IntRange(0, left).Draw(t, key)
			left -= c.slots
		}
		for _, r := range rests {
			if r.Key == key {
				c.resting = append(c.resting, r)
			}
		}
		claims = append(claims, c)
	}
	return claims
}

// checkRest follows each slot from one publish to the next: nobody gets one before its
// time that was somebody else's, and nobody forgets whose it was.
func checkRest(t *rapid.T, before, after *layerAt, now, until model.Millis) {
	for slot := range model.Slots {
		was, waits := before.owner[slot], until
		if was == "" {
			was, waits = before.resting[slot], min(before.until[slot], until)
		}
		switch is := after.owner[slot]; {
		case was == "" && is == "" && after.resting[slot] != "":
			t.Fatalf("slot %d was nobody's and rests", slot)
		case is == "" && was != "" && (after.resting[slot] != was || after.until[slot] != waits):
			t.Fatalf("slot %d was %s's until %d, and is remembered as %s's until %d", slot, was, waits, after.resting[slot], after.until[slot])
		case is != "" && was != "" && is != was && waits > now:
			t.Fatalf("at %d slot %d goes from %s to %s, and it rests until %d", now, slot, was, is, waits)
		}
	}
}

// checkShare checks what one experiment was given: as much as it asked for, in whole
// ranges, and first what it had or has had, position by position.
func checkShare(t *rapid.T, c *claim, given []model.Range) {
	slots := slices.Collect(eachSlot(given))
	if len(slots) != c.slots {
		t.Fatalf("%s has %d slots, asked for %d", c.key, len(slots), c.slots)
	}
	before := slices.Collect(eachSlot(c.owned))
	for _, r := range c.resting {
		before = slices.AppendSeq(before, eachSlot(r.Slots))
	}
	if n := min(len(before), len(slots)); !slices.Equal(before[:n], slots[:n]) {
		t.Fatalf("%s had %v and %v, has %v: a position moved", c.key, c.owned, c.resting, given)
	}
	for i, r := range given {
		if r.From >= r.To || i > 0 && given[i-1].To == r.From {
			t.Fatalf("%s has %v: a range is empty or not joined", c.key, given)
		}
	}
}

// checkNoRoom checks that there was no room where that was said.
func checkNoRoom(t *rapid.T, claims []*claim, now, until model.Millis) {
	free, need := model.Slots, 0
	for _, c := range claims {
		var waits []model.Millis // of each slot that it had
		for range eachSlot(c.owned) {
			waits = append(waits, until)
		}
		for _, r := range c.resting {
			for range eachSlot(r.Slots) {
				waits = append(waits, min(r.Until, until))
			}
		}
		kept := min(c.slots, len(waits))
		free -= kept
		need += c.slots - kept
		for _, waits := range waits[kept:] {
			if waits > now {
				free--
			}
		}
	}
	if need <= free {
		t.Fatalf("no room for %d slots, where %d are free", need, free)
	}
}
