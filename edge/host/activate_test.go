package host

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/bundle/store/storetest"
	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// release is a revision that a test signs itself. It can be one that the publisher never makes.
type release struct {
	revision uint64
	payload  []byte
	core     []byte // wasm.Core if nil
	validity time.Duration
}

// put signs and uploads a release. The core is uploaded unless it is the host's.
func (p *publisher) put(r release) {
	p.t.Helper()
	if r.core == nil {
		r.core = wasm.Core
	}
	if r.validity == 0 {
		r.validity = time.Hour
	}
	now := time.Now()
	s, err := bundle.Seal(bundle.Manifest{
		Environment: testEnvironment, Epoch: 1, Revision: r.revision, Created: now, Expires: now.Add(r.validity),
		MinimumSchema: payload.Schema, Core: bundle.CoreOf(r.core, abi.Version),
	}, r.payload, p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	ctx := context.Background()
	objects := s.Objects
	if s.Manifest.Core.SHA256 != bundle.HashOf(wasm.Core) {
		objects = append(objects, bundle.NamedObject{Name: bundle.CoreName(s.Manifest.Core.SHA256), Data: r.core})
	}
	objects = append(objects, bundle.NamedObject{Name: s.Manifest.Name(), Data: s.Envelope}, bundle.NamedObject{Name: bundle.LatestName, Data: s.Envelope})
	for _, o := range objects {
		if err := p.store.Put(ctx, o.Name, o.Data); err != nil {
			p.t.Fatal(err)
		}
	}
}

// follow opens a host that polls only when Refresh is called.
func (p *publisher) follow(o Options) *Host {
	o.Poll = 24 * time.Hour
	return p.open(o)
}

func instancesOf(h *Host) (all []instance) {
	s := h.current.Load()
	for i := range s.places {
		all = append(all, s.places[i].instance)
	}
	return all
}

// otherCore is the core with a custom section, so that it has another hash.
func otherCore(name string) []byte {
	section := append(append([]byte{byte(len(name))}, name...), "anything"...)
	return append(slices.Clone(wasm.Core), append([]byte{0, byte(len(section))}, section...)...)
}

// mustDecide decides, and checks the revision of the decision.
func mustDecide(t testing.TB, h *Host, revision uint64, stale bool) {
	t.Helper()
	d, err := h.Decide(british("user-1"), "button")
	if err != nil || d.Variant() != "green" || d.Revision() != revision || d.Stale() != stale {
		t.Fatalf("%+v, %v; want revision %d, stale %t", d, err, revision, stale)
	}
}

// TestRenewal publishes the same payload again, as a heartbeat does. The host keeps its instances,
// and decisions have the new revision.
func TestRenewal(t *testing.T) {
	p := newPublisher(t)
	raw := testPayload(t, 1)
	p.put(release{revision: 1, payload: raw, validity: time.Second})
	h := p.follow(Options{Instances: 3})
	before, catalog := instancesOf(h), h.current.Load().Catalog
	for range 200 {
		if h.Snapshot().Stale {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	mustDecide(t, h, 1, true)
	var keys Decisions
	if err := h.DecideKeys(british("user-1"), []string{"nothing"}, &keys); err != nil || !keys.Stale() || keys.Revision() != 1 {
		t.Errorf("revision %d, %v; want stale decisions of revision 1", keys.Revision(), err)
	}

	p.put(release{revision: 2, payload: raw})
	h.Refresh(t.Context())
	mustDecide(t, h, 2, false)
	if s := h.Snapshot(); s.Stale || !s.Expires.After(time.Now()) || s.Revision != 2 {
		t.Errorf("snapshot %+v", s)
	}
	if !slices.Equal(instancesOf(h), before) || h.current.Load().Catalog != catalog {
		t.Error("the instances were made anew")
	}

	p.put(release{revision: 3, payload: testPayload(t, 3)})
	h.Refresh(t.Context())
	mustDecide(t, h, 3, false)
	for _, in := range before {
		if slices.Contains(instancesOf(h), in) {
			t.Error("an instance has stayed although the payload is another")
		}
		if !in.(*guest).module.IsClosed() {
			t.Error("an instance was not freed")
		}
	}
}

// TestRenewalsUnderLoad renews and swaps while others decide.
func TestRenewalsUnderLoad(t *testing.T) {
	p := newPublisher(t)
	cores := [][]byte{nil, nil, otherCore("a"), otherCore("a"), otherCore("b"), nil}
	payloads := [][]byte{testPayload(t, 1), testPayload(t, 2)}
	p.put(release{revision: 1, payload: payloads[0]})
	h := p.follow(Options{Instances: 2})
	done := make(chan struct{})
	var callers sync.WaitGroup
	for range 2 {
		callers.Go(func() {
			var last uint64
			for r := british("user-1"); ; {
				select {
				case <-done:
					return
				default:
				}
				d, err := h.Decide(r, "button")
				if err != nil || d.Variant() != "green" || d.Revision() < last {
					t.Errorf("%+v, %v after revision %d", d, err, last)
					return
				}
				last = d.Revision()
			}
		})
	}
	for revision := uint64(2); revision <= 14; revision++ {
		p.put(release{revision: revision, payload: payloads[revision/4%2], core: cores[revision%uint64(len(cores))]})
		h.Refresh(t.Context())
		if got := h.Snapshot().Revision; got != revision {
			t.Errorf("revision %d is active, want %d: %+v", got, revision, h.Status())
		}
	}
	close(done)
	callers.Wait()
}

// TestCoresTravel publishes manifests that name other cores.
func TestCoresTravel(t *testing.T) {
	p := newPublisher(t)
	state := t.TempDir()
	a, b := otherCore("a"), otherCore("b")
	p.put(release{revision: 1, payload: testPayload(t, 1)})
	h := p.follow(Options{StateDir: state})
	decidedBy := func(h *Host, revision uint64, core []byte) core {
		t.Helper()
		mustDecide(t, h, revision, false)
		if got := h.Snapshot().Core; got != bundle.HashOf(core) || h.Status().CoreBehind {
			t.Errorf("revision %d is decided by %s; status %+v", revision, got, h.Status())
		}
		return h.current.Load().core
	}
	decidedBy(h, 1, wasm.Core)

	raw := testPayload(t, 2)
	p.put(release{revision: 2, payload: raw, core: a})
	h.Refresh(t.Context())
	compiled := decidedBy(h, 2, a)
	p.put(release{revision: 3, payload: raw, core: a})
	h.Refresh(t.Context())
	if decidedBy(h, 3, a) != compiled {
		t.Error("the core was compiled anew for a renewal")
	}
	p.put(release{revision: 4, payload: testPayload(t, 4), core: a})
	h.Refresh(t.Context())
	if decidedBy(h, 4, a) != compiled {
		t.Error("the core was compiled anew for another payload")
	}

	p.put(release{revision: 5, payload: testPayload(t, 4), core: b}) // the payload stays
	h.Refresh(t.Context())
	decidedBy(h, 5, b)
	if _, err := compiled.instantiate(t.Context(), raw); err == nil {
		t.Error("the core before was not freed")
	}
	if err := h.Close(t.Context()); err != nil {
		t.Fatal(err)
	}

	bucket, down := p.store, storetest.NewMemory()
	down.Before = func(context.Context, storetest.Op, string) error { return errors.New("the bucket is down") }
	p.store = down
	restarted := p.follow(Options{StateDir: state})
	decidedBy(restarted, 5, b)
	if err := restarted.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.store = bucket
	p.put(release{revision: 6, payload: testPayload(t, 6)})
	decidedBy(p.follow(Options{StateDir: state}), 6, wasm.Core)
}

// TestUselessCores publishes cores that are signed but unusable. The host decides with its own
// core.
func TestUselessCores(t *testing.T) {
	for name, core := range map[string][]byte{
		"no module":                  []byte("not wasm"),
		"without exports":            []byte("\x00asm\x01\x00\x00\x00"),
		"traps on load":              fakeCore(map[string][]byte{"load": {opUnreachable}}),
		"refuses the payload":        fakeCore(map[string][]byte{"load": {opConst, 4}}),
		"traps on deciding":          fakeCore(map[string][]byte{"assign_all": {opUnreachable}}),
		"decides otherwise":          fakeCore(nil),
		"is of another ABI":          fakeCore(map[string][]byte{"abi_version": {opConst, abi.Version + 1}}),
		"begins with 63 MiB":         fakeCoreOf([]byte{0xe8, 0x07}, nil),
		"allocates outside memory":   fakeCore(map[string][]byte{"alloc": {opConst, 0x7f}}),
		"has its records outside it": fakeCore(map[string][]byte{"records": {opConst, 0x7f}, "assign_all": {opConst, 1}}),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPublisher(t)
			p.put(release{revision: 1, payload: testPayload(t, 1)})
			h := p.follow(Options{})
			p.put(release{revision: 2, payload: testPayload(t, 2), core: core})
			h.Refresh(t.Context())
			mustDecide(t, h, 2, false)
			if s := h.Status(); !s.CoreBehind || s.Rejected[reload.ReasonCore] != 1 || h.Snapshot().Core != bundle.HashOf(wasm.Core) {
				t.Errorf("status %+v", s)
			}
		})
	}
}

// TestCoreThatNeverReturns publishes a core that loops. It does not block the host.
func TestCoreThatNeverReturns(t *testing.T) {
	for _, function := range []string{"_initialize", "load", "assign_all"} {
		p := newPublisher(t)
		p.put(release{revision: 1, payload: testPayload(t, 1)})
		h := p.follow(Options{})
		h.coreTrial = 100 * time.Millisecond
		p.put(release{revision: 2, payload: testPayload(t, 2), core: fakeCore(map[string][]byte{
			function: {opLoop, opNothing, opBranch, 0, opEnd, opUnreachable},
		})})
		h.Refresh(t.Context())
		mustDecide(t, h, 2, false)
		if s := h.Status(); !s.CoreBehind || s.Rejected[reload.ReasonCore] != 1 {
			t.Errorf("%s: status %+v", function, s)
		}
	}
}

// TestUselessPayloads publishes payloads that are signed but unusable. The host continues with the
// last good one.
func TestUselessPayloads(t *testing.T) {
	for name, c := range map[string]struct {
		change func(columns map[string]any)
		want   string
	}{
		"not msgpack":                   {nil, "invalid payload"},
		"of a newer schema":             {func(m map[string]any) { m["schema"] = 2 }, "schema"},
		"without a column":              {func(m map[string]any) { delete(m, "rule.traffic") }, "core refuses"},
		"with a column cut off":         {func(m map[string]any) { cutColumn(m, "range.from") }, "core refuses"},
		"with a slot out of range":      {func(m map[string]any) { fillColumn(m, "range.to") }, "core refuses"},
		"with a variant out of range":   {func(m map[string]any) { fillColumn(m, "share.variant") }, "core refuses"},
		"with an axis out of range":     {func(m map[string]any) { fillColumn(m, "block.axis") }, "core refuses"},
		"with a huge table":             {func(m map[string]any) { fillColumn(m, "axis.width") }, "core refuses"},
		"with ends that go back":        {func(m map[string]any) { fillColumn(m, "experiment.rules.end") }, "core refuses"},
		"with a circle of requirements": {requireItself, "core refuses"},
		"that takes all memory": {func(m map[string]any) {
			// Each version needs room for its key.
			m["attribute.name"] = make([]byte, 4*65_000)
			m["attribute.type"] = append([]byte{byte(model.String)}, bytes.Repeat([]byte{byte(model.Version)}, 65_000-1)...)
		}, "wasm error"},
		"with text out of range": {func(m map[string]any) { fillColumn(m, "variant.config") }, "there is no text"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPublisher(t)
			p.put(release{revision: 1, payload: testPayload(t, 1)})
			h := p.follow(Options{StateDir: t.TempDir()})
			before := instancesOf(h)
			useless := []byte("junk")
			if c.change != nil {
				var m map[string]any
				if err := msgpack.Unmarshal(testPayload(t, 2), &m); err != nil {
					t.Fatal(err)
				}
				c.change(m)
				var err error
				if useless, err = msgpack.Marshal(m); err != nil {
					t.Fatal(err)
				}
			}
			p.put(release{revision: 2, payload: useless})
			for range 2 {
				h.Refresh(t.Context())
				mustDecide(t, h, 1, false)
			}
			s := h.Status()
			if s.Rejected[reload.ReasonActivation] == 0 || !strings.Contains(s.LastError, c.want) {
				t.Errorf("status %+v, want an activation that fails with %q", s, c.want)
			}
			if !slices.Equal(instancesOf(h), before) {
				t.Error("the instances were made anew")
			}
			p.put(release{revision: 3, payload: testPayload(t, 3)})
			h.Refresh(t.Context())
			mustDecide(t, h, 3, false)
		})
	}
}

