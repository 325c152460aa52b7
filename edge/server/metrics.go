package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sortition-dev/sortition/edge/exposure"
	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// buckets are the upper bounds of the buckets of request durations, in seconds. A decision takes
// microseconds; longer durations show a problem of the host.
var buckets = []float64{.000_05, .000_1, .000_25, .000_5, .001, .002_5, .005, .01, .025, .05, .1, .5, 1, 5}

// metrics holds the metrics of a server, in a registry of its own.
type metrics struct {
	registry  *prometheus.Registry
	decisions [1 << 8]prometheus.Counter // by abi.Reason
	durations *prometheus.HistogramVec
}

func newMetrics(h *host.Host, q *exposure.Queue) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	decisions := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sortition_decisions_total",
		Help: "Decisions by reason.",
	}, []string{"reason"})
	m.durations = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "sortition_assign_duration_seconds",
		Help:    "Time to answer an assign request in seconds, by status code.",
		Buckets: buckets,
	}, []string{"status"})
	m.registry.MustRegister(decisions, m.durations, snapshotCollector{h}, reloadCollector{h},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if q != nil {
		m.registry.MustRegister(exposureCollector{q})
	}
	for i := range m.decisions {
		name := abi.Reason(i).String()
		if abi.Reason(i) == abi.ReasonNone {
			name = reasonUnknown
		}
		m.decisions[i] = decisions.WithLabelValues(name)
	}
	return m
}

// decided counts one decision.
func (m *metrics) decided(d host.Decision) { m.decisions[d.Reason()].Inc() }

// timed returns a handler that calls next, and measures the duration and the status.
func (s *Server) timed(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		recorder := statusRecorder{ResponseWriter: w, status: http.StatusOK}
		next(&recorder, r)
		took := time.Since(start)
		s.metrics.durations.WithLabelValues(strconv.Itoa(recorder.status)).Observe(took.Seconds())
		s.active().answered(recorder.status, took)
	})
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// statusRecorder records the status of an answer.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap is for [http.ResponseController].
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
