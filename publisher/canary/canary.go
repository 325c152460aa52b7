// Package canary judges a revision that is offered to some hosts first, by the hosts' reports
// and the units' exposures.
//
// It reads everything from the bucket: the live manifest says which hosts the canary has and
// since when, and reports say how these hosts do. It keeps no state, so any process may judge
// at any time.
//
// This package is internal to Sortition and may change without notice.
package canary

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/publisher/revision"
)

const (
	// Silence is the age from which on a report no longer counts: a few times the interval
	// at which hosts report.
	Silence = time.Minute

	// MaxHosts bounds the hosts by which a canary is judged. If there are more, the first by
	// name count.
	MaxHosts = 10_000

	// readers is the number of reports that are read at a time.
	readers = 16
)

// State is the state of a canary.
type State struct {
	Environment string
	Epoch       uint64
	Revision    uint64        // live
	Canary      bundle.Canary // of the live revision
	Started     time.Time     // when the first revision of the canary was made
	Now         time.Time

	Hosts  []Host // that reported lately, by id
	Splits []Split
}

// Host is a host and its newest report.
type Host struct {
	hostreport.Stored
	InCanary bool // whether the canary is for it
}

// Serves reports whether the host serves the offered revision.
func (s *State) Serves(h *Host) bool { return h.Epoch == s.Epoch && h.Revision > s.Canary.Stable }

// Settled reports whether the host serves the stable revision.
func (s *State) Settled(h *Host) bool { return h.Epoch == s.Epoch && h.Revision == s.Canary.Stable }

// Read returns the state of the live canary. The error is [revision.ErrNoCanary] if there is
// none.
func Read(ctx context.Context, s store.Store, live *revision.Revision, started, now time.Time) (*State, error) {
	if live == nil || live.Stable == nil {
		return nil, revision.ErrNoCanary
	}
	m := live.Manifest
	state := &State{
		Environment: m.Environment, Epoch: m.Epoch, Revision: m.Revision, Canary: *m.Canary, Started: started, Now: now,
	}
	var err error
	state.Hosts, err = readHosts(ctx, s, m, now)
	return state, err
}

// Started returns when the first revision of a canary was made. Later revisions may have
// renewed it.
func Started(ctx context.Context, src bundle.Source, trust bundle.Verifier, live *revision.Revision) (time.Time, error) {
	m := live.Manifest
	first := m.Canary.Stable + 1
	if first == m.Revision {
		return m.Created, nil
	}
	o, err := src.Get(ctx, bundle.ManifestName(m.Epoch, first), "", bundle.MaxEnvelopeSize)
	if err != nil {
		return time.Time{}, fmt.Errorf("the first revision of the canary: %w", err)
	}
	began, err := trust.VerifyManifest(o.Data)
	if err != nil {
		return time.Time{}, fmt.Errorf("the first revision of the canary: %w", err)
	}
	return began.Created, nil
}

// readHosts reads the reports that are not too old. It skips objects that are not reports.
func readHosts(ctx context.Context, s store.Store, m *bundle.Manifest, now time.Time) ([]Host, error) {
	var hosts []Host
	var mu sync.Mutex
	reading, ctx := errgroup.WithContext(ctx)
	reading.SetLimit(readers)
	listed := 0
	for entry, err := range s.List(ctx, hostreport.Prefix) {
		if err != nil {
			return nil, errors.Join(fmt.Errorf("list the reports of hosts: %w", err), reading.Wait())
		}
		if now.Sub(entry.Modified) > Silence || !strings.HasSuffix(entry.Name, ".json") {
			continue
		}
		if listed++; listed > MaxHosts {
			break
		}
		reading.Go(func() error {
			report, err := readHost(ctx, s, entry.Name)
			if err != nil || report == nil || report.Environment != m.Environment || now.Sub(report.Received.Time()) > Silence {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			hosts = append(hosts, Host{*report, m.Canary.Includes(report.Identity())})
			return nil
		})
	}
	if err := reading.Wait(); err != nil {
		return nil, err
	}
	slices.SortFunc(hosts, func(a, b Host) int { return cmp.Compare(a.Host, b.Host) })
	return hosts, nil
}

// readHost returns nil if the object is not the report that its name says.
func readHost(ctx context.Context, s store.Store, name string) (*hostreport.Stored, error) {
	o, err := s.Get(ctx, name, "", hostreport.MaxSize)
	switch {
	case errors.Is(err, bundle.ErrNotFound) || errors.Is(err, bundle.ErrTooLarge):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	report, err := hostreport.Parse(o.Data)
	if err != nil || hostreport.Name(report.Host) != name {
		return nil, nil
	}
	return report, nil
}
