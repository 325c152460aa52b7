package collector_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/edge/collector"
)

const hostsPath = "/api/v1/hosts"

func TestReportsOfHosts(t *testing.T) {
	b := newBucket()
	now := noon
	col := start(t, config(t, b, func(c *collector.Config) { c.Now = func() time.Time { return now } }))
	defer col.Close(t.Context())
	report := func(revision string) string {
		return `{"host":"edge-7","labels":{"region":"eu"},"environment":"production","epoch":1,"revision":` + revision + `,"refused":{"activation":1}}`
	}
	mustPost(t, col.Handler(), hostsPath, report("5"))
	checkProblem(t, post(col.Handler(), hostsPath, report("6")), 429, "check whether two hosts have the same id")
	now = now.Add(time.Second)
	mustPost(t, col.Handler(), hostsPath, report("7"))
	mustPost(t, col.Handler(), hostsPath, strings.Replace(report("1"), "edge-7", "edge-8", 1))

	if names := strings.Join(b.names(), " "); names != "hosts/edge-7.json hosts/edge-8.json" {
		t.Fatalf("objects %s", names)
	}
	s, err := hostreport.Parse(b.objects[hostreport.Name("edge-7")])
	if err != nil || s.Revision != 7 || s.Labels["region"] != "eu" || s.Refused["activation"] != 1 || s.Received != model.MillisOf(now) {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestReportsOfHostsAreChecked(t *testing.T) {
	b := newBucket()
	col := start(t, config(t, b))
	defer col.Close(t.Context())
	for _, row := range []struct {
		name, body string
		status     int
		detail     string
	}{
		{"no JSON", `host`, 400, "not valid JSON"},
		{"no host", `{"environment":"production"}`, 400, "host: must not be empty"},
		{"a path", `{"host":"../latest","environment":"production"}`, 400, "host id: may contain"},
		{"no environment", `{"host":"a"}`, 400, "environment:"},
		{"a negative count", `{"host":"a","environment":"production","activity":{"requests":-1}}`, 400, "activity.requests: want a whole number, not negative, got a number"},
		{"too large", `{"host":"a","x":"` + strings.Repeat("x", hostreport.MaxSize) + `"}`, 413, "larger than 16384 bytes"},
	} {
		t.Run(row.name, func(t *testing.T) { checkProblem(t, post(col.Handler(), hostsPath, row.body), row.status, row.detail) })
	}
	checkProblem(t, post(col.Handler(), hostsPath, `{}`, "Authorization", "Bearer wrong"), 401, "Authorization: Bearer")
	if names := b.names(); len(names) != 0 {
		t.Errorf("refused reports were kept: %v", names)
	}
	b.fault = func(string) (before, after error) { return errors.New("down"), nil }
	checkProblem(t, post(col.Handler(), hostsPath, `{"host":"a","environment":"production"}`), 503, "the report could not be written to the bucket")
}
