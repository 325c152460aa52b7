// Package host assigns variants inside a Go program. It loads signed bundles, follows new
// revisions, and runs the assignment core on them in WebAssembly, or natively. Proxies embed it;
// `edge serve` offers it over HTTP.
//
//	h, err := host.Open(ctx, host.Options{Source: source, Root: root, Environment: "production"})
//	…
//	defer h.Close(ctx)
//	var r host.Request
//	r.Unit("user", "u-4711").String("country", "GB")
//	d, err := h.Decide(&r, "checkout_button")
//	if err == nil && d.Assigned() {
//		use(d.Variant(), d.Config())
//	}
//
// A [Host] continues to decide when its source fails: the last good bundle stays active. Decisions
// say whether it has expired.
package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/wasm"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/request"
)

// MaxInstances bounds the instances of a host.
const MaxInstances = 256

// Errors of decisions. After any of them, use the default of the experiment or flag.
var (
	ErrNotReady          = errors.New("no bundle is active yet")
	ErrUnknownExperiment = errors.New("unknown experiment")
	ErrRequest           = errors.New("malformed request")
	ErrClosed            = errors.New("the host is closed")
	ErrCore              = errors.New("the core failed") // its instance is replaced
)

// Request holds the ids and attributes of a request. See [request.Request] for the limits.
type Request = request.Request

// Options configure a [Host]. Source, Root and Environment are required.
type Options struct {
	// Source has the bundles. It is not trusted: the host verifies everything that it reads.
	Source bundle.Source

	// Root names the trusted keys. The host reads later roots from Source, and keeps them in
	// StateDir.
	Root *bundle.Root

	// Environment is the only environment whose bundles are accepted.
	Environment string

	// Application selects the experiments and flags of one application. If it is empty, the
	// host has those of all applications. A revision without the application is refused.
	Application string

	// StateDir is a directory that keeps the last good bundle across restarts. Without it, a
	// host that starts while the source is down cannot decide.
	StateDir string

	// ID and Labels identify the host. A canary selects its hosts by a draw of the id, or by
	// labels such as the region. The id must be unique and must not change. A host without an
	// id is in no canary, unless that has all hosts. See [bundle.Identity].
	ID     string
	Labels map[string]string

	// Poll is the time between polls of the source, 5 s if zero. Each wait varies at random
	// by up to a fifth, so that hosts do not poll at the same time.
	Poll time.Duration

	// Instances is the number of instances of the core, and so of concurrent decisions. Zero
	// means GOMAXPROCS; MaxInstances is the limit. Each instance takes half a megabyte plus
	// about two and a half times the size of the payload.
	Instances int

	// Engine runs the core, EngineWazero if empty. A bundle that EngineNative cannot serve is
	// served by EngineWazero; [Snapshot] says which one serves.
	Engine Engine

	// Logger logs activations and failures; slog.Default if nil.
	Logger *slog.Logger

	// Now returns the current time; time.Now if nil. It decides when bundles expire, and is
	// the time of requests that do not set one. Timeouts and polls do not use it. It must be
	// safe for concurrent use.
	Now func() time.Time
}

// Snapshot describes the active bundle. It is zero while there is none.
type Snapshot struct {
	Ready       bool
	Environment string
	Application string // empty for all applications
	Epoch       uint64
	Revision    uint64
	Activated   time.Time
	Expires     time.Time // the earlier of the manifest's and the root's expiry
	Stale       bool      // expired
	Canary      bool      // the revision is for the hosts of a canary only; this host belongs to it
	Experiments int       // number of experiments and flags
	Payload     bundle.Hash
	Core        bundle.Hash // of the core that decides
	Engine      Engine      // that runs it
}

// Host follows a source and decides. It is safe for concurrent use.
type Host struct {
	core        core // the program's own
	application string
	instances   int
	coreTrial   time.Duration
	logger      *slog.Logger
	now         func() time.Time
	reloader    *reload.Reloader
	stop        context.CancelFunc
	stopped     sync.WaitGroup
	current     atomic.Pointer[snapshot]
	closed      atomic.Bool
}

