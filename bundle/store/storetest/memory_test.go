package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store"
)

func TestFailedButPersisted(t *testing.T) {
	lost := errors.New("the answer was lost")
	m := NewMemory()
	m.After = func(_ context.Context, op Op, _ string) error {
		if op == OpCreate {
			return lost
		}
		return nil
	}
	if err := m.Create(t.Context(), "m/1.json", []byte("mine")); !errors.Is(err, lost) {
		t.Fatalf("got %v", err)
	}
	if err := m.Create(t.Context(), "m/1.json", []byte("mine")); !errors.Is(err, store.ErrExists) {
		t.Errorf("the second attempt: %v", err)
	}
	if o, err := m.Get(t.Context(), "m/1.json", "", 10); err != nil || string(o.Data) != "mine" {
		t.Errorf("got %q, %v", o.Data, err)
	}
}

func TestFailedAndNotPersisted(t *testing.T) {
	down := errors.New("down")
	m := NewMemory()
	m.Before = func(_ context.Context, op Op, name string) error {
		if op == OpPut && name == "latest.json" {
			return down
		}
		return nil
	}
	if err := m.Put(t.Context(), "latest.json", nil); !errors.Is(err, down) {
		t.Fatalf("got %v", err)
	}
	if _, err := m.Get(t.Context(), "latest.json", "", 10); !errors.Is(err, bundle.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestUnconditional(t *testing.T) {
	m := NewMemory()
	m.Unconditional = true
	for _, data := range []string{"first", "second"} {
		if err := m.Create(t.Context(), "m/1.json", []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	if o, err := m.Get(t.Context(), "m/1.json", "", 10); err != nil || string(o.Data) != "second" {
		t.Errorf("got %q, %v", o.Data, err)
	}
}

func TestTamper(t *testing.T) {
	m := NewMemory()
	m.Tamper = func(_ string, data []byte) []byte { return append(data, '!') }
	if err := m.Put(t.Context(), "b/x", []byte("four")); err != nil {
		t.Fatal(err)
	}
	if o, err := m.Get(t.Context(), "b/x", "", 4); err != nil || string(o.Data) != "four!" {
		t.Errorf("got %q, %v", o.Data, err)
	}
}
