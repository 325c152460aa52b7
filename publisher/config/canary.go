package config

import "fmt"

// Canary holds the rules that decide when a canary is promoted and when it is aborted. A
// canary is a revision that some hosts get first.
type Canary struct {
	Interval Period // how long all conditions must hold before the canary is promoted
	Hosts    int    // least number of canary hosts that must serve the revision
	Requests int    // least number of requests that they must have answered

	// ErrorRate is the largest share of the canary's requests that may fail. A larger share
	// is accepted if at least as many requests fail on other hosts.
	ErrorRate Percent
	// LatencyMS is the time, in milliseconds, in which 99 % of the canary's requests must be
	// answered. A longer time is accepted if other hosts are as slow.
	LatencyMS float64
	// SampleRatio reports whether units must be split among variants in the ratio of the
	// weights.
	SampleRatio bool
}

// DefaultCanary holds the values that apply where the file sets none.
var DefaultCanary = Canary{
	Interval: Period(10 * minute), Hosts: 1, Requests: 100,
	ErrorRate: 10, LatencyMS: 10, SampleRatio: true,
}

// Limits of the rules. The hosts' reports in a bucket can show no more than these.
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
		l.fail(f.LatencyMS.Pos, fmt.Sprintf("the latency must be greater than 0 and at most %d milliseconds", MaxCanaryLatencyMS), "")
	}
}

// atMost sets a number that the file gives, and reports one that is greater than most.
func (l *loader) atMost(to *int, given At[int], what string, most int) {
	replace(to, given)
	if *to > most {
		l.fail(given.Pos, fmt.Sprintf("the number of %s is %d; the limit is %d", what, *to, most), "")
	}
}
