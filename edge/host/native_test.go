package host

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/wasm"
)

// TestPanicIsATrap makes an instance panic. The next call fails, and the one after it succeeds.
func TestPanicIsATrap(t *testing.T) {
	p := newPublisher(t)
	p.publish(testPayload(t, 1))
	h := p.open(Options{Engine: EngineNative, Instances: 1})
	var all Decisions
	for _, decide := range []func() error{
		func() error { _, err := h.Decide(british("user-1"), "button"); return err },
		func() error { return h.DecideAll(british("user-1"), &all) },
		func() error { return h.DecideKeys(british("user-1"), []string{"search"}, &all) },
	} {
		h.current.Load().places[0].instance.(*native).engine = nil
		if err := decide(); !errors.Is(err, ErrCore) || !strings.Contains(err.Error(), "panic") {
			t.Errorf("on a broken instance: %v", err)
		}
		if all.Len() != 0 {
			t.Errorf("after it there are %d decisions", all.Len())
		}
		if err := decide(); err != nil {
			t.Errorf("on the next one: %v", err)
		}
		mustDecide(t, h, 1, false)
		all = Decisions{}
	}
}

// TestNativeServesOnlyItsOwnCore publishes manifests that name another core. WebAssembly serves
// them, and the native engine serves again after them.
func TestNativeServesOnlyItsOwnCore(t *testing.T) {
	p := newPublisher(t)
	log := &strings.Builder{}
	p.put(release{revision: 1, payload: testPayload(t, 1)})
	h := p.follow(Options{Engine: EngineNative})
	h.logger = slog.New(slog.NewTextHandler(log, nil))
	serves := func(revision uint64, engine Engine, core []byte) {
		t.Helper()
		h.Refresh(t.Context())
		mustDecide(t, h, revision, false)
		if s := h.Snapshot(); s.Engine != engine || s.Core != bundle.HashOf(core) {
			t.Errorf("revision %d: %s serves with core %s; want %s with %s", revision, s.Engine, s.Core, engine, bundle.HashOf(core))
		}
	}
	serves(1, EngineNative, wasm.Core)
	if log.Len() != 0 {
		t.Errorf("it complains: %s", log)
	}

	other := otherCore("a")
	p.put(release{revision: 2, payload: testPayload(t, 2), core: other})
	serves(2, EngineWazero, other)
	if !strings.Contains(log.String(), "served by wazero") {
		t.Errorf("the log does not say it: %s", log)
	}
	p.put(release{revision: 3, payload: testPayload(t, 3)})
	serves(3, EngineNative, wasm.Core)

	// The program's core stands in for one that cannot be used: in its sandbox, and compiled once.
	p.put(release{revision: 4, payload: testPayload(t, 4), core: []byte("not wasm")})
	serves(4, EngineWazero, wasm.Core)
	standIn := h.current.Load().core
	p.put(release{revision: 5, payload: testPayload(t, 5), core: []byte("not wasm")})
	serves(5, EngineWazero, wasm.Core)
	if !h.Status().CoreBehind || h.current.Load().core != standIn {
		t.Errorf("the core was compiled anew; status %+v", h.Status())
	}
	p.put(release{revision: 6, payload: testPayload(t, 6)})
	serves(6, EngineNative, wasm.Core)
	if _, err := standIn.instantiate(t.Context(), testPayload(t, 4)); err == nil {
		t.Error("the core that stood in was not freed")
	}
}

// TestNativeRefusesPayloads publishes payloads that the core refuses, or decides otherwise.
func TestNativeRefusesPayloads(t *testing.T) {
	for name, c := range map[string]struct {
		change func(columns map[string]any)
		want   string
	}{
		"without a column":            {func(m map[string]any) { delete(m, "rule.traffic") }, "core refuses"},
		"with a slot out of range":    {func(m map[string]any) { fillColumn(m, "range.to") }, "core refuses"},
		"with vectors that disagree":  {func(m map[string]any) { fillColumn(m, "vector.reason") }, "golden vector 0"},
		"with a circle of conditions": {requireItself, "core refuses"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPublisher(t)
			p.put(release{revision: 1, payload: testPayload(t, 1)})
			h := p.follow(Options{Engine: EngineNative})
			var m map[string]any
			if err := msgpack.Unmarshal(testPayload(t, 2), &m); err != nil {
				t.Fatal(err)
			}
			c.change(m)
			useless, err := msgpack.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			p.put(release{revision: 2, payload: useless})
			h.Refresh(t.Context())
			mustDecide(t, h, 1, false)
			if s := h.Status(); s.Rejected[reload.ReasonActivation] == 0 || !strings.Contains(s.LastError, c.want) {
				t.Errorf("status %+v, want an activation that fails with %q", s, c.want)
			}
		})
	}
}
