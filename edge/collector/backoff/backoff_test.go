package backoff_test

import (
	"testing"
	"time"

	"github.com/sortition-dev/sortition/edge/collector/backoff"
)

func TestWait(t *testing.T) {
	b := backoff.Backoff{Min: 200 * time.Millisecond, Max: 30 * time.Second}
	for _, c := range []struct {
		failures int
		longest  time.Duration
	}{
		{0, 200 * time.Millisecond},
		{1, 400 * time.Millisecond},
		{7, 25_600 * time.Millisecond},
		{8, 30 * time.Second},
		{1 << 30, 30 * time.Second},
	} {
		waits := map[time.Duration]bool{}
		for range 100 {
			wait := b.Wait(c.failures)
			if wait < c.longest/2 || wait >= c.longest {
				t.Fatalf("after %d failures the wait is %v, want %v to %v", c.failures, wait, c.longest/2, c.longest)
			}
			waits[wait] = true
		}
		if len(waits) < 50 {
			t.Errorf("after %d failures, 100 waits have %d values", c.failures, len(waits))
		}
	}
}
