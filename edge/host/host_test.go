package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/eventually"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
	"github.com/sortition-dev/sortition/wasm/abi"
)

const testEnvironment = "test"

// publisher publishes to a directory, for hosts to follow.
type publisher struct {
	t        testing.TB
	store    store.Store
	key      *bundle.PrivateKey
	root     *bundle.Root
	envelope []byte
}

func newPublisher(t testing.TB) *publisher {
	t.Helper()
	p := &publisher{t: t, key: bundle.KeyFromSeed([32]byte{1})}
	var err error
	if p.store, err = store.NewDir(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	holders := bundle.Holders{Threshold: 1, Keys: []bundle.PublicKey{p.key.Public()}}
	if p.envelope, err = bundle.SignRoot(bundle.NewRoot(1, 1, time.Now(), time.Now().Add(24*time.Hour), holders, holders), p.key); err != nil {
		t.Fatal(err)
	}
	if p.root, err = bundle.ParseRoot(p.envelope); err != nil {
		t.Fatal(err)
	}
	return p
}

// publish publishes a payload for an hour.
func (p *publisher) publish(payload []byte) { p.publishFor(payload, time.Hour) }

func (p *publisher) publishFor(payload []byte, validity time.Duration) {
	p.t.Helper()
	_, err := (&publish.Publication{
		Store: p.store, Root: p.root, RootEnvelope: p.envelope, Signers: []bundle.Signer{p.key}, Environment: testEnvironment,
		Validity: validity, Now: time.Now, Build: publish.FromPayload(func(*revision.Revision) ([]byte, error) { return payload, nil }),
	}).Publish(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *publisher) open(o Options) *Host {
	p.t.Helper()
	o.Source, o.Root, o.Environment, o.Logger = p.store, p.root, testEnvironment, slog.New(slog.DiscardHandler)
	h, err := Open(context.Background(), o)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			p.t.Error(err)
		}
	})
	return h
}

// testProgram has an experiment and a flag. Its config says which revision it is.
func testProgram(revision int) *model.Program {
	config := fmt.Sprintf(`{"revision":%d}`, revision)
	all := []model.Range{{From: 0, To: model.Slots}}
	return &model.Program{
		Units:      []string{"user"},
		Attributes: []model.Attribute{{Name: "country", Type: model.String}},
		Experiments: []model.Experiment{
			{
				Key: "button", Salt: "button/1", Layer: model.None, Default: model.None, Phase: 3,
				Variants: []model.Variant{{Key: "control", Name: "Blue", Config: config}, {Key: "green", Name: "Green", Config: config}},
				Rules: []model.Rule{{
					Audience: &model.Expr{Op: model.OpIn, Attr: 0, Strings: []string{"GB", "US"}},
					Slots:    all, Traffic: model.Slots, Split: []model.Share{{To: 5000, Variant: 0}, {To: 10000, Variant: 1}},
				}},
			},
			{
				Key: "search", Kind: model.KindFlag, Salt: "search", Layer: model.None, Default: 1, Phase: 1,
				Variants: []model.Variant{{Key: "on", Name: "on", Config: "true"}, {Key: "off", Name: "off", Config: "false"}},
				Rules:    []model.Rule{{Slots: all, Traffic: 0, Split: []model.Share{{To: 10000, Variant: 0}}}},
			},
		},
	}
}

func testPayload(t testing.TB, revision int) []byte {
	t.Helper()
	payload, err := compile.Payload(testProgram(revision))
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func british(id string) *Request { return new(Request).Unit("user", id).String("country", "GB") }

func TestDecide(t *testing.T) {
	p := newPublisher(t)
	p.publish(testPayload(t, 1))
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) { decides(t, p.open(Options{Engine: engine})) })
	}
}

// engines has both engines.
var engines = []Engine{EngineWazero, EngineNative}

