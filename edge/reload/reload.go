// Package reload keeps a host on the newest bundle of an untrusted source.
//
// A [Reloader] polls the hint (latest.json) with its ETag. It reads the manifests after the active
// revision one by one when the hint has changed, after a failure, and on every twelfth poll: an
// attacker can hold back the hint. Before the manifests it reads the new roots in the same way.
// It trusts a root if the previous one vouches for it, and keeps it on disk.
//
// It verifies each manifest against the newest root, and refuses revisions that are not newer than
// the active one. It remembers the active revision across restarts. In place of a canary for other
// hosts it takes the stable revision.
//
// Then it fetches the payload, by a delta where there is one, and the core if the manifest names
// another core than the program's own. It verifies both and activates the bundle. It writes the
// bundle to disk, as the last known good one, before the host decides with it. A bundle that failed
// to activate twice is not tried again.
//
// If anything fails, the active bundle stays active, and [Status] has the reason.
package reload

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/store/durable"
)

// Config configures a [Reloader]. Source, Root, Environment and Prepare are required.
type Config struct {
	Source      bundle.Source
	Environment string

	// Root is a trusted root: any root of the chain. The Reloader reads the later roots from
	// Source.
	Root *bundle.Root

	// Application is the application whose payloads are fetched. If it is empty, payloads
	// hold the experiments and flags of all applications.
	Application string

	// Core is the program's own core. A bundle whose manifest names another core is activated
	// with that core, or with the program's own if the other one is missing or fails. With the
	// zero value every bundle is activated with the program's own core.
	Core bundle.Core

	// StateDir is a directory for the last known good bundle, in its folder "bundle", and the
	// roots after Root, in "roots". New creates it if it does not exist. Only one Reloader may
	// use it at a time. If StateDir is empty, nothing survives a restart: a host cannot start
	// while the source is down, and it cannot detect older revisions and roots than it had
	// before. Bundles are written before they are used. If a write fails, the bundle is used
	// all the same; if it hangs, the host stays on the active bundle.
	StateDir string

	// Host identifies the host. A canary selects its hosts by it. The zero value belongs only
	// to canaries of all hosts.
	Host bundle.Identity

	// Poll is the time between polls. Each wait varies at random by up to a fifth of it.
	// Zero means DefaultPoll.
	Poll time.Duration

	// ColdStart is the longest time that Start waits for the source. Zero means
	// DefaultColdStart.
	ColdStart time.Duration

	// Prepare makes a verified bundle ready for use. If it returns an error, the active bundle
	// stays in use. The Reloader writes the bundle to disk and then calls use, which swaps the
	// bundle in; so a restart never goes back to an older bundle than the one in use.
	//
	// The host decides with the bundle's Core, or with Config.Core if that is nil. If payload
	// and core are those of the active bundle, only the manifest or Status.RootExpires has
	// changed.
	//
	// One goroutine at a time calls Prepare and use. The context is never cancelled, so that
	// a swap always completes.
	Prepare func(context.Context, *bundle.Bundle) (use func(), err error)

	// Disk writes the state directory. Use the zero value, except in tests of failures.
	Disk durable.Disk

	// Logger logs each activation, and each new problem once. Nil means slog.Default().
	Logger *slog.Logger

	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

const (
	// DefaultPoll makes a change reach every host within about five seconds.
	DefaultPoll = 5 * time.Second

	// pollJitter is the largest random change of a wait, as a share of it. It spreads the
	// polls of hosts that were started together.
	pollJitter = 0.2

	// DefaultColdStart is how long a starting host waits for the source before it activates the
	// last known good bundle.
	DefaultColdStart = 5 * time.Second

	// pollTimeout bounds the reads of one poll: enough for the largest payload at about
	// 10 Mbit/s. A slow source delays a host by no more than this.
	pollTimeout = time.Minute

	// walkEvery is the number of polls after which one reads the manifests beyond the hint
	// even if the hint has not changed: once a minute with DefaultPoll.
	walkEvery = 12

	// walkSteps bounds the manifests that one poll reads beyond the hint.
	walkSteps = 64

	// maxAttempts bounds the bundles that one poll tries, newest first, when payloads
	// are missing or refused.
	maxAttempts = 3
)

// Reloader follows a source. Call Start once, and then Run once. Refresh may be called at any time
// after Start, Status at any time; both are safe for concurrent use.
type Reloader struct {
	config     Config
	log        *slog.Logger
	keeper     keeper
	rootKeeper rootKeeper
	status     statusBook

	polling sync.Mutex // held during a poll; guards the fields below

	chain       *bundle.Chain // from Config.Root to the newest root
	newestRoot  uint64        // version of the newest root on disk at the start, 0 if there was none
	unkeptRoots []unkeptRoot

	// floor is the newest valid manifest; older ones are refused. Its payload may be
	// missing: see have.
	floor *bundle.Manifest
	have  bool // the floor's payload is in memory

	etag     string // of the newest hint that was processed completely
	polls    int
	walkNext bool   // the next poll walks
	cursor   uint64 // the last revision that an unfinished walk has read

	trouble bool // in this poll, a read of the source failed or an object was missing
	refused bool // in this poll, something was refused

	current *bundle.Bundle // active; nil before the first
	base    *bundle.Bundle // active or kept: deltas are applied to its payload
	unkept  *bundle.Bundle // active, but not yet written to disk

	quarantine *quarantine
}

// New checks the configuration and creates the state directory. It does not read the source.
func New(c Config) (*Reloader, error) {
	switch {
	case c.Source == nil:
		return nil, errors.New("reload: no Source")
	case c.Root == nil:
		return nil, errors.New("reload: no Root")
	case c.Prepare == nil:
		return nil, errors.New("reload: no Prepare")
	case c.Poll < 0 || c.ColdStart < 0:
		return nil, errors.New("reload: Poll and ColdStart must not be negative")
	}
	if err := errors.Join(bundle.CheckEnvironment(c.Environment), checkApplication(c.Application), c.Host.Check()); err != nil {
		return nil, fmt.Errorf("reload: %w", err)
	}
	if c.Poll == 0 {
		c.Poll = DefaultPoll
	}
	if c.ColdStart == 0 {
		c.ColdStart = DefaultColdStart
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	keep, err := newKeeper(c.StateDir, c.Disk)
	if err != nil {
		return nil, fmt.Errorf("reload: state directory: %w", err)
	}
	keepRoots, err := newRootKeeper(c.StateDir, c.Disk)
	if err != nil {
		return nil, fmt.Errorf("reload: state directory: %w", err)
	}
	r := &Reloader{
		config: c, log: c.Logger.With("environment", c.Environment),
		keeper: keep, rootKeeper: keepRoots, chain: bundle.NewChain(c.Root),
	}
	r.status.open(c)
	if r.quarantine, err = newQuarantine(c.StateDir, c.Disk); err != nil {
		r.refuse(ReasonState, "state directory", nil, err)
	}
	r.status.quarantined(r.quarantine.count())
	return r, nil
}

// Start activates the newest valid bundle of the source and the state directory. It reads the
// source for at most Config.ColdStart. If there is no bundle, Start returns nil, and Run looks for
// one again. Start returns an error only if ctx is cancelled.
func (r *Reloader) Start(ctx context.Context) error {
	r.recallRoots()
	kept := r.recall()
	r.have = r.poll(ctx, r.config.ColdStart, kept)
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Run polls until ctx is done.
func (r *Reloader) Run(ctx context.Context) {
	timer := time.NewTimer(r.untilPoll())
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		r.Refresh(ctx)
		timer.Reset(r.untilPoll())
	}
}

// Refresh polls the source now, for example after a notification of a new revision. It returns when
// the poll is complete. It does not change when Run polls.
func (r *Reloader) Refresh(ctx context.Context) {
	r.polling.Lock()
	defer r.polling.Unlock()
	r.poll(ctx, pollTimeout, nil)
}

func (r *Reloader) untilPoll() time.Duration {
	jitter := 1 + pollJitter*(2*rand.Float64()-1)
	return time.Duration(float64(r.config.Poll) * jitter)
}

// Status returns the current status. It is safe for concurrent use.
func (r *Reloader) Status() Status { return r.status.read(r.config.Now()) }
