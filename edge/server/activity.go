package server

import (
	"net/http"
	"sync/atomic"
	"time"

	"github.com/sortition-dev/sortition/bundle/hostreport"
)

// activity counts the requests that one revision decided. It is safe for concurrent use.
type activity struct {
	epoch, revision             uint64
	requests, errors, decisions atomic.Uint64
	latency                     [hostreport.Buckets]atomic.Uint64
}

// active returns the activity of the active revision. Requests in progress while the revision
// changes may be counted for either revision.
func (s *Server) active() *activity {
	for {
		at := s.activity.Load()
		epoch, revision := s.host.Version()
		if at != nil && at.epoch == epoch && at.revision == revision {
			return at
		}
		next := &activity{epoch: epoch, revision: revision}
		if s.activity.CompareAndSwap(at, next) {
			return next
		}
	}
}

func (a *activity) answered(status int, took time.Duration) {
	a.requests.Add(1)
	if status >= http.StatusInternalServerError {
		a.errors.Add(1)
	}
	a.latency[hostreport.Bucket(took)].Add(1)
}

// Activity returns the active revision and counts the requests that it decided. All results are 0
// if no revision is active. Activity is safe for concurrent use.
func (s *Server) Activity() (epoch, revision uint64, counts hostreport.Activity) {
	a := s.active()
	counts = hostreport.Activity{Requests: a.requests.Load(), Errors: a.errors.Load(), Decisions: a.decisions.Load()}
	for i := range a.latency {
		counts.Latency[i] = a.latency[i].Load()
	}
	return a.epoch, a.revision, counts
}
