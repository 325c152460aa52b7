package collector

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/sortition-dev/sortition/edge/collector/sink"
	"github.com/sortition-dev/sortition/edge/collector/spool"
)

// appendBuckets are the upper bounds of the buckets of append_seconds.
var appendBuckets = []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10}

type metrics struct {
	registry       *prometheus.Registry
	requests       *prometheus.CounterVec
	acceptedEvents *prometheus.CounterVec
	storedEvents   *prometheus.CounterVec
	duplicates     *prometheus.CounterVec
	appendSeconds  prometheus.Histogram
	uploadFailures prometheus.Counter
	lastShipped    prometheus.Gauge
	damaged        prometheus.Counter
}

func newMetrics(s *spool.Spool, bodies *inFlight, further []prometheus.Collector) *metrics {
	const prefix = "sortition_collector_"
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + name, Help: help})
	}
	byKind := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
	}
	gauge := func(name, help string, value func(spool.Usage) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: prefix + name, Help: help}, func() float64 { return value(s.Usage()) })
	}
	m := &metrics{
		registry:       prometheus.NewRegistry(),
		requests:       byKind("requests_total", "Requests, by route and status code.", "route", "code"),
		acceptedEvents: byKind("accepted_events_total", "Events accepted, by kind.", "kind"),
		storedEvents:   byKind("stored_events_total", "Events written to the bucket, by kind.", "kind"),
		duplicates:     byKind("duplicate_events_total", "Events dropped because the same segment already has them, by kind.", "kind"),
		appendSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: prefix + "append_seconds", Help: "Time until the events of a request are durable, in seconds.", Buckets: appendBuckets,
		}),
		uploadFailures: counter("upload_failures_total", "Failed attempts to write a segment to the sink."),
		lastShipped: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: prefix + "last_shipped_timestamp_seconds", Help: "When a segment was last written to the sink.",
		}),
		damaged: counter("damaged_segments_total", "Segments set aside because they cannot be read or stored."),
	}
	m.registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.requests, m.acceptedEvents, m.storedEvents, m.duplicates, m.appendSeconds,
		m.uploadFailures, m.lastShipped, m.damaged,
		gauge("spool_bytes", "Size of the spool in bytes.", func(u spool.Usage) float64 { return float64(u.Bytes) }),
		gauge("spool_budget_bytes", "Largest allowed size of the spool in bytes.", func(u spool.Usage) float64 { return float64(u.Budget) }),
		gauge("spool_sealed_segments", "Segments waiting to be written to the sink.", func(u spool.Usage) float64 { return float64(u.Sealed) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: prefix + "in_flight_bytes", Help: "Bytes of the request bodies in progress.",
		}, func() float64 { return float64(bodies.bytes.Load()) }),
	)
	m.registry.MustRegister(further...)
	for _, kind := range []string{kindExposure, kindOutcome} {
		m.acceptedEvents.WithLabelValues(kind)
		m.storedEvents.WithLabelValues(kind)
		m.duplicates.WithLabelValues(kind)
	}
	return m
}

const (
	kindExposure = "exposure"
	kindOutcome  = "outcome"
)

func (m *metrics) accepted(events sink.Count) {
	m.acceptedEvents.WithLabelValues(kindExposure).Add(float64(events.Exposures))
	m.acceptedEvents.WithLabelValues(kindOutcome).Add(float64(events.Outcomes))
}

func (m *metrics) shipped(t sink.Tally) {
	m.storedEvents.WithLabelValues(kindExposure).Add(float64(t.Exposures))
	m.storedEvents.WithLabelValues(kindOutcome).Add(float64(t.Outcomes))
	m.duplicates.WithLabelValues(kindExposure).Add(float64(t.DuplicateExposures))
	m.duplicates.WithLabelValues(kindOutcome).Add(float64(t.DuplicateOutcomes))
	m.lastShipped.SetToCurrentTime()
}

// count counts requests by route. It uses the pattern of the route, so that the number of label
// values is bounded.
func (m *metrics) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(recorder, r)
		route := chi.RouteContext(r.Context()).RoutePattern()
		if route == "" {
			route = "none"
		}
		m.requests.WithLabelValues(route, strconv.Itoa(recorder.Status())).Inc()
	})
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}
