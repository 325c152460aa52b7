package exposure

import "github.com/sortition-dev/sortition/bundle/event"

// item is a waiting exposure.
type item struct {
	exposure event.Exposure
	key      uint64 // its fingerprint
	unit     uint64 // its unitHash
}

// ring is a first-in, first-out queue of fixed capacity.
type ring struct {
	items []item
	head  int // index of the oldest
	n     int
}

func newRing(capacity int) ring { return ring{items: make([]item, capacity)} }

func (r *ring) full() bool { return r.n == len(r.items) }

func (r *ring) at(i int) *item { return &r.items[(r.head+i)%len(r.items)] }

// push appends an item. The ring must not be full.
func (r *ring) push(it item) {
	*r.at(r.n) = it
	r.n++
}

// take moves the oldest exposures to dst, up to its capacity.
func (r *ring) take(dst []event.Exposure) []event.Exposure {
	for r.n > 0 && len(dst) < cap(dst) {
		it := r.at(0)
		dst = append(dst, it.exposure)
		*it = item{}
		r.head = (r.head + 1) % len(r.items)
		r.n--
	}
	return dst
}

// drop removes the items for which unwanted returns true, and keeps the others in order.
func (r *ring) drop(unwanted func(*item) bool) {
	kept := 0
	for i := range r.n {
		it := r.at(i)
		if unwanted(it) {
			continue
		}
		if kept != i {
			*r.at(kept) = *it
		}
		kept++
	}
	for i := kept; i < r.n; i++ {
		*r.at(i) = item{}
	}
	r.n = kept
}
