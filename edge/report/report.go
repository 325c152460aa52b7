// Package report tells the collector how a host is doing: see package hostreport.
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
	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/edge/collector/client"
	"github.com/sortition-dev/sortition/edge/reload"
)

const (
	// DefaultInterval is the time between reports while nothing happens.
	DefaultInterval = 10 * time.Second

	// attention is how often a host looks whether something has happened that is to be
	// reported at once, and so the shortest time between reports.
	attention = time.Second

	requestTimeout = 5 * time.Second
)

// Config says what is reported, and where. All fields but Interval, HTTPClient, Logger
// and Now are required.
type Config struct {
	Endpoint string // base URL of the collector
	APIKey   string
	Identity bundle.Identity

	Status   func() reload.Status
	Activity func() (epoch, revision uint64, counts hostreport.Activity)

	Interval   time.Duration // DefaultInterval if zero
	HTTPClient *http.Client  // by default one that does not follow redirects
	Logger     *slog.Logger  // slog.Default() if nil
	Now        func() time.Time
}

// Reporter reports while Run runs.
type Reporter struct {
	config  Config
	client  *client.Client
	started time.Time

	sent    time.Time
	told    outward // what the last report told
	refused bool    // the last report was refused
}

// outward is what is reported at once when it changes.
type outward struct {
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

// Run reports until ctx is done. A report that cannot be sent is not sent again: the next
// says more.
func (r *Reporter) Run(ctx context.Context) {
	ticker := time.NewTicker(min(attention, r.config.Interval))
	defer ticker.Stop()
	for {
		r.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// look reports if it is time, or if something has happened.
func (r *Reporter) look(ctx context.Context) {
	status, now := r.config.Status(), r.config.Now()
	state := outward{status.Epoch, status.Revision, total(status.Rejected)}
	if state == r.told && now.Sub(r.sent) < r.config.Interval {
		return
	}
	r.told, r.sent = state, now
	body, err := json.Marshal(r.report(&status, now))
	if err != nil {
		r.config.Logger.Error("cannot encode a report", "error", err)
		return
	}
	fate, err := r.client.Post(ctx, body)
	if fate == client.Refused && !r.refused {
		r.config.Logger.Warn("the collector refused a report; canaries do not count this host", "endpoint", r.client.URL(), "error", err)
	}
	r.refused = fate == client.Refused
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
		Started: event.MillisOf(r.started), Time: event.MillisOf(now),
		Epoch: s.Epoch, Revision: s.Revision, Canary: s.Canary, Stale: s.Stale,
		Refused: map[string]uint64{},
	}
	if s.Ready {
		report.Activated = event.MillisOf(s.Activated)
	}
	for reason, n := range s.Refused {
		report.Refused[string(reason)] = n
	}
	epoch, revision, counts := r.config.Activity()
	if epoch == s.Epoch && revision == s.Revision { // else it has just changed: the next report tells
		report.Activity = counts
	}
	return report
}
