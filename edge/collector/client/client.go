// Package client posts bodies, such as exposures and reports of hosts, to a collector.
//
// This package is internal to Sortition and may change without notice.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/sortition-dev/sortition/edge/collector/backoff"
)

// waits are the waits between attempts of a delivery.
var waits = backoff.Backoff{Min: 200 * time.Millisecond, Max: 30 * time.Second}

// Bounds of a delivery.
const (
	maxRetryAfter   = 5 * time.Minute // longer Retry-After headers count as this
	maxResponseSize = 16 << 10        // bytes of a response that are read for an error
)

// Config configures a [Client]. Endpoint, Path, Timeout and What are required.
type Config struct {
	Endpoint string        // base URL of the collector, for example "https://collect.example.com"
	Path     string        // of the route, such as "/api/v1/exposures"
	APIKey   string        // sent as a bearer token
	Timeout  time.Duration // of one request

	ContentType     string // of the bodies; application/json if empty
	ContentEncoding string // the compression of the bodies, if any

	What      string // names the data in log messages, for example "exposures"
	Otherwise string // says in a log message what happens while the collector does not accept it

	// Hurry ends one wait of Deliver when it is closed: the one in progress, or else the next.
	// It may be nil.
	Hurry <-chan struct{}

	HTTPClient *http.Client     // by default one that does not follow redirects
	Logger     *slog.Logger     // slog.Default() if nil
	Now        func() time.Time // time.Now if nil
}

// Client posts to one route. It logs when the collector stops accepting requests and when it
// accepts them again. It is not safe for concurrent use.
type Client struct {
	config Config
	url    string
	failed bool // the latest request failed
}

// New checks the configuration. It makes no request.
func New(c Config) (*Client, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the Endpoint is %q: want the collector's base URL, such as \"http://127.0.0.1:8090\"", c.Endpoint)
	}
	if c.ContentType == "" {
		c.ContentType = "application/json"
	}
	if c.HTTPClient == nil {
		c.HTTPClient = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Client{config: c, url: u.JoinPath(c.Path).String()}, nil
}

// URL returns the URL that the client posts to.
func (c *Client) URL() string { return c.url }

// Result is the result of sending a body.
type Result uint8

// The results.
const (
	Unknown Result = iota // the collector may or may not have accepted it
	Accepted
	Refused // the collector will not accept it
)

// Post sends a body once. The error is nil if the collector accepted it.
func (c *Client) Post(ctx context.Context, body []byte) (Result, error) {
	result, _, err := c.post(ctx, body)
	return result, err
}

// Deliver sends a body until the collector accepts or refuses it, or ctx ends. It waits between
// attempts, longer each time, and calls again before each repetition. The error is nil if the
// collector accepted the body.
func (c *Client) Deliver(ctx context.Context, body []byte, again func()) (Result, error) {
	for attempt := 0; ; attempt++ {
		result, wait, err := c.post(ctx, body)
		if result != Unknown {
			return result, err
		}
		if !c.sleep(ctx, max(waits.Wait(attempt), wait)) {
			return Unknown, err
		}
		again()
	}
}

func (c *Client) post(ctx context.Context, body []byte) (result Result, retryAfter time.Duration, err error) {
	result, retryAfter, err = c.exchange(ctx, body)
	switch {
	case err == nil && c.failed:
		c.config.Logger.Info("the collector accepts "+c.config.What+" again", "endpoint", c.url)
	case err != nil && result == Unknown && !c.failed && ctx.Err() == nil:
		c.config.Logger.Warn("the collector does not accept "+c.config.What+"; "+c.config.Otherwise, "endpoint", c.url, "error", err)
	}
	if err == nil || result == Unknown && ctx.Err() == nil {
		c.failed = err != nil
	}
	return result, retryAfter, err
}

func (c *Client) exchange(ctx context.Context, body []byte) (Result, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return Refused, 0, err
	}
	req.Header.Set("Content-Type", c.config.ContentType)
	if c.config.ContentEncoding != "" {
		req.Header.Set("Content-Encoding", c.config.ContentEncoding)
	}
	req.Header.Set("Authorization", "Bearer "+c.config.APIKey)
	res, err := c.config.HTTPClient.Do(req)
	if err != nil {
		return Unknown, 0, err
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, maxResponseSize)) // only for the error
	switch {
	case res.StatusCode/100 == 2:
		return Accepted, 0, nil
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode >= 500:
		return Unknown, retryAfter(res.Header.Get("Retry-After"), c.config.Now()), refusal(res.Status, text)
	default:
		return Refused, 0, refusal(res.Status, text)
	}
}

// refusal returns an error for a response, with the detail of its problem document.
func refusal(status string, body []byte) error {
	var doc struct {
		Detail string `json:"detail"`
	}
	if json.Unmarshal(body, &doc) == nil && doc.Detail != "" {
		return fmt.Errorf("%s: %s", status, doc.Detail)
	}
	return fmt.Errorf("answered %s", status)
}

// sleep waits for d, or until Hurry is closed. It returns false if ctx has ended.
func (c *Client) sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.config.Hurry:
		c.config.Hurry = nil
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// retryAfter returns the wait that a Retry-After header asks for, in seconds or as a date.
func retryAfter(value string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = max(0, at.Sub(now))
	}
	return min(wait, maxRetryAfter)
}