// Open compiles the core, activates the newest bundle of the source and of StateDir, and starts to
// follow the source. It fails only for invalid options or if ctx is cancelled. If the source is
// down or its bundles are refused, Open succeeds, and decisions fail with [ErrNotReady] until a
// bundle is active. The context bounds only the call of Open.
func Open(ctx context.Context, o Options) (*Host, error) {
	if o.Instances == 0 {
		o.Instances = min(runtime.GOMAXPROCS(0), MaxInstances)
	}
	if o.Instances < 1 || o.Instances > MaxInstances {
		return nil, fmt.Errorf("host: Instances is %d; it must be 1 to %d", o.Instances, MaxInstances)
	}
	engine, err := ParseEngine(string(o.Engine))
	if err != nil {
		return nil, fmt.Errorf("host: Engine: %w", err)
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Host{application: o.Application, instances: o.Instances, coreTrial: coreTrial, logger: o.Logger, now: o.Now}
	h.reloader, err = reload.New(reload.Config{
		Source: o.Source, Root: o.Root, Environment: o.Environment, Application: o.Application, Core: bundle.CoreOf(wasm.Core, abi.Version),
		Host:     bundle.Identity{ID: o.ID, Labels: o.Labels},
		StateDir: o.StateDir, Poll: o.Poll, Logger: o.Logger, Now: o.Now, Prepare: h.prepare,
	})
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	if engine == EngineNative {
		h.core = newNativeCore()
	} else if h.core, err = newWazeroCore(ctx, wasm.Core); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	if err := h.reloader.Start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("host: %w", err), h.release(ctx, h.current.Swap(nil), nil), h.core.close(ctx))
	}
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop = stop
	h.stopped.Go(func() { h.reloader.Run(following) })
	return h, nil
}

// Snapshot describes the active bundle.
func (h *Host) Snapshot() Snapshot {
	s := h.current.Load()
	if s == nil {
		return Snapshot{}
	}
	m := s.manifest
	return Snapshot{
		Ready: true, Environment: m.Environment, Application: h.application, Epoch: m.Epoch, Revision: m.Revision,
		Activated: s.activated, Expires: s.expires, Stale: s.stale.reached(),
		Canary:      m.Canary != nil,
		Experiments: s.Catalog.Len(), Payload: s.digest.SHA256,
		Core: s.core.id(), Engine: s.core.engine(),
	}
}

// Version returns epoch and revision of the active bundle, or zeros while there is none. It takes
// less time than Snapshot.
func (h *Host) Version() (epoch, revision uint64) {
	if s := h.current.Load(); s != nil {
		return s.manifest.Epoch, s.manifest.Revision
	}
	return 0, 0
}

// Keys returns the keys of the active bundle's experiments and flags, ascending.
func (h *Host) Keys() []string {
	s := h.current.Load()
	if s == nil {
		return nil
	}
	keys := make([]string, s.Catalog.Len())
	for i := range keys {
		keys[i] = s.Catalog.Key(i)
	}
	return keys
}

// Refresh polls the source now, for example after a notification of a new revision. It returns when
// the poll is complete. Status has the result.
func (h *Host) Refresh(ctx context.Context) { h.reloader.Refresh(ctx) }

// Status returns the status of following the source.
func (h *Host) Status() reload.Status { return h.reloader.Status() }

// Close stops following the source and frees the core. Decisions in flight finish; later ones fail
// with [ErrClosed]. Further calls of Close do nothing.
func (h *Host) Close(ctx context.Context) error {
	if h.closed.Swap(true) {
		return nil
	}
	h.stop()
	h.stopped.Wait()
	return errors.Join(h.release(ctx, h.current.Swap(nil), nil), h.core.close(ctx))
}
