package reload

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
)

func TestNewRefuses(t *testing.T) {
	good := Config{
		Source: storetest.NewMemory(), Root: newRoot(t, 1, day.Add(week), publisherKey), Environment: "production",
		Prepare: func(context.Context, *bundle.Bundle) (func(), error) { return func() {}, nil },
	}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Config){
		"no source":      func(c *Config) { c.Source = nil },
		"no root":        func(c *Config) { c.Root = nil },
		"no prepare":     func(c *Config) { c.Prepare = nil },
		"no environment": func(c *Config) { c.Environment = "" },
		"negative poll":  func(c *Config) { c.Poll = -1 },
		"state in a file": func(c *Config) {
			c.StateDir = "reload_test.go"
		},
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestFollowsTheHint(t *testing.T) {
	w := newWorld(t)
	w.serves(0)
	w.publish(1)
	w.look()
	w.serves(1)
	w.publish(2)
	w.publish(5) // 3 and 4 never were, for this host
	w.look()
	w.serves(5)
	if s := w.Status(); s.Origin != OriginSource || s.LastError != "" || !s.LastAnswer.Equal(day) || s.Stale {
		t.Errorf("status %+v", s)
	}
	w.rejected(nil)
}

func TestAsksForLittleWhileNothingChanges(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.serves(1)
	for i := range 3 * walkEvery {
		w.look()
		want := []string{bundle.LatestName}
		if (w.polls-1)%walkEvery == 0 {
			want = append(want, bundle.RootName(2), bundle.ManifestName(1, 2))
		}
		if !slices.Equal(w.requests, want) {
			t.Fatalf("poll %d asked for %v, want %v", i, w.requests, want)
		}
	}
}

func TestWalksBeyondTheHint(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.upload(seal(t, manifest(2), publisherKey)) // the publisher stopped before the hint
	w.upload(seal(t, manifest(3), publisherKey))
	w.lookOften()
	w.serves(3)

	w.upload(seal(t, manifest(5), publisherKey))
	w.publish(4) // a hint that changes shows what is beyond it at once
	w.look()
	w.serves(5)
}

func TestWalksOnWhereItStopped(t *testing.T) {
	w := newWorld(t)
	const last = 2*walkSteps + 10
	for n := uint64(1); n <= last; n++ {
		key := publisherKey
		if n <= walkSteps+5 {
			key = strangerKey // signed by a key that has been rotated away
		}
		w.upload(seal(t, manifest(n), key))
	}
	for range 3 {
		if w.look(); len(w.requests) > 1+walkSteps+2 {
			t.Fatalf("one poll asked for %d objects", len(w.requests))
		}
	}
	w.serves(last)
}

func TestWalksWhereTheHintIsHeldBack(t *testing.T) {
	for name, broken := range map[string]error{"missing": bundle.ErrNotFound, "held back": errDown, "endless": bundle.ErrTooLarge} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.publish(1)
			w.look()
			w.publish(2)
			w.broken = func(object string) error {
				if object == bundle.LatestName {
					return broken
				}
				return nil
			}
			w.lookOften()
			w.serves(2)
		})
	}
}

func TestSourceDown(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.broken = down
	for range 3 {
		w.look()
	}
	w.serves(1)
	s := w.Status()
	if s.Failures != 3 || !strings.Contains(s.LastError, errDown.Error()) || s.LastReason != "" {
		t.Errorf("status %+v", s)
	}
	if n := strings.Count(w.log.String(), "the source is unavailable"); n != 1 {
		t.Errorf("the log says it %d times:\n%s", n, &w.log)
	}
	w.broken = nil
	w.publish(2)
	w.look()
	w.serves(2)
	if s := w.Status(); s.LastError != "" {
		t.Errorf("the trouble is over, the last error is still %q", s.LastError)
	}
	if !strings.Contains(w.log.String(), "the source is available again") {
		t.Error("the log does not say that it is over")
	}
}