func decides(t *testing.T, h *Host) {
	d, err := h.Decide(british("user-1"), "button")
	button := d
	if err != nil || !d.Assigned() || d.Experiment() != "button" || d.Kind() != model.KindExperiment || d.Variant() != "green" ||
		d.Name() != "Green" || d.Config() != `{"revision":1}` || d.Reason() != abi.ReasonSplit || d.Rule() != 0 ||
		d.Unit() != "user" || d.Phase() != 3 || d.Revision() != 1 || d.Stale() || d.Sticky() {
		t.Errorf("button: %v, %v", d, err)
	}
	if got, want := d.String(), "button is green (split), revision 1"; got != want {
		t.Errorf("as text it is %q, want %q", got, want)
	}
	d, err = h.Decide(new(Request).Unit("user", "user-1").String("country", "FR"), "button")
	if err != nil || d.Assigned() || d.Reason() != abi.ReasonAudience {
		t.Errorf("outside the audience: %+v, %v", d, err)
	}
	d, err = h.Decide(british("user-1"), "search")
	if err != nil || d.Variant() != "off" || d.Config() != "false" || d.Kind() != model.KindFlag || d.Reason() != abi.ReasonDefault {
		t.Errorf("search: %+v, %v", d, err)
	}
	if _, err := h.Decide(british("user-1"), "nothing"); !errors.Is(err, ErrUnknownExperiment) {
		t.Errorf("unknown key: %v", err)
	}
	if _, err := h.Decide(british(strings.Repeat("x", 2000)), "button"); !errors.Is(err, ErrRequest) {
		t.Errorf("overlong id: %v", err)
	}

	var some Decisions
	err = h.DecideKeys(british("user-1"), []string{"search", "nothing", "button"}, &some)
	if err != nil || some.Len() != 3 || some.At(0).Variant() != "off" || some.At(1) != (Decision{}) || some.At(2) != button {
		t.Errorf("keys: %v, %v", slices.Collect(some.All()), err)
	}
	err = h.DecideAll(british("user-1"), &some) // reuses the memory
	if all := slices.Collect(some.All()); err != nil || len(all) != 2 || all[0] != button || all[1].Experiment() != "search" {
		t.Errorf("all: %v, %v", all, err)
	}
	for range some.All() {
		break // an iterator may end early
	}
	if err := h.DecideAll(british(strings.Repeat("x", 2000)), &some); !errors.Is(err, ErrRequest) || some.Len() != 0 || some.Revision() != 0 {
		t.Errorf("after an error: %v, %v", slices.Collect(some.All()), err)
	}
	s := h.Snapshot()
	if !s.Ready || s.Revision != 1 || s.Epoch != 1 || s.Experiments != 2 || s.Stale || s.Environment != testEnvironment {
		t.Errorf("snapshot: %+v", s)
	}
	if want := h.core.engine(); s.Engine != want {
		t.Errorf("%s serves, want %s", s.Engine, want)
	}
	if keys := h.Keys(); len(keys) != 2 || keys[0] != "button" {
		t.Errorf("keys: %v", keys)
	}
}

func TestNotReadyUntilPublished(t *testing.T) {
	p := newPublisher(t)
	h := p.open(Options{Poll: 20 * time.Millisecond})
	if _, err := h.Decide(british("user-1"), "button"); !errors.Is(err, ErrNotReady) {
		t.Errorf("before: %v", err)
	}
	if err := h.DecideAll(british("user-1"), new(Decisions)); !errors.Is(err, ErrNotReady) {
		t.Errorf("before: %v", err)
	}
	p.publish(testPayload(t, 1))
	waitFor(t, h, 1)
	if err := h.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Decide(british("user-1"), "button"); !errors.Is(err, ErrClosed) {
		t.Errorf("after: %v", err)
	}
}