// TestPayloadThatMakesTheCoreTrap: the host's own core traps on the second payload.
func TestPayloadThatMakesTheCoreTrap(t *testing.T) {
	p := newPublisher(t)
	p.put(release{revision: 1, payload: testPayload(t, 1)})
	h := p.follow(Options{})
	sound := h.core
	trapping, err := newWazeroCore(t.Context(), fakeCore(map[string][]byte{"assign_all": {opUnreachable}}))
	if err != nil {
		t.Fatal(err)
	}
	h.core = trapping
	p.put(release{revision: 2, payload: testPayload(t, 2)})
	for range 24 { // twice a walk over the manifests
		h.Refresh(t.Context())
		mustDecide(t, h, 1, false)
	}
	if s := h.Status(); s.Rejected[reload.ReasonActivation] != 2 || s.Quarantined != 1 || !strings.Contains(s.LastError, "unreachable") {
		t.Errorf("status %+v", s)
	}
	h.core = sound
	if err := trapping.close(t.Context()); err != nil {
		t.Error(err)
	}
}

func cutColumn(m map[string]any, name string) { m[name] = m[name].([]byte)[1:] }

func fillColumn(m map[string]any, name string) {
	column := m[name].([]byte)
	for i := range column {
		column[i] = 0xff
	}
}

// requireItself makes the first experiment require itself.
func requireItself(m map[string]any) {
	m["experiment.prerequisites.end"] = []byte{1, 0, 0, 0, 0, 0, 0, 0} // stored as differences
	m["prerequisite.experiment"] = []byte{0, 0, 0, 0}
	m["prerequisite.variants.end"] = []byte{1, 0, 0, 0}
	m["prerequisite.variant"] = []byte{0, 0}
}
