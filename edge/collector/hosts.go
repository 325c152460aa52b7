package collector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

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
	b, ok := c.receive(w, r, jsonFormat)
	if !ok {
		return
	}
	now := c.config.Now()
	stored, invalid := c.decodeReport(&b, now)
	if invalid != nil {
		service.WriteProblem(w, invalid.status, "Invalid report", invalid.Error())
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
		unavailable(w, "the report could not be written to the bucket; send the next one later")
		return
	}
	answer(w, http.StatusAccepted, `{"accepted":1}`)
}

// decodeReport reads the body of a report and releases it.
func (c *Collector) decodeReport(b *body, now time.Time) (*hostreport.Stored, *invalidBody) {
	defer c.release(b)
	d := <-c.decoders
	defer func() { c.decoders <- d }()
	text, err := d.unpacker.unpack(b.bytes, b.coding)
	switch {
	case err == errTooLarge || len(text) > hostreport.MaxSize:
		return nil, &invalidBody{http.StatusRequestEntityTooLarge, fmt.Errorf("the report is larger than %d bytes", hostreport.MaxSize)}
	case err == nil && !utf8.Valid(text):
		err = errors.New("the body is not valid UTF-8")
	}
	s := &hostreport.Stored{Received: model.MillisOf(now)}
	if err == nil {
		if err = json.Unmarshal(text, &s.Report); err != nil {
			err = service.ExplainJSON("", err)
		}
	}
	if err == nil {
		err = s.Validate()
	}
	if err != nil {
		return nil, &invalidBody{http.StatusBadRequest, err}
	}
	return s, nil
}
