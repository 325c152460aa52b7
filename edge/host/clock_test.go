package host

import (
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// TestClock uses a clock that is a day ahead. By that clock the bundle has expired, and an
// experiment that begins in an hour has begun. A time in the request takes precedence over the
// clock.
func TestClock(t *testing.T) {
	program := testProgram(1)
	program.Experiments[0].Start = model.MillisOf(time.Now().Add(time.Hour))
	payload, err := compile.Payload(program)
	if err != nil {
		t.Fatal(err)
	}
	p := newPublisher(t)
	p.publishFor(payload, 12*time.Hour)
	tomorrow := time.Now().Add(24 * time.Hour)
	h := p.open(Options{Now: func() time.Time { return tomorrow }})
	d, err := h.Decide(british("user-1"), "button")
	if err != nil || d.Reason() != abi.ReasonSplit || !d.Stale() {
		t.Errorf("a day ahead: %+v, %v", d, err)
	}
	if s := h.Snapshot(); !s.Activated.Equal(tomorrow) || !s.Stale {
		t.Errorf("the bundle is active since %v, stale %v; the clock says %v", s.Activated, s.Stale, tomorrow)
	}
	if d, err = h.Decide(british("user-1").Now(time.Now()), "button"); err != nil || d.Reason() != abi.ReasonNotStarted {
		t.Errorf("now: %+v, %v", d, err)
	}
}
