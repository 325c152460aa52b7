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
	ok        prometheus.Observer // the duration of answers with status 200
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
	m.ok = m.durations.WithLabelValues(strconv.Itoa(http.StatusOK))
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

// answered counts an answer and its duration.
func (m *metrics) answered(status int, took time.Duration) {
	o := m.ok
	if status != http.StatusOK {
		o = m.durations.WithLabelValues(strconv.Itoa(status))
	}
	o.Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
