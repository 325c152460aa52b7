package compile

import (
	"fmt"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
)

// TestFormerAreBounded lets one more leave than are remembered.
func TestFormerAreBounded(t *testing.T) {
	l := &Ledger{Allocations: map[string]Allocation{"last": {Phase: 4}}}
	for i := range model.MaxFormer {
		l.Former = append(l.Former, model.Former{Key: fmt.Sprintf("key_%06d", i), Phase: 1, Left: model.Millis(model.MaxFormer - i)})
	}
	former := l.left(func(string) int { return 0 }, model.MaxFormer+1)
	if len(former) != model.MaxFormer || former[len(former)-1] != (model.Former{Key: "last", Phase: 4, Left: model.MaxFormer + 1}) {
		t.Errorf("%d are remembered, the last is %+v", len(former), former[len(former)-1])
	}
	l.Former = former
	for key, want := range map[string]int{"last": 5, "key_000000": 2, fmt.Sprintf("key_%06d", model.MaxFormer-1): 1} {
		if got := l.nextPhase(key); got != want {
			t.Errorf("%s returns in phase %d, want %d", key, got, want)
		}
	}
}
