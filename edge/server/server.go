// Package server answers assign requests over HTTP:
//
//	POST /api/v1/assign   decide for one unit
//	GET  /healthz         200 while the process lives
//	GET  /readyz          200 once a bundle is active; ?verbose says more
//	GET  /metrics         Prometheus
//	     /envoy/ext_authz/ decide for the path after it, for Envoy; see [Options]
//
// The answer to an invalid request is an RFC 9457 problem document, whose detail names the field.
//
// This package is internal to Sortition and may change without notice.
package server

import (
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/edge/exposure"
	"github.com/sortition-dev/sortition/edge/host"
)

const assignPath = "/api/v1/assign"

// EnvoyPath is the path prefix of [Options].Envoy.
const EnvoyPath = "/envoy/ext_authz"

// Options configure a [Server]. Host is required.
type Options struct {
	Host      *host.Host
	Exposures *exposure.Queue  // nil records no exposures
	Logger    *slog.Logger     // slog.Default() if nil
	Now       func() time.Time // time.Now if nil
	Envoy     http.Handler     // serves paths below EnvoyPath; nil disables them
}

// Server is an [http.Handler].
type Server struct {
	host      *host.Host
	exposures *exposure.Queue
	logger    *slog.Logger
	now       func() time.Time
	metrics   *metrics
	activity  atomic.Pointer[activity]
	scratch   sync.Pool
	routes    http.Handler
}

// New returns a Server. The caller closes the host and the queue after the last request.
func New(o Options) *Server {
	s := &Server{
		host:      o.Host,
		exposures: o.Exposures,
		logger:    o.Logger,
		now:       o.Now,
		scratch:   sync.Pool{New: newScratch},
	}
	if s.logger == nil {
		s.logger = slog.Default()
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.metrics = newMetrics(s.host, s.exposures)

	r := chi.NewRouter()
	r.NotFound(func(w http.ResponseWriter, r *http.Request) {
		service.WriteProblem(w, http.StatusNotFound, "", "no such path: "+r.URL.Path+"; to assign, use POST "+assignPath)
	})
	r.MethodNotAllowed(func(w http.ResponseWriter, r *http.Request) {
		allow := "GET, HEAD"
		if r.URL.Path == assignPath {
			allow = "POST"
		}
		w.Header().Set("Allow", allow)
		service.WriteProblem(w, http.StatusMethodNotAllowed, "", r.URL.Path+" allows "+allow+", not "+r.Method)
	})
	r.Post(assignPath, s.timed)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		r.MethodFunc(method, "/healthz", healthz)
		r.MethodFunc(method, "/readyz", s.readyz)
		r.Method(method, "/metrics", s.metrics.handler())
	}
	if o.Envoy != nil {
		r.Handle(EnvoyPath+"/*", o.Envoy)
	}
	s.routes = r
	return s
}

// ServeHTTP answers a request. Nearly all are for one path, which needs no router.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && r.URL.Path == assignPath {
		s.timed(w, r)
		return
	}
	s.routes.ServeHTTP(w, r)
}

// timed answers an assign request, and measures how long that takes.
func (s *Server) timed(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	status := s.assign(w, r)
	took := time.Since(start)
	s.metrics.answered(status, took)
	s.active().answered(status, took)
}
