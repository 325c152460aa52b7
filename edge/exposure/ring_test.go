package exposure

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bundle/event"
)

// A ring behaves like a slice.
func TestRing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	r := newRing(17)
	var want []uint64
	var next uint64
	for step := range 10_000 {
		switch rng.IntN(6) {
		case 0:
			batch := r.take(make([]event.Exposure, 0, 1+rng.IntN(20)))
			for i, e := range batch {
				if e.Seq != want[i] {
					t.Fatalf("step %d: took %d, want %d", step, e.Seq, want[i])
				}
			}
			want = want[len(batch):]
		case 1:
			mod := 1 + rng.Uint64N(4)
			r.drop(func(it *item) bool { return it.unit%mod == 1 })
			want = slices.DeleteFunc(want, func(n uint64) bool { return n%mod == 1 })
		default:
			if r.full() != (len(want) == 17) {
				t.Fatalf("step %d: full %t with %d items", step, r.full(), len(want))
			}
			if !r.full() {
				next++
				r.push(item{exposure: event.Exposure{Seq: next}, unit: next})
				want = append(want, next)
			}
		}
		if r.n != len(want) {
			t.Fatalf("step %d: %d items, want %d", step, r.n, len(want))
		}
	}
	for i := r.n; i < len(r.items); i++ {
		if *r.at(i) != (item{}) {
			t.Error("a free place still holds an exposure's strings")
		}
	}
}
