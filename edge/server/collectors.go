package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sortition-dev/sortition/edge/exposure"
	"github.com/sortition-dev/sortition/edge/host"
)

// The collectors below read the counts of other packages when Prometheus scrapes them.

var (
	readyDesc       = describe("sortition_ready", "1 if a bundle is active.")
	epochDesc       = describe("sortition_epoch", "Epoch of the active bundle.")
	revisionDesc    = describe("sortition_revision", "Revision of the active bundle.")
	staleDesc       = describe("sortition_stale", "1 if the active bundle has expired; it still serves.")
	canaryDesc      = describe("sortition_canary", "1 if this host is in a canary and the active bundle is only for canary hosts.")
	activatedDesc   = describe("sortition_activated_timestamp_seconds", "When the active bundle was activated.")
	expiresDesc     = describe("sortition_expires_timestamp_seconds", "When the active bundle expires.")
	experimentsDesc = describe("sortition_experiments", "Experiments and flags in the active bundle.")
	engineDesc      = describe("sortition_engine", "1 for the engine that runs the core: wazero or native.", "engine")
	rootDesc        = describe("sortition_root_version", "Version of the newest trusted root.")
	rootExpiresDesc = describe("sortition_root_expires_timestamp_seconds", "When the newest trusted root expires.")
	pollsDesc       = describe("sortition_reload_polls_total", "Polls of the bucket that succeeded.")
	failuresDesc    = describe("sortition_reload_failures_total", "Polls of the bucket that failed.")
	rejectedDesc    = describe("sortition_reload_rejected_total", "Roots and bundles refused, by reason.", "reason")
	quarantinedDesc = describe("sortition_reload_quarantined", "Payloads in quarantine: they failed to activate, and are not tried again.")
	coreBehindDesc  = describe("sortition_core_behind", "1 if the bundle names another core than the host uses.")
	fetchedDesc     = describe("sortition_reload_payloads_total", "Payloads, by fetch method: kept (already on the host), delta, zstd or gzip.", "method")
	bytesDesc       = describe("sortition_reload_payload_bytes_total", "Bytes fetched for payloads, by fetch method.", "method")
	lastAnswerDesc  = describe("sortition_reload_last_answer_timestamp_seconds", "When a poll of the bucket last succeeded.")
	exposuresDesc   = describe("sortition_exposures_total", "Exposures, by result: sent, duplicate, shed, rejected or lost. These and the queued ones add up to the emitted ones.", "result")
	emittedDesc     = describe("sortition_exposures_emitted_total", "Exposures emitted.")
	queuedDesc      = describe("sortition_exposures_queued", "Exposures waiting to be sent.")
	retriedDesc     = describe("sortition_exposure_retries_total", "Requests to the collector repeated after a failure.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

func gauge(d *prometheus.Desc, value float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func counter(d *prometheus.Desc, value uint64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
}

func boolValue(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

type snapshotCollector struct{ host *host.Host }

func (c snapshotCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

func (c snapshotCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.host.Snapshot()
	ch <- gauge(readyDesc, boolValue(s.Ready))
	ch <- gauge(staleDesc, boolValue(s.Stale))
	ch <- gauge(canaryDesc, boolValue(s.Canary))
	ch <- gauge(epochDesc, float64(s.Epoch))
	ch <- gauge(revisionDesc, float64(s.Revision))
	ch <- gauge(experimentsDesc, float64(s.Experiments))
	if s.Ready {
		ch <- gauge(engineDesc, 1, string(s.Engine))
		ch <- gauge(activatedDesc, seconds(s.Activated))
		ch <- gauge(expiresDesc, seconds(s.Expires))
	}
}

type reloadCollector struct{ host *host.Host }

func (c reloadCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

func (c reloadCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.host.Status()
	ch <- gauge(rootDesc, float64(s.RootVersion))
	ch <- gauge(rootExpiresDesc, seconds(s.RootExpires))
	ch <- counter(pollsDesc, s.Polls)
	ch <- counter(failuresDesc, s.Failures)
	for reason, n := range s.Rejected {
		ch <- counter(rejectedDesc, n, string(reason))
	}
	for method, t := range s.Fetched {
		ch <- counter(fetchedDesc, t.Payloads, string(method))
		ch <- counter(bytesDesc, t.Bytes, string(method))
	}
	ch <- gauge(quarantinedDesc, float64(s.Quarantined))
	ch <- gauge(coreBehindDesc, boolValue(s.CoreBehind))
	if !s.LastAnswer.IsZero() {
		ch <- gauge(lastAnswerDesc, seconds(s.LastAnswer))
	}
}

type exposureCollector struct{ queue *exposure.Queue }

func (c exposureCollector) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

func (c exposureCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.queue.Stats()
	ch <- counter(emittedDesc, s.Emitted)
	ch <- counter(exposuresDesc, s.Sent, "sent")
	ch <- counter(exposuresDesc, s.Duplicate, "duplicate")
	ch <- counter(exposuresDesc, s.Shed, "shed")
	ch <- counter(exposuresDesc, s.Rejected, "rejected")
	ch <- counter(exposuresDesc, s.Lost, "lost")
	ch <- gauge(queuedDesc, float64(s.Queued))
	ch <- counter(retriedDesc, s.Retried)
}
