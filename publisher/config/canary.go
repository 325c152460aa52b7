package config

import "fmt"

// Canary is the rules by which a canary, a revision that is offered to some hosts first, is
// promoted or aborted.
type Canary struct {
	Interval Period // how long everything must be well
	Hosts    int    // of the canary that must serve the revision, at least
	Requests int    // that they must have answered, at least

	ErrorRate   Percent // of the canary's requests that may fail, if no fewer fail elsewhere
	LatencyMS   float64 // within which 99% of them are answered, or as fast as elsewhere
	SampleRatio bool    // whether units must be split among variants as the weights say
}

// DefaultCanary is what the file does not set.
var DefaultCanary = Canary{
	Interval: Period(10 * minute), Hosts: 1, Requests: 100,
	ErrorRate: 10, LatencyMS: 10, SampleRatio: true,
}

// Limits of the rules: no more than the reports in a bucket can show.
const (
	MaxCanaryHosts     = 10_000
	MaxCanaryRequests  = 1_000_000_000
	MaxCanaryLatencyMS = 60_000
)

func (l *loader) resolveCanary() {
	r := &l.project.Canary
	*r = DefaultCanary
	f := l.project.File.Canary
	if f == nil {
		return
	}
	replace(&r.Interval, f.Interval)
	l.atMost(&r.Hosts, f.Hosts, "hosts", MaxCanaryHosts)
	l.atMost(&r.Requests, f.Requests, "requests", MaxCanaryRequests)
	replace(&r.ErrorRate, f.ErrorRate)
	replace(&r.LatencyMS, f.LatencyMS)
	replace(&r.SampleRatio, f.SampleRatio)
	if r.LatencyMS <= 0 || r.LatencyMS > MaxCanaryLatencyMS {
		l.fail(f.LatencyMS.Pos, fmt.Sprintf("the latency must be above 0 and at most %d milliseconds", MaxCanaryLatencyMS), "")
	}
}

// atMost sets a number of things that the file gives.
func (l *loader) atMost(to *int, given At[int], what string, most int) {
	replace(to, given)
	if *to > most {
		l.fail(given.Pos, fmt.Sprintf("the number of %s must be at most %d, is %d", what, most, *to), "")
	}
}
