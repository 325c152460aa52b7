package collector

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/service"
)

const (
	// reportPause is the shortest time between two accepted reports of one host. Each report
	// is a write to the bucket.
	reportPause = 500 * time.Millisecond

	// maxHosts bounds the hosts whose latest report is remembered for reportPause. When there
	// are more, all are forgotten.
	maxHosts = 100_000

	// reportTimeout bounds the write of a report.
	reportTimeout = 10 * time.Second
)

// hosts remembers when the latest report of each host was accepted.
type hosts struct {
	mu   sync.Mutex
	kept map[string]time.Time
}

// admit reports whether a report of a host may be accepted now.
func (h *hosts) admit(host string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last, ok := h.kept[host]; ok && now.Sub(last) < reportPause && !now.Before(last) {
		return false
	}
	if h.kept == nil || len(h.kept) >= maxHosts {
		h.kept = map[string]time.Time{}
	}
	h.kept[host] = now
	return true
}

// report answers POST /api/v1/hosts. It writes the report to the bucket, in place of the host's
// report before.
func (c *Collector) report(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	if len(body) > hostreport.MaxSize {
		service.WriteProblem(w, http.StatusRequestEntityTooLarge, "", fmt.Sprintf("the report is larger than %d bytes", hostreport.MaxSize))
		return
	}
	now := c.config.Now()
	stored, err := decodeReport(body, now)
	if err != nil {
		service.WriteProblem(w, http.StatusBadRequest, "Invalid report", err.Error())
		return
	}
	if !c.hosts.admit(stored.Host, now) {
		w.Header().Set("Retry-After", "1")
		service.WriteProblem(w, http.StatusTooManyRequests, "", fmt.Sprintf("host %s reports more than once in %v: check whether two hosts have the same id", stored.Host, reportPause))
		return
	}
	data, err := stored.Encode()
	if err == nil {
		ctx, cancel := context.WithTimeout(r.Context(), reportTimeout)
		defer cancel()
		err = c.config.Bucket.Put(ctx, hostreport.Name(stored.Host), data)
	}
	if err != nil {
		c.config.Logger.Warn("cannot write the report of a host to the bucket", "host", stored.Host, "error", err)
		w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
		service.WriteProblem(w, http.StatusServiceUnavailable, "", "the report could not be written to the bucket; send the next one later")
		return
	}
	answer(w, http.StatusAccepted, `{"accepted":1}`)
}

func decodeReport(body []byte, now time.Time) (*hostreport.Stored, error) {
	s := &hostreport.Stored{Received: model.MillisOf(now)}
	if err := json.Unmarshal(body, &s.Report); err != nil {
		return nil, service.ExplainJSON("", err)
	}
	return s, s.Validate()
}
