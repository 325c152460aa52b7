package report_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/edge/reload"
	"github.com/sortition-dev/sortition/edge/report"
)

// collector receives reports without a network, so that tests do not need the real clock.
type collector struct {
	status  int
	reports []hostreport.Report
	keys    []string
}

func (c *collector) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	var got hostreport.Report
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
		return nil, err
	}
	c.reports, c.keys = append(c.reports, got), append(c.keys, r.URL.Path+" "+r.Header.Get("Authorization"))
	w.WriteHeader(c.status)
	return w.Result(), nil
}

func TestReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{status: http.StatusAccepted}
		status := reload.Status{Environment: "production", Ready: true, Epoch: 1, Revision: 5, Activated: time.Now()}
		counts := hostreport.Activity{Requests: 7}
		r, err := report.New(report.Config{
			Endpoint: "http://collector/base", APIKey: "key", Identity: bundle.Identity{ID: "edge-7", Labels: map[string]string{"region": "eu"}},
			Status:     func() reload.Status { return status },
			Activity:   func() (uint64, uint64, hostreport.Activity) { return 1, 5, counts },
			HTTPClient: &http.Client{Transport: c},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		go r.Run(ctx)
		defer stop()
		sent := func(after time.Duration, want int) hostreport.Report {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if len(c.reports) != want {
				t.Fatalf("%d reports after %v, want %d", len(c.reports), after, want)
			}
			return c.reports[want-1]
		}
		first := sent(time.Second/2, 1)
		if first.Host != "edge-7" || first.Labels["region"] != "eu" || first.Revision != 5 || first.Activity.Requests != 7 {
			t.Errorf("%+v", first)
		}
		if c.keys[0] != "/base/api/v1/hosts Bearer key" {
			t.Errorf("asked %s", c.keys[0])
		}
		sent(9*time.Second, 1)
		sent(time.Second, 2) // because it is time
		status.Rejected = map[reload.Reason]uint64{reload.ReasonActivation: 1}
		status.Refused = status.Rejected
		if got := sent(time.Second, 3); got.Refused["activation"] != 1 {
			t.Errorf("%+v", got)
		}
		status.Revision, status.Canary = 6, true
		if got := sent(time.Second, 4); got.Revision != 6 || !got.Canary || got.Activity.Requests != 0 {
			t.Errorf("counts of another revision: %+v", got)
		}
		c.status = http.StatusServiceUnavailable
		sent(10*time.Second, 5)
		c.status = http.StatusAccepted
		sent(10*time.Second, 6)
	})
}

func TestNewRefuses(t *testing.T) {
	good := report.Config{
		Endpoint: "https://collector", APIKey: "key", Identity: bundle.Identity{ID: "a"},
		Status: func() reload.Status { return reload.Status{} }, Activity: func() (uint64, uint64, hostreport.Activity) { return 0, 0, hostreport.Activity{} },
	}
	for name, spoil := range map[string]func(*report.Config){
		"no scheme": func(c *report.Config) { c.Endpoint = "collector:80" },
		"no key":    func(c *report.Config) { c.APIKey = "" },
		"no id":     func(c *report.Config) { c.Identity.ID = "" },
		"a path":    func(c *report.Config) { c.Identity.ID = "a/b" },
		"no status": func(c *report.Config) { c.Status = nil },
	} {
		c := good
		spoil(&c)
		if _, err := report.New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := report.New(good); err != nil {
		t.Error(err)
	}
}
