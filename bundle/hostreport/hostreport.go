// Package hostreport defines the status reports of hosts: the active revision, counts of refused
// bundles, and counts and latencies of requests. Publishers judge canaries by them.
//
// A host posts a [Report] to the collector every few seconds, and at once after it has activated or
// refused a bundle. The collector writes the newest report of each host to the bucket, as the
// object hosts/<host id>.json, with the time of receipt: a [Stored].
//
// Reports are not signed. Somebody with write access to the bucket can make a publisher promote or
// abort a canary, but nothing else.
//
// This package is internal to Sortition and may change without notice.
package hostreport

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/event"
)

// Limits of a report.
const (
	// MaxSize is the largest size of a report in bytes. Usually it is about one KiB.
	MaxSize = 16 << 10

	// MaxReasons is the largest number of reasons in Refused. Hosts have fewer than twenty.
	MaxReasons = 64

	// MaxReasonLength is the largest length of a reason in bytes.
	MaxReasonLength = 32
)

// Prefix is the prefix of the names of reports in the bucket.
const Prefix = "hosts/"

// Name returns the name of a host's report in the bucket.
func Name(host string) string { return Prefix + host + ".json" }

// Bounds are the upper bounds of the buckets in Activity.Latency, in microseconds. The
// last bucket, beyond the last bound, has none.
var Bounds = [...]int64{100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000}

// Buckets is the number of buckets of Activity.Latency.
const Buckets = len(Bounds) + 1

// Report is the status of a host. Times are in milliseconds since the Unix epoch by the host's
// clock; 0 means never.
type Report struct {
	Host        string            `json:"host"`
	Labels      map[string]string `json:"labels"`
	Environment string            `json:"environment"`
	Started     event.Millis      `json:"started"`
	Time        event.Millis      `json:"time"` // of the report

	// The active bundle. All fields are zero if there is none.
	Epoch     uint64       `json:"epoch"`
	Revision  uint64       `json:"revision"`
	Canary    bool         `json:"canary"` // the revision is for the hosts of a canary only
	Stale     bool         `json:"stale"`
	Activated event.Millis `json:"activated"`

	// Refused counts refused roots and bundles since Activated, by reason. It has only reasons
	// with a count.
	Refused map[string]uint64 `json:"refused"`

	// Activity counts the requests that were decided with the revision.
	Activity Activity `json:"activity"`
}

// Activity counts requests.
type Activity struct {
	Requests  uint64 `json:"requests"`
	Errors    uint64 `json:"errors"` // requests that were answered with status 5xx
	Decisions uint64 `json:"decisions"`
	// Latency counts requests by the time to answer them: see Bounds.
	Latency [Buckets]uint64 `json:"latency"`
}

// Stored is a report in the bucket.
type Stored struct {
	Report
	Received event.Millis `json:"received"` // by the collector's clock
}

// Identity returns the id and the labels of the host.
func (r *Report) Identity() bundle.Identity { return bundle.Identity{ID: r.Host, Labels: r.Labels} }

// Validate checks r against the limits of this package. The error names the invalid field.
func (r *Report) Validate() error {
	if r.Host == "" {
		return errors.New("host: must not be empty")
	}
	if err := errors.Join(r.Identity().Check(), bundle.CheckEnvironment(r.Environment)); err != nil {
		return err
	}
	for _, n := range []struct {
		name  string
		value uint64
	}{
		{"epoch", r.Epoch}, {"revision", r.Revision},
		{"activity.requests", r.Activity.Requests}, {"activity.errors", r.Activity.Errors}, {"activity.decisions", r.Activity.Decisions},
	} {
		if n.value > bundle.MaxInteger {
			return fmt.Errorf("%s: must be at most %d", n.name, uint64(bundle.MaxInteger))
		}
	}
	if len(r.Refused) > MaxReasons {
		return fmt.Errorf("refused: has %d reasons; the limit is %d", len(r.Refused), MaxReasons)
	}
	for _, reason := range slices.Sorted(maps.Keys(r.Refused)) {
		if reason == "" || len(reason) > MaxReasonLength {
			return fmt.Errorf("refused: a reason must have 1 to %d bytes; one has %d", MaxReasonLength, len(reason))
		}
	}
	return nil
}

// Encode returns s as JSON.
func (s *Stored) Encode() ([]byte, error) { return json.Marshal(s) }

// Parse reads a stored report. It ignores unknown fields, because hosts and publishers are not
// upgraded together.
func Parse(data []byte) (*Stored, error) {
	if len(data) > MaxSize {
		return nil, fmt.Errorf("a report has %d bytes; the limit is %d", len(data), MaxSize)
	}
	s := new(Stored)
	if err := json.Unmarshal(data, s); err != nil {
		return nil, err
	}
	return s, s.Validate()
}

// Quantile returns an upper bound of a quantile of the latency. Share is between 0 and 1. The
// result is the upper bound of the bucket with the quantile; for the last bucket, which has no
// upper bound, it is twice the lower one. Without requests it is 0.
func (a *Activity) Quantile(share float64) time.Duration {
	total := uint64(0)
	for _, n := range a.Latency {
		total += n
	}
	rest := float64(total) * share
	for i, n := range a.Latency {
		if rest -= float64(n); n > 0 && rest <= 0 {
			if i == len(Bounds) {
				return 2 * time.Duration(Bounds[i-1]) * time.Microsecond
			}
			return time.Duration(Bounds[i]) * time.Microsecond
		}
	}
	return 0
}

// Add adds the counts of other to a.
func (a *Activity) Add(other *Activity) {
	a.Requests += other.Requests
	a.Errors += other.Errors
	a.Decisions += other.Decisions
	for i, n := range other.Latency {
		a.Latency[i] += n
	}
}

// Bucket returns the index in Activity.Latency for a request that took d.
func Bucket(d time.Duration) int {
	i, _ := slices.BinarySearchFunc(Bounds[:], d.Microseconds(), func(bound, us int64) int { return int(bound - us) })
	return i
}
