package exposure

import (
	"testing"
	"time"
)

func TestMemoryForgets(t *testing.T) {
	const window = time.Hour
	start := time.Unix(1_000_000, 0)
	tests := []struct {
		name       string
		added      time.Duration // after start
		asked      time.Duration
		remembered bool
	}{
		{"at once", 0, 0, true},
		{"within the window", 0, window - 1, true},
		{"late in a generation, a window later", window - 1, 2*window - 2, true},
		{"early in a generation, two windows later", 0, 2 * window, false},
		{"after two windows, not earlier", window - 1, 3*window - 1, false},
		{"long after", 0, 100 * window, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, step := range []time.Duration{time.Minute, 200 * window} { // busy, or idle between the two
				m := newMemory(window, 1_000_000, start)
				var at time.Duration
				for ; at < tt.added; at += step {
					m.has(0, start.Add(at))
				}
				m.has(1, start.Add(tt.added))
				m.add(1)
				for at = tt.added; at < tt.asked; at += step {
					m.has(0, start.Add(at))
				}
				if got := m.has(1, start.Add(tt.asked)); got != tt.remembered {
					t.Errorf("asked every %v: remembered %t, want %t", step, got, tt.remembered)
				}
			}
		})
	}
}

func TestMemoryIsBounded(t *testing.T) {
	const limit = 1_000
	now := time.Unix(1_000_000, 0)
	m := newMemory(time.Hour, limit, now)
	for key := range uint64(10 * limit) {
		if m.has(key, now) {
			t.Fatalf("key %d was never added", key)
		}
		m.add(key)
		if !m.has(key, now) {
			t.Fatalf("key %d was forgotten at once", key)
		}
		if n := len(m.current) + len(m.previous); n > limit {
			t.Fatalf("%d keys held; the limit is %d", n, limit)
		}
		if recent := key - min(key, limit/2-1); !m.has(recent, now) {
			t.Fatalf("after key %d: key %d was forgotten", key, recent)
		}
	}
}
