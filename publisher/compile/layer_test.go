package compile

import (
	"fmt"
	"strings"
	"testing"

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

// rest is what a claim gave up until a time.
func rest(until model.Millis, ends ...int) model.Rest {
	return model.Rest{Until: until, Slots: ranges(ends...)}
}

func TestAllocateLayer(t *testing.T) {
	const now, until = 100, 200
	for _, tt := range []struct {
		name   string
		claims []*claim
		want   map[string][]model.Range
		rests  string
	}{
		{"nobody", nil, map[string][]model.Range{}, ""},
		{"new, in the order of keys", []*claim{{key: "b", slots: 100}, {key: "a", slots: 50}},
			map[string][]model.Range{"a": ranges(0, 50), "b": ranges(50, 150)}, ""},
		{"new, in the lowest gaps", []*claim{{key: "a", slots: 200}, {key: "b", slots: 10, owned: ranges(100, 110)}},
			map[string][]model.Range{"a": ranges(0, 100, 110, 210), "b": ranges(100, 110)}, ""},
		{"growing appends, also below", []*claim{{key: "a", slots: 20, owned: ranges(10, 20)}},
			map[string][]model.Range{"a": ranges(10, 20, 0, 10)}, ""},
		{"growing joins what follows", []*claim{
			{key: "a", slots: 20, owned: ranges(10, 20)}, {key: "b", slots: 10, owned: ranges(0, 10)}},
			map[string][]model.Range{"a": ranges(10, 30), "b": ranges(0, 10)}, ""},
		{"shrinking keeps the first positions", []*claim{{key: "a", slots: 12, owned: ranges(50, 60, 0, 10)}},
			map[string][]model.Range{"a": ranges(50, 60, 0, 2)}, "a until 200: [{2 10}]"},
		{"what one gives up another does not take", []*claim{
			{key: "a", slots: 10, owned: ranges(0, 50)}, {key: "b", slots: 20}},
			map[string][]model.Range{"a": ranges(0, 10), "b": ranges(50, 70)}, "a until 200: [{10 50}]"},
		{"what one gave up another takes once it has rested", []*claim{
			{key: "a", resting: []model.Rest{rest(100, 0, 50)}}, {key: "b", slots: 20, resting: []model.Rest{rest(101, 60, 70)}}},
			map[string][]model.Range{"a": nil, "b": ranges(60, 70, 0, 10)}, "a until 100: [{10 50}]"},
		{"growing takes back what was given up last first", []*claim{
			{key: "a", slots: 25, owned: ranges(0, 10), resting: []model.Rest{rest(150, 10, 20), rest(140, 30, 40)}}},
			map[string][]model.Range{"a": ranges(0, 20, 30, 35)}, "a until 140: [{35 40}]"},
		{"shrinking again", []*claim{{key: "a", slots: 5, owned: ranges(0, 10), resting: []model.Rest{rest(150, 10, 20)}}},
			map[string][]model.Range{"a": ranges(0, 5)}, "a until 200: [{5 10}], a until 150: [{10 20}]"},
		{"a shorter rest is one for those that rest already", []*claim{{key: "a", resting: []model.Rest{rest(201, 0, 50)}}},
			map[string][]model.Range{"a": nil}, "a until 200: [{0 50}]"},
		{"returning", []*claim{{key: "a", slots: 15, resting: []model.Rest{rest(150, 30, 40, 10, 20)}}, {key: "b", slots: 10}},
			map[string][]model.Range{"a": ranges(30, 40, 10, 15), "b": ranges(0, 10)}, "a until 150: [{15 20}]"},
		{"nothing", []*claim{{key: "a", slots: 0, owned: ranges(0, 50)}},
			map[string][]model.Range{"a": nil}, "a until 200: [{0 50}]"},
		{"everything", []*claim{{key: "a", slots: 9_999}, {key: "b", slots: 1}},
			map[string][]model.Range{"a": ranges(0, 9_999), "b": ranges(9_999, 10_000)}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, c := range tt.claims {
				for i := range c.resting {
					c.resting[i].Key = c.key
				}
			}
			got, rests, err := allocateLayer("checkout", tt.claims, now, until)
			if err != nil {
				t.Fatal(err)
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			var list []string
			for _, r := range rests {
				list = append(list, fmt.Sprintf("%s until %d: %v", r.Key, r.Until, r.Slots))
			}
			if got := strings.Join(list, ", "); got != tt.rests {
				t.Errorf("at rest are %s, want %s", got, tt.rests)
			}
		})
	}
}

func TestAllocateLayerFails(t *testing.T) {
	for _, tt := range []struct {
		claims []*claim
		want   string
	}{
		{[]*claim{{key: "a", slots: 9_999}, {key: "b", slots: 2}},
			`layer "checkout": its experiments ask for 10001 of 10000 slots`},
		{[]*claim{{key: "a", slots: 10, owned: ranges(0, 10)}, {key: "b", slots: 10, owned: ranges(9, 19)}},
			`layer "checkout": the live bundle gives slot 9 to both "a" and "b"`},
		{[]*claim{{key: "a", owned: ranges(0, 5_000)}, {key: "b", slots: 6_000}},
			`layer "checkout": "b" needs 1000 more slots than are free, and slots of "a" rest until 1970-01-15T00:00:00Z`},
		{[]*claim{
			{key: "a", resting: []model.Rest{{Key: "a", Until: 9_000, Slots: ranges(0, 400)}}}, {key: "b", slots: 10_000},
			{key: "c", resting: []model.Rest{{Key: "c", Until: 1_000, Slots: ranges(400, 500)}}}},
			`layer "checkout": "b" needs 500 more slots than are free, and slots of "c", "a" rest until 1970-01-01T00:00:09Z`},
	} {
		const day = 86_400_000
		if _, _, err := allocateLayer("checkout", tt.claims, 0, 14*day); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}
