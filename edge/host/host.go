// Package host assigns variants inside a Go program. It loads signed bundles, follows new
// revisions, and runs the assignment core on them in WebAssembly. Proxies embed it; `edge serve`
// offers it over HTTP.
//
//	h, err := host.Open(ctx, host.Options{Source: source, Root: root, Environment: "production"})
//	…
//	defer h.Close(ctx)
//	var r host.Request
//	r.Unit("user", "u-4711").String("country", "GB")
//	d, err := h.Decide(&r, "checkout_button")
//	if d.Assigned() {
//		use(d.Variant, d.Config)
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
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
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

	// Logger logs activations and failures; slog.Default if nil.
	Logger *slog.Logger

	// Now returns the current time; time.Now if nil. It decides when bundles expire, and is
	// the time of requests that do not set one. Timeouts and polls do not use it. It must be
	// safe for concurrent use.
	Now func() time.Time
}

// Decision is the result for one experiment or flag.
type Decision struct {
	Experiment string     // key of the experiment or flag
	Kind       model.Kind // which of the two
	Variant    string     // key of the variant; empty if none is assigned
	Name       string     // display name of the variant
	Config     string     // the variant's configuration, JSON
	Reason     abi.Reason
	Rule       int // index of the rule that decided, for abi.ReasonSplit

	Unit     string // unit type
	Phase    int    // the allocation's phase
	Revision uint64 // the bundle's revision
	Stale    bool   // the bundle has expired, and the host has no newer one

	pool  *pool // the pool that decided; nil without a decision
	index int   // of the experiment in the pool's catalog
}

// Assigned reports whether the decision has a variant.
func (d Decision) Assigned() bool { return d.Variant != "" }

// Sticky reports whether the experiment is sticky: the caller should keep the variant of a visitor.
func (d Decision) Sticky() bool { return d.pool != nil && d.pool.Sticky[d.index] }

// WithVariant returns the decision with another variant of the experiment, and another reason. If
// there is no variant with this key, it returns the unchanged decision and false.
func (d Decision) WithVariant(key string, reason abi.Reason) (Decision, bool) {
	if d.pool == nil {
		return d, false
	}
	for i := range d.pool.Catalog.Variants(d.index) {
		if v := d.pool.Catalog.Variant(d.index, i); v.Key == key {
			d.Variant, d.Name, d.Config, d.Reason, d.Rule = v.Key, v.Name, v.Config, reason, 0
			return d, true
		}
	}
	return d, false
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
}

// Host follows a source and decides. It is safe for concurrent use.
type Host struct {
	core        *core // the program's own
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
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Host{application: o.Application, instances: o.Instances, coreTrial: coreTrial, logger: o.Logger, now: o.Now}
	var err error
	h.reloader, err = reload.New(reload.Config{
		Source: o.Source, Root: o.Root, Environment: o.Environment, Application: o.Application, Core: bundle.CoreOf(wasm.Core, abi.Version),
		Host:     bundle.Identity{ID: o.ID, Labels: o.Labels},
		StateDir: o.StateDir, Poll: o.Poll, Logger: o.Logger, Now: o.Now, Prepare: h.prepare,
	})
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	if h.core, err = newCore(ctx, wasm.Core); err != nil {
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

// Decide decides one experiment or flag. Without an error, the decision has a reason, also if it
// has no variant. Decide does not allocate.
func (h *Host) Decide(r *Request, key string) (d Decision, err error) {
	err = h.decide(r, func(s *snapshot, in *instance) error {
		experiment, ok := s.Catalog.Find(key)
		if !ok {
			return ErrUnknownExperiment
		}
		return s.decideOne(&d, in, experiment)
	})
	return d, err
}

// DecideKeys decides the experiments and flags with the given keys. It appends the decisions to dst
// in the order of the keys, all from one bundle. An unknown key gives a decision without a variant
// and a reason. DecideKeys does not allocate if dst has enough capacity.
func (h *Host) DecideKeys(r *Request, keys []string, dst []Decision) ([]Decision, error) {
	decisions := dst
	err := h.decide(r, func(s *snapshot, in *instance) error {
		for _, key := range keys {
			decisions = append(decisions, Decision{Experiment: key, Revision: s.manifest.Revision, Stale: s.stale.reached()})
			if experiment, ok := s.Catalog.Find(key); ok {
				d := &decisions[len(decisions)-1]
				if err := s.decideOne(d, in, experiment); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return dst, err
	}
	return decisions, nil
}

// DecideRoute decides the experiments and flags that have a route for a path. It appends the
// decisions to dst, with and without a variant, ordered by key and all from one bundle. See package
// [github.com/sortition-dev/sortition/bundle/route] for the form of the path.
func (h *Host) DecideRoute(r *Request, path string, dst []Decision) ([]Decision, error) {
	decisions := dst
	err := h.decide(r, func(s *snapshot, in *instance) error {
		for _, experiment := range s.Routes.Match(path, nil) {
			decisions = append(decisions, Decision{})
			if err := s.decideOne(&decisions[len(decisions)-1], in, experiment); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return dst, err
	}
	return decisions, nil
}

// DecideAll decides all experiments and flags. It appends to dst the decisions that have a variant,
// ordered by key and all from one bundle: those of every flag, and of each experiment that the unit
// takes part in. DecideAll does not allocate if dst has enough capacity.
func (h *Host) DecideAll(r *Request, dst []Decision) ([]Decision, error) {
	decisions := dst
	err := h.decide(r, func(s *snapshot, in *instance) error {
		records, err := in.all(context.Background())
		if err != nil {
			return err
		}
		n, stale := len(decisions), s.stale.reached()
		decisions = slices.Grow(decisions, len(records)/abi.RecordSize)[:n+len(records)/abi.RecordSize]
		for ; len(records) > 0; records = records[abi.RecordSize:] {
			if err := s.read(&decisions[n], records, stale); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		return dst, err
	}
	return decisions, nil
}

// decide calls f with an instance of the active snapshot that has taken the request. It replaces an
// instance that failed.
func (h *Host) decide(r *Request, f func(*snapshot, *instance) error) error {
	for {
		s := h.current.Load()
		if s == nil {
			if h.closed.Load() {
				return ErrClosed
			}
			return ErrNotReady
		}
		p := s.acquire()
		if p == nil {
			if h.current.Load() == s {
				return ErrCore // no failed instance could be replaced
			}
			continue // another snapshot became active
		}
		err := p.instance.take(r, s.Names)
		if err == nil {
			err = f(s, p.instance)
		}
		if errors.Is(err, ErrCore) {
			err = errors.Join(err, s.replace(context.Background(), p))
		}
		p.mu.Unlock()
		return err
	}
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
		Experiments: s.Catalog.Len(), Payload: s.digest.SHA256, Core: s.core.hash,
	}
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
