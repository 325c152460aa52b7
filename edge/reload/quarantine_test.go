package reload

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

var errUseless = errors.New("the core refuses it")

// refuseRevision makes the host refuse the payload of revision n, and counts the tries.
func (w *world) refuseRevision(n uint64) *int {
	tries := new(int)
	w.prepare = func(b *bundle.Bundle) error {
		if slices.Equal(b.Payload, payloadOf(n)) {
			*tries++
			return errUseless
		}
		return nil
	}
	return tries
}

func TestQuarantineAcrossRestarts(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	tries := w.refuseRevision(2)
	w.publish(2)
	w.look() // fails
	w.restart()
	w.serves(1) // failed again
	if *tries != maxActivations || w.Status().Quarantined != 1 {
		t.Fatalf("%d tries, %d in quarantine", *tries, w.Status().Quarantined)
	}
	for range 3 {
		w.restart()
		w.lookOften()
		w.serves(1)
	}
	s := w.Status()
	if *tries != maxActivations || s.Quarantined != 1 || s.LastReason != ReasonQuarantine || !strings.Contains(s.LastError, errUseless.Error()) {
		t.Errorf("%d tries, %+v", *tries, s)
	}
	if !strings.Contains(w.log.String(), ReasonQuarantine.Advice()) {
		t.Errorf("the log gives no advice:\n%s", &w.log)
	}

	again, err := bundle.Seal(manifest(3), payloadOf(2), publisherKey) // the same payload
	if err != nil {
		t.Fatal(err)
	}
	w.upload(again)
	w.put(bundle.LatestName, again.Envelope)
	w.look()
	w.serves(1)
	if *tries != maxActivations || w.asked("b/") {
		t.Errorf("the payload was tried again under another revision")
	}

	w.publish(4)
	w.look()
	w.serves(4)
}

// A success clears an earlier failure.
func TestFailureThatPasses(t *testing.T) {
	w := newWorld(t)
	for _, n := range []uint64{1, 2, 3} {
		tries := w.refuseRevision(n)
		w.publish(n)
		w.look()
		if *tries != 1 {
			t.Fatalf("%d tries", *tries)
		}
		w.prepare = nil
		w.restart()
		w.serves(n)
	}
	if n := w.Status().Quarantined; n != 0 {
		t.Errorf("%d in quarantine", n)
	}
	if data, err := os.ReadFile(filepath.Join(w.state, quarantineName)); err != nil || strings.Contains(string(data), "times") {
		t.Errorf("it remembers %s, %v", data, err)
	}
}

// The quarantine of another build of the program does not count.
func TestQuarantineEndsWithTheProgram(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	tries := w.refuseRevision(2)
	w.publish(2)
	w.look()
	w.lookOften()
	if *tries != maxActivations {
		t.Fatalf("%d tries", *tries)
	}
	path := filepath.Join(w.state, quarantineName)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file quarantineFile
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	file.Program[0]++
	if data, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	w.prepare = nil
	w.restart()
	w.serves(2)

	w.publish(3)
	w.refuseRevision(3)
	w.look()
	w.lookOften()
	w.core = bundle.CoreOf(newerCore, 1) // the same program with another core
	w.prepare = nil
	w.restart()
	w.serves(3)
}

// A payload that kills the process is quarantined after maxDeaths attempts.
func TestDeadlyPayload(t *testing.T) {
	w := newWorld(t)
	w.publish(1)
	w.look()
	deaths := 0
	w.prepare = func(b *bundle.Bundle) error {
		if b.Manifest.Revision == 2 {
			deaths++
			panic("out of memory")
		}
		return nil
	}
	w.publish(2)
	start := func() (died bool) {
		defer func() { died = recover() != nil }()
		w.restart()
		return false
	}
	for range maxDeaths {
		if !start() {
			t.Fatal("it did not die")
		}
	}
	for range 3 {
		if start() {
			t.Fatalf("it died again, %d times", deaths)
		}
		w.serves(1)
	}
	if s := w.Status(); s.Quarantined != 1 || s.LastReason != ReasonQuarantine || !strings.Contains(s.LastError, "died") {
		t.Errorf("status %+v", s)
	}
	w.publish(3)
	w.look()
	w.serves(3)
}

// TestTrialThatCannotBeRemoved has a state directory in which files can be written but
// not removed.
func TestTrialThatCannotBeRemoved(t *testing.T) {
	w := newWorld(t)
	w.disk = durable.Disk{Before: func(op durable.Op, path string) error {
		if op == durable.OpRemove && filepath.Base(path) == trialName {
			return errDown
		}
		return nil
	}}
	w.restart()
	w.publish(1)
	for range 2 * maxDeaths {
		w.restart()
		w.serves(1)
	}
}

// Occasional deaths of the process for other reasons do not quarantine a payload.
func TestDeathsOfOtherCausesAreForgotten(t *testing.T) {
	w := newWorld(t)
	for n := uint64(1); n <= 2*maxDeaths; n++ {
		w.publish(n)
		w.prepare = func(*bundle.Bundle) error { panic("killed") }
		func() {
			defer func() { _ = recover() }()
			w.restart()
		}()
		w.prepare = nil
		w.restart()
		w.serves(n)
	}
	w.rejected(nil)
}

func TestDamagedQuarantineIsForgotten(t *testing.T) {
	for _, name := range []string{quarantineName, trialName} {
		for what, data := range map[string]string{
			"empty": "", "cut": `{"program":"`, "zeros": "\x00\x00\x00", "nested": strings.Repeat("[", 1<<20),
			"endless": strings.Repeat(" ", maxQuarantineSize+1), "of another form": `{"admin":true}`,
		} {
			w := newWorld(t)
			if err := os.WriteFile(filepath.Join(w.state, name), []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
			w.publish(1)
			w.restart()
			w.serves(1)
			if got := w.Status().Rejected[ReasonState]; got != 1 {
				t.Errorf("%s %s: counted %d times", name, what, got)
			}
		}
	}
}

func TestQuarantineIsBounded(t *testing.T) {
	directory := t.TempDir()
	q, err := newQuarantine(directory, durable.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	pairOf := func(i int) pair { return pair{Payload: bundle.HashOf(fmt.Append(nil, i))} }
	for i := range 2 * maxFailures {
		for range maxActivations {
			if err := q.failed(pairOf(i), errors.New(strings.Repeat("\x01", 10*maxErrorLength))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if q, err = newQuarantine(directory, durable.Disk{}); err != nil {
		t.Fatal(err)
	}
	if q.count() != maxFailures || q.refuses(pairOf(0)) != nil || q.refuses(pairOf(2*maxFailures-1)) == nil {
		t.Errorf("%d in quarantine", q.count())
	}
}
