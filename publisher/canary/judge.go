package canary

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/publisher/config"
)

// Action is what to do with a canary.
type Action string

// The actions.
const (
	Wait    Action = "wait"
	Promote Action = "promote"
	Abort   Action = "abort"
)

// Verdict says what to do with a canary, and why.
type Verdict struct {
	Action  Action   `json:"action"`
	Reasons []string `json:"reasons"`
}

const (
	// minErrors is the number of failed requests from which on their rate counts.
	minErrors = 5

	// minRequests is the number of answered requests from which on their 99th percentile
	// counts.
	minRequests = 100

	// tail is the percentile of latency that is judged.
	tail = 0.99
)

// fatal has the reasons of refusals that are the fault of the revision, and not of the host,
// the network or the bucket, as hosts report them.
var fatal = []string{"activation", "manifest", "payload", "quarantine", "schema"}

// Judge returns what to do with a canary.
func Judge(s *State, r config.Canary) Verdict {
	canary, others := s.Groups()
	faults := slices.Concat(s.refusals(), errorRate(r, canary, others), latency(r, canary, others), s.mismatches(r))
	if len(faults) > 0 {
		return Verdict{Abort, faults}
	}
	if waits := s.waits(r, canary); len(waits) > 0 {
		return Verdict{Wait, waits}
	}
	return Verdict{Promote, []string{fmt.Sprintf("%s of the canary well for %v, with %s and %s",
		count(canary.Serving, "host"), time.Duration(r.Interval), count(int(canary.Requests), "request"), count(int(canary.Errors), "error"))}}
}

// Group sums up the hosts in the canary, or those outside of it.
type Group struct {
	Hosts   int // that report
	Serving int // the revision that is theirs
	hostreport.Activity

	activated []time.Time // of those that serve, ascending
}

// Groups sums up the hosts in the canary and those outside of it. It counts the requests of
// hosts that serve the revision that they should.
func (s *State) Groups() (canary, others Group) {
	for i := range s.Hosts {
		h, g, serves := &s.Hosts[i], &others, false
		switch {
		case s.Serves(h): // also where its labels have changed since
			g, serves = &canary, true
		case h.InCanary:
			g = &canary
		default:
			serves = s.Settled(h)
		}
		g.Hosts++
		if serves {
			g.Serving++
			g.Add(&h.Activity)
			g.activated = append(g.activated, h.Activated.Time())
		}
	}
	slices.SortFunc(canary.activated, time.Time.Compare)
	return canary, others
}

// refusals names the hosts that could not activate the revision that is offered to them.
func (s *State) refusals() (faults []string) {
	for i := range s.Hosts {
		h := &s.Hosts[i]
		if !h.InCanary || s.Serves(h) || !s.Settled(h) && h.Revision != 0 {
			continue
		}
		var reasons []string
		for _, reason := range fatal {
			if h.Refused[reason] > 0 {
				reasons = append(reasons, reason)
			}
		}
		if len(reasons) > 0 {
			faults = append(faults, fmt.Sprintf("host %s refuses revision %d: %s", h.Host, s.Revision, strings.Join(reasons, ", ")))
		}
	}
	return faults
}

func errorRate(r config.Canary, canary, others Group) []string {
	rate, usual := share(canary.Errors, canary.Requests), share(others.Errors, others.Requests)
	if canary.Errors < minErrors || rate <= max(usual, float64(r.ErrorRate)/float64(config.Everything)) {
		return nil
	}
	return []string{fmt.Sprintf("%.2f%% of the canary's requests fail (%d of %d), more than %v, and %.2f%% elsewhere",
		100*rate, canary.Errors, canary.Requests, r.ErrorRate, 100*usual)}
}

func latency(r config.Canary, canary, others Group) []string {
	limit := time.Duration(r.LatencyMS * float64(time.Millisecond))
	is, usual := canary.Quantile(tail), others.Quantile(tail)
	if canary.Requests < minRequests || is <= max(usual, limit) {
		return nil
	}
	return []string{fmt.Sprintf("99%% of the canary's requests take up to %v, more than %v, and %v elsewhere", is, limit, usual)}
}

func share(part, of uint64) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// waits returns what the canary still waits for.
func (s *State) waits(r config.Canary, canary Group) (waits []string) {
	if canary.Serving < r.Hosts {
		return []string{fmt.Sprintf("%s of the canary of %d serve revision %d, %d must", count(canary.Serving, "host"), canary.Hosts, s.Revision, r.Hosts)}
	}
	if canary.Serving < canary.Hosts {
		waits = append(waits, fmt.Sprintf("%s of the canary to serve revision %d", count(canary.Hosts-canary.Serving, "more host"), s.Revision))
	}
	if canary.Requests < uint64(r.Requests) {
		waits = append(waits, fmt.Sprintf("%d requests of %d", canary.Requests, r.Requests))
	}
	clean := s.Now.Sub(s.cleanSince(r, canary))
	if interval := time.Duration(r.Interval); clean < interval {
		waits = append(waits, fmt.Sprintf("well for %v of %v", max(0, clean).Truncate(time.Second), interval))
	}
	return waits
}

// cleanSince returns the time since when enough hosts serve the offered revision.
func (s *State) cleanSince(r config.Canary, canary Group) time.Time {
	since := canary.activated[r.Hosts-1]
	if since.Before(s.Started) {
		return s.Started
	}
	return since
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
