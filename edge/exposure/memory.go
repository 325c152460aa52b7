package exposure

import "time"

// maxRemembered is the largest number of exposures that a queue remembers, in about 20 MB.
const maxRemembered = 1 << 20

// memory is a set of keys that forgets old ones. It has two generations. A new key goes into the
// current generation, which becomes the previous one when it is full or a window old.
type memory struct {
	window            time.Duration
	limit             int // keys in one generation
	began             time.Time
	current, previous map[uint64]struct{}
}

func newMemory(window time.Duration, limit int, now time.Time) memory {
	return memory{window: window, limit: limit / 2, began: now, current: make(map[uint64]struct{})}
}

// has reports whether key is in the set. It first removes the keys that are too old at now.
func (m *memory) has(key uint64, now time.Time) bool {
	switch age := now.Sub(m.began); {
	case age >= 2*m.window:
		m.previous, m.current = nil, make(map[uint64]struct{})
		m.began = now
	case age >= m.window:
		m.turn(m.began.Add(m.window))
	case len(m.current) >= m.limit:
		m.turn(now)
	}
	if _, ok := m.current[key]; ok {
		return true
	}
	_, ok := m.previous[key]
	return ok
}

func (m *memory) turn(began time.Time) {
	m.previous, m.current = m.current, make(map[uint64]struct{})
	m.began = began
}

func (m *memory) add(key uint64) { m.current[key] = struct{}{} }

func (m *memory) forget(key uint64) {
	delete(m.current, key)
	delete(m.previous, key)
}
