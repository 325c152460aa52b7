// Package reload keeps a host on the newest bundle of a source that is not trusted.
//
// It polls the hint (latest.json) with its ETag, and walks forward over the manifests
// themselves when the hint changed, after a failure, and every so many polls, because a
// hint can be held back. Before the manifests it walks over the roots in the same way:
// each is trusted if the one before vouches for it, and kept on disk. What it finds it
// verifies against the newest root; it refuses what is
// not newer than what it has, also across restarts; instead of a revision that is offered
// to other hosts first it takes the stable one; then it fetches the payload, with a
// delta from the one at hand where there is one, and the core if the manifest names
// another than the program brings; it verifies both, and hands the bundle over to be
// activated. A bundle that is ready is kept on disk as the last known good one before
// anything is decided with it, and what fails to be activated twice is not tried again.
//
// Whatever fails, the active bundle stays active, and Status says why.
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

// Config says what to follow. Source, Root, Environment and Prepare are needed.
type Config struct {
	Source      bundle.Source
	Environment string

	// Root is the root that is trusted from the beginning: any of a chain. The roots
	// that follow are read from the source.
	Root *bundle.Root

	// Application is the application whose payloads are fetched; empty for those of all
	// applications of the directory.
	Application string

	// Core is the core that the program brings. Bundles whose manifest names another are
	// activated with that, or, if it cannot be had or used, with the program's own. The
	// zero value activates every bundle without looking at cores.
	Core bundle.Core

	// StateDir is the directory that holds the last known good bundle, in its folder
	// "bundle", and the roots that follow Root, in "roots". It is made if need be, and
	// used by one Reloader at a time. If it is empty nothing is kept across restarts:
	// neither a bundle to start from while the source is down, nor the memory of how
	// far the revisions and the roots had come. Bundles are written before they are used:
	// a disk that refuses holds nothing up, one that hangs holds up news.
	StateDir string

	// Host is what the host says of itself. It decides which revisions are offered to it
	// before all hosts have them. A canary has no host of the zero value, unless it has
	// all of them.
	Host bundle.Identity

	// Poll is the time between polls, each moved at random by up to a fifth of it.
	// Zero means DefaultPoll.
	Poll time.Duration

	// ColdStart is how long Start waits for the source. Zero means DefaultColdStart.
	ColdStart time.Duration

	// Prepare makes a verified bundle ready, or returns an error and leaves the one before
	// in use. What it returns, use, puts the bundle into use, and is called next, once the
	// bundle is kept: no restart goes back behind what was in use. The bundle is decided on
	// with its Core, or with Config.Core if there is none. A bundle of the same payload and
	// core as the one before renews that: only the manifest differs, or nothing but
	// Status.RootExpires. Both are called by one goroutine at a time, and the context is
	// never cancelled, so that no swap is abandoned half-way.
	Prepare func(context.Context, *bundle.Bundle) (use func(), err error)

	// Disk is how the state directory is written. The zero value is right; tests make
	// it fail.
	Disk durable.Disk

	// Logger takes a line for each activation, and one for each new kind of trouble.
	// Nil means slog.Default().
	Logger *slog.Logger

	// Now is the clock. Nil means time.Now.
	Now func() time.Time
}

const (
	// DefaultPoll makes a change reach every host in about five seconds.
	DefaultPoll = 5 * time.Second

	// pollJitter is the share by which a poll comes earlier or later, so that hosts
	// that were started together do not poll together.
	pollJitter = 0.2

	// DefaultColdStart is how long a starting host holds back a last known good bundle
	// for the sake of a newer one.
	DefaultColdStart = 5 * time.Second

	// pollTimeout bounds everything that one poll reads: the largest payload at some
	// 10 Mbit/s. A source that trickles holds a host up this long, not forever.
	pollTimeout = time.Minute

	// walkEvery is the number of polls of which one walks whatever the hint says: a
	// minute with the default poll.
	walkEvery = 12

	// walkSteps bounds the manifests that one poll reads beyond the hint.
	walkSteps = 64

	// maxAttempts bounds the bundles that one poll tries, newest first, when payloads
	// are missing or refused.
	maxAttempts = 3
)

// Reloader follows a source. Start, then Run, are called once and one after the other;
// Refresh at any time after Start, and Status at any time.
type Reloader struct {
	config     Config
	log        *slog.Logger
	keeper     keeper
	rootKeeper rootKeeper
	status     statusBook

	looking sync.Mutex // held while looking at the source; guards what follows

	chain       *bundle.Chain // from Config.Root to the newest root
	newestRoot  uint64        // version that was kept before the restart, 0 if none was
	unkeptRoots []unkeptRoot

	// floor is the newest manifest known to be good: nothing older is accepted. Without
	// a payload at hand it is no more than that.
	floor *bundle.Manifest
	have  bool // the floor's payload is at hand

	etag     string // of the hint, once what it led to was dealt with
	polls    int
	walkNext bool   // the next poll walks
	cursor   uint64 // how far a walk came that has not reached its end

	trouble bool // in this poll the source did not answer, or not with all
	refused bool // in this poll something was refused

	current *bundle.Bundle // active; nil before the first
	base    *bundle.Bundle // active or kept: deltas are applied to its payload
	unkept  *bundle.Bundle // active, but could not be written to disk

	quarantine *quarantine
}

// New checks the configuration and makes the state directory. It does not touch the
// source.
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

// Start looks for a bundle in the source, for at most Config.ColdStart, and in the
// state directory, and activates the newest that is valid. That there is none is no
// error: Run goes on looking. Start fails only when ctx is cancelled.
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

// Refresh looks at the source now, for those who are told that there is news, and returns
// when what was found is dealt with. What Run does goes on as before.
func (r *Reloader) Refresh(ctx context.Context) {
	r.looking.Lock()
	defer r.looking.Unlock()
	r.poll(ctx, pollTimeout, nil)
}

func (r *Reloader) untilPoll() time.Duration {
	jitter := 1 + pollJitter*(2*rand.Float64()-1)
	return time.Duration(float64(r.config.Poll) * jitter)
}

// Status tells how it stands. It is safe for concurrent use.
func (r *Reloader) Status() Status { return r.status.read(r.config.Now()) }
