package config

import "fmt"

// HostRollout says when a revision that is offered to a canary of the hosts is promoted to
// all of them, and when it is reverted.
type HostRollout struct {
	Interval Period // how long everything must be well
	Hosts    int    // of the canary that must serve the revision, at least
	Requests int    // that they must have answered, at least

	ErrorRate   Percent // of the canary's requests that may fail, if no fewer fail elsewhere
	LatencyMS   float64 // within which 99% of them are answered, or as fast as elsewhere
	SampleRatio bool    // whether units must be split among variants as the weights say
}

// DefaultHostRollout is what the file does not set.
var DefaultHostRollout = HostRollout{
	Interval: Period(10 * minute), Hosts: 1, Requests: 100,
	ErrorRate: 10, LatencyMS: 10, SampleRatio: true,
}

// Limits of what a rollout may ask for: no more than a bucket's reports can show.
const (
	MaxRolloutHosts     = 10_000
	MaxRolloutRequests  = 1_000_000_000
	MaxRolloutLatencyMS = 60_000
)

func (l *loader) resolveHostRollout() {
	r := &l.project.HostRollout
	*r = DefaultHostRollout
	f := l.project.File.Rollout
	if f == nil {
		return
	}
	replace(&r.Interval, f.Interval)
	l.atMost(&r.Hosts, f.Hosts, "hosts", MaxRolloutHosts)
	l.atMost(&r.Requests, f.Requests, "requests", MaxRolloutRequests)
	replace(&r.ErrorRate, f.ErrorRate)
	replace(&r.LatencyMS, f.LatencyMS)
	replace(&r.SampleRatio, f.SampleRatio)
	if r.LatencyMS <= 0 || r.LatencyMS > MaxRolloutLatencyMS {
		l.fail(f.LatencyMS.Pos, fmt.Sprintf("the latency must be above 0 and at most %d milliseconds", MaxRolloutLatencyMS), "")
	}
}

// atMost sets a number of things that the file gives.
func (l *loader) atMost(to *int, given At[int], what string, most int) {
	replace(to, given)
	if *to > most {
		l.fail(given.Pos, fmt.Sprintf("the number of %s must be at most %d, is %d", what, most, *to), "")
	}
}
