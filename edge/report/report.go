// Package report sends status reports of a host to the collector; see package hostreport.
//
// This package is internal to Sortition and may change without notice.
package report

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/collector/client"
	"github.com/sortition-dev/sortition/edge/reload"
)

const (
	// DefaultInterval is the time between reports without changes.
	DefaultInterval = 10 * time.Second

	// checkInterval is the time between checks for changes to report at once. It is also the
	// shortest time between reports.
	checkInterval = time.Second

	requestTimeout = 5 * time.Second
)

// Config configures a [Reporter]. All fields except Interval, HTTPClient, Logger and Now are
// required.
type Config struct {
	Endpoint string // base URL of the collector
	APIKey   string
	Identity bundle.Identity

	Status   func() reload.Status
	Activity func() (epoch, revision uint64, counts hostreport.Activity)

	Interval   time.Duration    // DefaultInterval if zero
	HTTPClient *http.Client     // by default one that does not follow redirects
	Logger     *slog.Logger     // slog.Default() if nil
	Now        func() time.Time // time.Now if nil
}

// Reporter sends reports while Run runs.
type Reporter struct {
	config  Config
	client  *client.Client
	started time.Time

	sent    time.Time // of the last report
	last    urgent    // in the last report
	refused bool      // the last report was refused
}

// urgent is the part of a status that is reported at once when it changes.
type urgent struct {
	epoch, revision, refused uint64
}

// New checks the configuration. It makes no request.
func New(c Config) (*Reporter, error) {
	if c.APIKey == "" || c.Identity.ID == "" || c.Status == nil || c.Activity == nil {
		return nil, errors.New("report: APIKey, Identity.ID, Status and Activity are required")
	}
	if err := c.Identity.Check(); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if c.Interval == 0 {
		c.Interval = DefaultInterval
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	sender, err := client.New(client.Config{
		Endpoint: c.Endpoint, Path: "/api/v1/hosts", APIKey: c.APIKey, Timeout: requestTimeout,
		What: "reports", Otherwise: "canaries do not count this host",
		HTTPClient: c.HTTPClient, Logger: c.Logger, Now: c.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return &Reporter{config: c, client: sender, started: c.Now()}, nil
}

// Run sends reports until ctx is done. It does not repeat a report that failed, because the next
// one is newer.
func (r *Reporter) Run(ctx context.Context) {
	ticker := time.NewTicker(min(checkInterval, r.config.Interval))
	defer ticker.Stop()
	for {
		r.check(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// check sends a report if the interval is over or the urgent part of the status has changed.
func (r *Reporter) check(ctx context.Context) {
	status, now := r.config.Status(), r.config.Now()
	state := urgent{status.Epoch, status.Revision, total(status.Rejected)}
	if state == r.last && now.Sub(r.sent) < r.config.Interval {
		return
	}
	r.last, r.sent = state, now
	body, err := json.Marshal(r.report(&status, now))
	if err != nil {
		r.config.Logger.Error("cannot encode a report", "error", err)
		return
	}
	result, err := r.client.Post(ctx, body)
	if result == client.Refused && !r.refused {
		r.config.Logger.Warn("the collector refused a report; canaries do not count this host", "endpoint", r.client.URL(), "error", err)
	}
	r.refused = result == client.Refused
}

func total(counts map[reload.Reason]uint64) (sum uint64) {
	for n := range maps.Values(counts) {
		sum += n
	}
	return sum
}

func (r *Reporter) report(s *reload.Status, now time.Time) *hostreport.Report {
	report := &hostreport.Report{
		Host: r.config.Identity.ID, Labels: r.config.Identity.Labels, Environment: s.Environment,
		Started: model.MillisOf(r.started), Time: model.MillisOf(now),
		Epoch: s.Epoch, Revision: s.Revision, Canary: s.Canary, Stale: s.Stale,
		Refused: map[string]uint64{},
	}
	if s.Ready {
		report.Activated = model.MillisOf(s.Activated)
	}
	for reason, n := range s.Refused {
		report.Refused[string(reason)] = n
	}
	epoch, revision, counts := r.config.Activity()
	if epoch == s.Epoch && revision == s.Revision { // otherwise the revision has just changed
		report.Activity = counts
	}
	return report
}