// After a poll that fails half-way, the next poll must read the hint again.
func TestHintIsReadAgainAfterAFailure(t *testing.T) {
	for _, object := range []string{"b/", "m/"} {
		w := newWorld(t)
		w.publish(1)
		w.look()
		w.publish(2)
		w.broken = func(name string) error {
			if strings.HasPrefix(name, object) {
				return errDown
			}
			return nil
		}
		w.look()
		w.broken = nil
		w.look()
		w.serves(2)
	}
}

func TestPayloadThatComesLate(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	s := seal(t, manifest(2), publisherKey)
	w.put(bundle.LatestName, s.Envelope)
	w.look()
	w.serves(1)
	w.rejected(map[Reason]uint64{ReasonPayloadMissing: 1})
	w.upload(s)
	w.look()
	w.serves(2)
}

func TestBrokenNewestGivesWayToTheOneBefore(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.upload(seal(t, manifest(2), publisherKey))
	broken := seal(t, manifest(3), publisherKey)
	w.upload(broken)
	for _, o := range broken.Objects {
		w.put(o.Name, flip(o.Data))
	}
	w.lookOften()
	w.serves(2)
	w.rejected(map[Reason]uint64{ReasonPayload: 1})
	if s := w.Status(); s.LastReason != ReasonPayload {
		t.Errorf("the last error is %q", s.LastError)
	}
	w.upload(broken) // repaired
	w.lookOften()
	w.serves(3)
	if s := w.Status(); s.LastError != "" {
		t.Errorf("the last error is %q", s.LastError)
	}
}

func TestActivationThatFails(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	tries := 0
	w.prepare = func(b *bundle.Bundle) error {
		if b.Manifest.Revision == 2 {
			tries++
			return errors.New("the core refuses it")
		}
		return nil
	}
	w.publish(2)
	for range 5 {
		w.lookOften()
	}
	w.serves(1)
	if tries != maxActivations {
		t.Errorf("it was tried %d times, want %d", tries, maxActivations)
	}
	if s := w.Status(); s.Rejected[ReasonActivation] != maxActivations || s.Rejected[ReasonQuarantine] == 0 || s.Quarantined != 1 {
		t.Errorf("status %+v", s)
	}
	if s := w.Status(); s.LastReason != ReasonQuarantine || !strings.Contains(s.LastError, "the core refuses it") {
		t.Errorf("last error %q (%s)", s.LastError, s.LastReason)
	}
	if !strings.Contains(w.log.String(), ReasonActivation.Advice()) {
		t.Errorf("the log gives no advice:\n%s", &w.log)
	}
	w.publish(3)
	w.look()
	w.serves(3)

	w.restart() // what could not be activated was not kept
	w.serves(3)
}

func TestExpiryMakesStaleNotDown(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.now = day.Add(week - time.Second)
	if w.Status().Stale {
		t.Error("stale before it expires")
	}
	w.now = day.Add(week)
	if !w.Status().Stale {
		t.Error("not stale when it expires")
	}
	w.broken = down
	w.restart()
	w.serves(1)
	if !w.Status().Stale {
		t.Error("not stale after a restart")
	}
	w.broken = nil
	w.publish(2) // expired too, but newer
	w.look()
	w.serves(2)
}

func TestExpiredRootMakesStale(t *testing.T) {
	w := newWorld(t)
	w.root = newRoot(t, 1, day.Add(time.Hour), publisherKey)
	w.restart()
	w.publish(1)
	w.look()
	if w.Status().Stale {
		t.Error("stale at once")
	}
	w.now = day.Add(time.Hour)
	if w.serves(1); !w.Status().Stale {
		t.Error("not stale although the root has expired")
	}
}

func TestStartDoesNotWaitForASlowSource(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	w.boot()
	w.bucket.Before = func(ctx context.Context, _ storetest.Op, _ string) error {
		<-ctx.Done()
		return ctx.Err()
	}
	w.config.ColdStart = 10 * time.Millisecond
	if err := w.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.serves(1)
	if s := w.Status(); s.Origin != OriginDisk || s.Failures == 0 {
		t.Errorf("status %+v", s)
	}
}

func TestStartEndsWhenCancelled(t *testing.T) {
	w := newWorld(t)
	w.boot()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.Start(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if s := w.Status(); s.Failures != 0 {
		t.Errorf("a shutdown counts as %d failures of the source", s.Failures)
	}
}