// TestRefresh checks that Refresh does not wait for the next poll.
func TestRefresh(t *testing.T) {
	p := newPublisher(t)
	h := p.open(Options{Poll: 24 * time.Hour})
	p.publish(testPayload(t, 1))
	h.Refresh(context.Background())
	if d, err := h.Decide(british("user-1"), "button"); err != nil || d.Revision() != 1 {
		t.Errorf("%+v, %v; want revision 1", d, err)
	}
}

// waitFor waits until a revision is active.
func waitFor(t *testing.T, h *Host, revision uint64) {
	t.Helper()
	eventually.True(t, fmt.Sprintf("revision %d", revision), func() bool { return h.Snapshot().Revision >= revision })
}

// TestSwapsUnderLoad publishes while other goroutines decide. No decision fails, all decisions of a
// call are of one revision, and the revisions of a caller never go back.
func TestSwapsUnderLoad(t *testing.T) {
	for _, engine := range engines {
		t.Run(string(engine), func(t *testing.T) { swapsUnderLoad(t, engine) })
	}
}

func swapsUnderLoad(t *testing.T, engine Engine) {
	const revisions = 15
	p := newPublisher(t)
	p.publish(testPayload(t, 1))
	h := p.open(Options{Poll: 5 * time.Millisecond, Instances: 2, Engine: engine})

	done := make(chan struct{})
	var callers sync.WaitGroup
	for caller := range 4 {
		callers.Go(func() {
			var last uint64
			var all Decisions
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				r := british(fmt.Sprintf("user-%d-%d", caller, i))
				var err error
				if err = h.DecideAll(r, &all); err != nil {
					t.Errorf("DecideAll: %v", err)
					return
				}
				one, err := h.Decide(r, "button")
				if err != nil {
					t.Errorf("Decide: %v", err)
					return
				}
				for _, d := range append(slices.Collect(all.All()), one) {
					if want := fmt.Sprintf(`{"revision":%d}`, d.Revision()); d.Experiment() == "button" && d.Config() != want {
						t.Errorf("config %s in revision %d", d.Config(), d.Revision())
						return
					}
					if d.Revision() < last {
						t.Errorf("revision %d after %d", d.Revision(), last)
						return
					}
					last = d.Revision()
				}
			}
		})
	}
	for revision := 2; revision <= revisions; revision++ {
		p.publish(testPayload(t, revision))
		waitFor(t, h, uint64(revision))
	}
	close(done)
	callers.Wait()
}

