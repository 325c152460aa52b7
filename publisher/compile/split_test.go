package compile

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
)

func TestResplit(t *testing.T) {
	halves := []VariantShare{{5_000, "a"}, {10_000, "b"}}
	for _, tt := range []struct {
		name    string
		live    []VariantShare
		keys    []string
		weights []int
		want    []model.Share
		moved   bool
	}{
		{"unchanged", halves, []string{"a", "b"}, []int{5_000, 5_000},
			[]model.Share{{To: 5_000, Variant: 0}, {To: 10_000, Variant: 1}}, false},
		{"listed in another order", halves, []string{"b", "a"}, []int{5_000, 5_000},
			[]model.Share{{To: 5_000, Variant: 1}, {To: 10_000, Variant: 0}}, false},
		{"a variant of no weight", halves, []string{"c", "a", "b"}, []int{0, 5_000, 5_000},
			[]model.Share{{To: 5_000, Variant: 1}, {To: 10_000, Variant: 2}}, false},
		{"the first gains", halves, []string{"a", "b"}, []int{6_000, 4_000},
			[]model.Share{{To: 6_000, Variant: 0}, {To: 10_000, Variant: 1}}, true},
		{"the second gains", halves, []string{"a", "b"}, []int{4_000, 6_000},
			[]model.Share{{To: 4_000, Variant: 0}, {To: 10_000, Variant: 1}}, true},
		{"one goes", halves, []string{"b"}, []int{10_000},
			[]model.Share{{To: 10_000, Variant: 0}}, true},
		{"one takes another's place", halves, []string{"a", "c"}, []int{5_000, 5_000},
			[]model.Share{{To: 5_000, Variant: 0}, {To: 10_000, Variant: 1}}, true},
		{"a third comes", halves, []string{"a", "b", "c"}, []int{4_000, 4_000, 2_000},
			[]model.Share{{To: 1_000, Variant: 2}, {To: 5_000, Variant: 0}, {To: 6_000, Variant: 2}, {To: 10_000, Variant: 1}}, true},
		{"a winner takes all", halves, []string{"a", "b"}, []int{0, 10_000},
			[]model.Share{{To: 10_000, Variant: 1}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, moved := resplit(tt.live, heirs(tt.live, tt.keys, 0), tt.weights)
			if !slices.Equal(got, tt.want) || moved != tt.moved {
				t.Errorf("got %v, moved %t; want %v, %t", got, moved, tt.want, tt.moved)
			}
		})
	}
}

// ownersOf lists the variant of each slot.
func ownersOf(t *rapid.T, split []model.Share, keys []string) []string {
	var owners []string
	for _, s := range split {
		if len(owners) >= s.To {
			t.Fatalf("%v does not ascend", split)
		}
		for len(owners) < s.To {
			owners = append(owners, keys[s.Variant])
		}
	}
	if len(owners) != model.Slots {
		t.Fatalf("%v ends at %d", split, len(owners))
	}
	return owners
}

// TestFewestMove changes weights and variants over and over, and checks that no more
// slots move than variants lose.
func TestFewestMove(t *testing.T) {
	all := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(t *rapid.T) {
		keys, weights := drawWeights(t, all)
		split := newSplit(weights)
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			owners := ownersOf(t, split, keys)
			live := make([]VariantShare, len(split))
			for i, s := range split {
				live[i] = VariantShare{s.To, keys[s.Variant]}
			}
			keys, weights = drawWeights(t, all)

			var moved bool
			split, moved = resplit(live, heirs(live, keys, 0), weights)
			have := map[string]int{}
			for _, key := range owners {
				have[key]++
			}
			lost := 0
			for _, key := range all {
				weight := 0
				if i := slices.Index(keys, key); i >= 0 {
					weight = weights[i]
				}
				lost += max(0, have[key]-weight)
			}
			changed := 0
			got := map[string]int{}
			for s, key := range ownersOf(t, split, keys) {
				got[key]++
				if key != owners[s] {
					changed++
				}
			}
			if changed != lost || moved != (lost > 0) {
				t.Fatalf("%d slots changed and moved is %t, where variants lost %d", changed, moved, lost)
			}
			for i, key := range keys {
				if got[key] != weights[i] {
					t.Fatalf("%s has %d slots, wants %d", key, got[key], weights[i])
				}
			}
		}
	})
}

// drawWeights draws some of the keys, in some order, and weights that add up.
func drawWeights(t *rapid.T, all []string) (keys []string, weights []int) {
	keys = rapid.Permutation(all).Draw(t, "keys")[:rapid.IntRange(1, len(all)).Draw(t, "variants")]
	left := model.Slots
	for range keys[1:] {
		w := rapid.IntRange(0, left).Draw(t, "weight")
		weights = append(weights, w)
		left -= w
	}
	return keys, append(weights, left)
}
