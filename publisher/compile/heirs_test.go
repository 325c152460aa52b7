package compile

import (
	"fmt"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
)

// splitOf gives the keys equal shares, in order.
func splitOf(keys ...string) []VariantShare {
	split := make([]VariantShare, len(keys))
	for i, key := range keys {
		split[i] = VariantShare{To: model.Slots * (i + 1) / len(keys), Variant: key}
	}
	return split
}

func TestHeirs(t *testing.T) {
	for _, tt := range []struct {
		name    string
		live    []VariantShare
		keys    []string
		factors int
		want    map[string]inheritance
	}{
		{"nothing changes", splitOf("a", "b"), []string{"b", "a"}, 0,
			map[string]inheritance{"a": {[]int{1}, false}, "b": {[]int{0}, false}}},
		{"one goes", splitOf("a", "b"), []string{"b", "c"}, 0,
			map[string]inheritance{"b": {[]int{0}, false}}},
		{"keys with dashes that are no levels", splitOf("a", "b"), []string{"a-x", "b-x"}, 0,
			map[string]inheritance{}},
		{"a level comes", splitOf("a-x", "b-x"), []string{"a-x", "a-y", "b-x", "b-y"}, 2,
			map[string]inheritance{"a-x": {[]int{0}, false}, "b-x": {[]int{2}, false}}},
		{"variants become a factor", splitOf("a", "b"), []string{"a", "b"}, 1,
			map[string]inheritance{"a": {[]int{0}, false}, "b": {[]int{1}, false}}},
		{"a second factor", splitOf("a", "b"), []string{"a-x", "a-y", "b-x", "b-y"}, 2,
			map[string]inheritance{"a": {[]int{0, 1}, true}, "b": {[]int{2, 3}, true}}},
		{"a factor in front", splitOf("a", "b"), []string{"x-a", "x-b", "y-a", "y-b"}, 2,
			map[string]inheritance{"a": {[]int{0, 2}, true}, "b": {[]int{1, 3}, true}}},
		{"levels of one name, where the new factor is taken to be the last", splitOf("on", "off"), []string{"on-on", "on-off", "off-on", "off-off"}, 2,
			map[string]inheritance{"on": {[]int{0, 1}, true}, "off": {[]int{2, 3}, true}}},
		{"two factors around one, and a level goes", splitOf("a", "b"), []string{"x-a-k", "x-c-k", "y-a-k", "y-c-k"}, 3,
			map[string]inheritance{"a": {[]int{0, 2}, true}}},
		{"the second factor goes", splitOf("a-x", "a-y", "b-x", "b-y"), []string{"a", "b"}, 1,
			map[string]inheritance{"a-x": {[]int{0}, true}, "a-y": {[]int{0}, true}, "b-x": {[]int{1}, true}, "b-y": {[]int{1}, true}}},
		{"the first factor goes", splitOf("a-x", "a-y"), []string{"x", "z"}, 1,
			map[string]inheritance{"a-x": {[]int{0}, true}}},
		{"other variants altogether", splitOf("a", "b"), []string{"c-x", "d-x"}, 2,
			map[string]inheritance{}},
		{"variants of no one form", splitOf("a", "b-x"), []string{"a-x", "b-x"}, 2,
			map[string]inheritance{"b-x": {[]int{1}, false}}},
		{"more dashes than factors can be", splitOf("a-b-c-d-e-f-g-h-i", "j-b-c-d-e-f-g-h-i"), []string{"a", "j"}, 1,
			map[string]inheritance{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := heirs(tt.live, tt.keys, tt.factors); fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestSecondFactor adds a factor to a live one, and takes it away again.
func TestSecondFactor(t *testing.T) {
	one, two := []string{"a", "b"}, []string{"a-x", "a-y", "b-x", "b-y"}
	live := splitOf(one...)
	split, moved := resplit(live, heirs(live, two, 2), []int{4_000, 1_000, 2_000, 3_000})
	want := []model.Share{{To: 4_000, Variant: 0}, {To: 5_000, Variant: 1}, {To: 7_000, Variant: 2}, {To: 10_000, Variant: 3}}
	if fmt.Sprint(split) != fmt.Sprint(want) || !moved {
		t.Errorf("got %v, moved %t; want %v", split, moved, want)
	}

	live = nil
	for _, s := range split {
		live = append(live, VariantShare{s.To, two[s.Variant]})
	}
	split, moved = resplit(live, heirs(live, one, 1), []int{5_000, 5_000})
	want = []model.Share{{To: 5_000, Variant: 0}, {To: 10_000, Variant: 1}}
	if fmt.Sprint(split) != fmt.Sprint(want) || !moved {
		t.Errorf("got %v, moved %t; want %v", split, moved, want)
	}
}
