package compile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
)

// ranges makes ranges from their ends, two by two.
func ranges(ends ...int) []model.Range {
	var list []model.Range
	for i := 0; i < len(ends); i += 2 {
		list = append(list, model.Range{From: ends[i], To: ends[i+1]})
	}
	return list
}

func TestAllocateLayer(t *testing.T) {
	for _, tt := range []struct {
		name   string
		claims []claim
		want   map[string][]model.Range
	}{
		{"nobody", nil, map[string][]model.Range{}},
		{"new, in the order of keys", []claim{{key: "b", slots: 100}, {key: "a", slots: 50}},
			map[string][]model.Range{"a": ranges(0, 50), "b": ranges(50, 150)}},
		{"new, in the lowest gaps", []claim{{key: "a", slots: 200}, {key: "b", slots: 10, owned: ranges(100, 110)}},
			map[string][]model.Range{"a": ranges(0, 100, 110, 210), "b": ranges(100, 110)}},
		{"growing appends, also below", []claim{{key: "a", slots: 20, owned: ranges(10, 20)}},
			map[string][]model.Range{"a": ranges(10, 20, 0, 10)}},
		{"growing joins what follows", []claim{
			{key: "a", slots: 20, owned: ranges(10, 20)}, {key: "b", slots: 10, owned: ranges(0, 10)}},
			map[string][]model.Range{"a": ranges(10, 30), "b": ranges(0, 10)}},
		{"shrinking keeps the first positions", []claim{{key: "a", slots: 12, owned: ranges(50, 60, 0, 10)}},
			map[string][]model.Range{"a": ranges(50, 60, 0, 2)}},
		{"what one frees another takes", []claim{
			{key: "a", slots: 10, owned: ranges(0, 50)}, {key: "b", slots: 20}},
			map[string][]model.Range{"a": ranges(0, 10), "b": ranges(10, 30)}},
		{"nothing", []claim{{key: "a", slots: 0, owned: ranges(0, 50)}},
			map[string][]model.Range{"a": nil}},
		{"everything", []claim{{key: "a", slots: 9_999}, {key: "b", slots: 1}},
			map[string][]model.Range{"a": ranges(0, 9_999), "b": ranges(9_999, 10_000)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := allocateLayer("checkout", tt.claims)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestAllocateLayerFails(t *testing.T) {
	for _, tt := range []struct {
		claims []claim
		want   string
	}{
		{[]claim{{key: "a", slots: 9_999}, {key: "b", slots: 2}},
			`layer "checkout": its experiments ask for 10001 of 10000 slots`},
		{[]claim{{key: "a", slots: 10, owned: ranges(0, 10)}, {key: "b", slots: 10, owned: ranges(9, 19)}},
			`layer "checkout": the live bundle gives slot 9 to both "a" and "b"`},
	} {
		if _, err := allocateLayer("checkout", tt.claims); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

// slotsOf lists the slots of ranges, in the order of positions.
func slotsOf(ranges []model.Range) []int {
	var slots []int
	for _, r := range ranges {
		for s := r.From; s < r.To; s++ {
			slots = append(slots, s)
		}
	}
	return slots
}

// TestPositionsStay publishes one random configuration of a layer after another.
func TestPositionsStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		live := map[string][]model.Range{}
		for range rapid.IntRange(1, 8).Draw(t, "publishes") {
			var claims []claim
			left := model.Slots
			for _, key := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}), rapid.ID).Draw(t, "keys") {
				slots := rapid.IntRange(0, left).Draw(t, key)
				left -= slots
				claims = append(claims, claim{key, slots, live[key]})
			}
			given, err := allocateLayer("layer", claims)
			if err != nil {
				t.Fatal(err)
			}
			owner := map[int]string{}
			for _, c := range claims {
				slots := slotsOf(given[c.key])
				if len(slots) != c.slots {
					t.Fatalf("%s has %d slots, asked for %d", c.key, len(slots), c.slots)
				}
				before := slotsOf(c.owned)
				if n := min(len(before), len(slots)); !slices.Equal(before[:n], slots[:n]) {
					t.Fatalf("%s had %v, has %v: a position moved", c.key, c.owned, given[c.key])
				}
				for _, s := range slots {
					if owner[s] != "" || s < 0 || s >= model.Slots {
						t.Fatalf("slot %d of %s is also %q's", s, c.key, owner[s])
					}
					owner[s] = c.key
				}
				for i, r := range given[c.key] {
					if r.From >= r.To || i > 0 && given[c.key][i-1].To == r.From {
						t.Fatalf("%s has %v: a range is empty or not joined", c.key, given[c.key])
					}
				}
			}
			live = given
		}
	})
}
