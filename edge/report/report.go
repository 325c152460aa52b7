// Package report tells the collector how a host is doing: see package hostreport.
package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/edge/reload"
)

const (
	// DefaultInterval is the time between reports while nothing happens.
	DefaultInterval = 10 * time.Second

	// attention is how often a host looks whether something has happened that is to be
	// reported at once, and so the shortest time between reports.
	attention = time.Second

	requestTimeout  = 5 * time.Second
	maxResponseSize = 16 << 10 // bytes of a refusal that are read, for the log

	path = "/api/v1/hosts"
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
	HTTPClient *http.Client  // http.DefaultClient if nil
	Logger     *slog.Logger  // slog.Default() if nil
	Now        func() time.Time
}

// Reporter reports while Run runs.
type Reporter struct {
	config  Config
	url     string
	started time.Time

	sent   time.Time
	told   event // what the last report told
	failed bool  // the last report could not be sent
}

// event is what is reported at once when it changes.
type event struct {
	epoch, revision, refused uint64
}

// New checks the configuration. It makes no request.
func New(c Config) (*Reporter, error) {
	u, err := url.Parse(c.Endpoint)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("report: the collector %q: give its http or https URL", c.Endpoint)
	case c.APIKey == "" || c.Identity.ID == "" || c.Status == nil || c.Activity == nil:
		return nil, errors.New("report: an API key, an id, a status and an activity are needed")
	}
	if err := c.Identity.Check(); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if c.Interval == 0 {
		c.Interval = DefaultInterval
	}
	if c.HTTPClient == nil {
		c.HTTPClient = http.DefaultClient
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Reporter{config: c, url: u.JoinPath(path).String(), started: c.Now()}, nil
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
	happened := event{status.Epoch, status.Revision, total(status.Rejected)}
	if happened == r.told && now.Sub(r.sent) < r.config.Interval {
		return
	}
	r.told, r.sent = happened, now
	err := r.post(ctx, r.report(&status, now))
	switch {
	case err == nil && r.failed:
		r.config.Logger.Info("the collector takes reports again", "endpoint", r.url)
	case err != nil && !r.failed && ctx.Err() == nil:
		r.config.Logger.Warn("the collector does not take reports; canaries do not know of this host", "endpoint", r.url, "error", err)
	}
	r.failed = err != nil
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
		Started: r.started.UnixMilli(), Time: now.UnixMilli(),
		Epoch: s.Epoch, Revision: s.Revision, Canary: s.Canary, Stale: s.Stale,
		Refused: map[string]uint64{},
	}
	if s.Ready {
		report.Activated = s.Activated.UnixMilli()
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

func (r *Reporter) post(ctx context.Context, report *hostreport.Report) error {
	body, err := json.Marshal(report)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+r.config.APIKey)
	res, err := r.config.HTTPClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, maxResponseSize)) // only for the log
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s: %s", res.Status, bytes.TrimSpace(text))
	}
	return nil
}