// TestVectorsThatDisagree publishes a payload with golden vectors that the core decides otherwise.
// The host keeps the active bundle.
func TestVectorsThatDisagree(t *testing.T) {
	p := newPublisher(t)
	p.publish(testPayload(t, 1))
	h := p.open(Options{Poll: 10 * time.Millisecond})

	var m map[string]any
	if err := msgpack.Unmarshal(testPayload(t, 2), &m); err != nil {
		t.Fatal(err)
	}
	fillColumn(m, "vector.reason")
	wrong, err := msgpack.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	p.publish(wrong)
	for range 1000 {
		if strings.Contains(h.Status().LastError, "golden vector") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if s := h.Status(); !strings.Contains(s.LastError, "golden vector 0") {
		t.Errorf("status: %+v", s)
	}
	if d, err := h.Decide(british("user-1"), "button"); err != nil || d.Revision() != 1 {
		t.Errorf("decision %+v, %v; want one of revision 1", d, err)
	}
}

func TestStaleAfterExpiry(t *testing.T) {
	p := newPublisher(t)
	p.publishFor(testPayload(t, 1), 3*time.Second)
	h := p.open(Options{})
	d, err := h.Decide(british("user-1"), "button")
	if err != nil || d.Stale() || h.Snapshot().Stale {
		t.Errorf("before: %+v, %v", d, err)
	}
	for range 100 {
		if d, err = h.Decide(british("user-1"), "button"); err != nil || !d.Assigned() || d.Stale() {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil || !d.Assigned() || !d.Stale() || !h.Snapshot().Stale {
		t.Errorf("after: %+v, %v, %+v", d, err, h.Snapshot())
	}
}

// TestTimeOfDecision decides an experiment before and after its start.
func TestTimeOfDecision(t *testing.T) {
	for name, test := range map[string]struct {
		start time.Time
		want  abi.Reason
	}{
		"begun":     {time.Now().Add(-time.Hour), abi.ReasonSplit},
		"not begun": {time.Now().Add(time.Hour), abi.ReasonNotStarted},
	} {
		t.Run(name, func(t *testing.T) {
			program := testProgram(1)
			program.Experiments[0].Start = model.MillisOf(test.start)
			payload, err := compile.Payload(program)
			if err != nil {
				t.Fatal(err)
			}
			p := newPublisher(t)
			p.publish(payload)
			d, err := p.open(Options{}).Decide(british("user-1"), "button")
			if err != nil || d.Reason() != test.want {
				t.Errorf("%+v, %v; want reason %v", d, err, test.want)
			}
		})
	}
}

// TestTrappedInstanceIsReplaced breaks an instance. The next call fails, and the one after it
// succeeds.
func TestTrappedInstanceIsReplaced(t *testing.T) {
	p := newPublisher(t)
	p.publish(testPayload(t, 1))
	h := p.open(Options{Instances: 1})
	broken := h.current.Load().places[0].instance
	if err := broken.close(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Decide(british("user-1"), "button"); !errors.Is(err, ErrCore) {
		t.Errorf("on a broken instance: %v", err)
	}
	if d, err := h.Decide(british("user-1"), "button"); err != nil || d.Variant() != "green" {
		t.Errorf("after it: %+v, %v", d, err)
	}
}

func TestDecidingDoesNotAllocate(t *testing.T) {
	p := newPublisher(t)
	p.publish(testPayload(t, 1))
	for _, engine := range engines {
		h := p.open(Options{Engine: engine})
		var r Request
		var decisions Decisions
		keys, bytes := h.Keys(), 0
		n := testing.AllocsPerRun(1000, func() {
			r.Reset().Unit("user", "user-1").String("country", "GB")
			d, err := h.Decide(&r, "button")
			if err != nil {
				t.Fatal(err)
			}
			bytes += len(d.Variant()) + len(d.Config())
			if err := h.DecideKeys(&r, keys, &decisions); err != nil {
				t.Fatal(err)
			}
			if err := h.DecideAll(&r, &decisions); err != nil {
				t.Fatal(err)
			}
			for d := range decisions.All() {
				bytes += len(d.Experiment()) + len(d.Name()) + len(d.Unit())
			}
		})
		if n != 0 || bytes == 0 {
			t.Errorf("%s: %v allocations, want none", engine, n)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	p := newPublisher(t)
	good := Options{Source: p.store, Root: p.root, Environment: testEnvironment}
	for name, change := range map[string]func(*Options){
		"no source":          func(o *Options) { o.Source = nil },
		"no root":            func(o *Options) { o.Root = nil },
		"no environment":     func(o *Options) { o.Environment = "" },
		"negative poll":      func(o *Options) { o.Poll = -1 },
		"negative instances": func(o *Options) { o.Instances = -1 },
		"too many instances": func(o *Options) { o.Instances = MaxInstances + 1 },
		"unknown engine":     func(o *Options) { o.Engine = "wasmtime" },
	} {
		t.Run(name, func(t *testing.T) {
			o := good
			change(&o)
			if h, err := Open(context.Background(), o); err == nil {
				h.Close(context.Background())
				t.Error("accepted")
			}
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	p := newPublisher(b)
	p.publish(testPayload(b, 1))
	h := p.open(Options{})
	var r Request
	b.ReportAllocs()
	for b.Loop() {
		r.Reset().Unit("user", "user-1").String("country", "GB")
		if _, err := h.Decide(&r, "button"); err != nil {
			b.Fatal(err)
		}
	}
}
