package canary

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/hostreport"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// host is one that has served a revision for some time.
func host(id, region string, revision uint64, age time.Duration, change ...func(*hostreport.Report)) Host {
	r := hostreport.Report{
		Host: id, Labels: map[string]string{"region": region}, Environment: "production",
		Epoch: 1, Revision: revision, Activated: model.MillisOf(now.Add(-age)), Refused: map[string]uint64{},
	}
	r.Activity.Requests, r.Activity.Latency[0] = 1_000, 1_000
	for _, c := range change {
		c(&r)
	}
	return Host{Stored: hostreport.Stored{Report: r, Received: model.MillisOf(now)}, InCanary: region == "eu"}
}

func refuses(reason string) func(*hostreport.Report) {
	return func(r *hostreport.Report) { r.Refused[reason] = 2 }
}

func fails(errors uint64) func(*hostreport.Report) {
	return func(r *hostreport.Report) { r.Activity.Errors = errors }
}

// slow makes so many requests take up to 25 ms.
func slow(requests uint64) func(*hostreport.Report) {
	return func(r *hostreport.Report) {
		r.Activity.Latency[0] -= requests
		r.Activity.Latency[hostreport.Bucket(20*time.Millisecond)] = requests
	}
}

func TestJudge(t *testing.T) {
	const long, short = time.Hour, time.Minute
	rules := config.DefaultCanary
	for _, row := range []struct {
		why    string
		hosts  []Host
		splits []Split
		change func(*config.Canary)
		want   Action
		reason string
	}{
		{why: "nobody reports", want: Wait, reason: "0 hosts of the canary of 0 serve revision 6, 1 must"},
		{why: "well for long", hosts: []Host{host("a", "eu", 6, long), host("b", "us", 5, long)}, want: Promote, reason: "1 host of the canary well for 10m0s, with 1000 requests and 0 errors"},
		{why: "well, but not for long", hosts: []Host{host("a", "eu", 6, short)}, want: Wait, reason: "well for 1m0s of 10m0s"},
		{why: "activated before the canary, by a wrong clock", hosts: []Host{host("a", "eu", 6, 1000*long)}, want: Promote},
		{why: "too few hosts", hosts: []Host{host("a", "eu", 6, long)}, change: func(r *config.Canary) { r.Hosts = 2 }, want: Wait, reason: "2 must"},
		{why: "one of two for long", hosts: []Host{host("a", "eu", 6, long), host("b", "eu", 6, short)}, change: func(r *config.Canary) { r.Hosts = 2 }, want: Wait, reason: "well for 1m0s"},
		{why: "one more than must", hosts: []Host{host("a", "eu", 6, long), host("b", "eu", 6, short)}, want: Promote},
		{why: "a host that has not got it yet", hosts: []Host{host("a", "eu", 6, long), host("b", "eu", 5, long)}, want: Wait, reason: "1 more host of the canary"},
		{why: "too few requests", hosts: []Host{host("a", "eu", 6, long)}, change: func(r *config.Canary) { r.Requests = 1_001 }, want: Wait, reason: "1000 requests of 1001"},

		{why: "a host refuses it", hosts: []Host{host("a", "eu", 6, long), host("b", "eu", 5, long, refuses("activation"))}, want: Abort, reason: "host b refuses revision 6: activation"},
		{why: "a new host refuses it", hosts: []Host{host("b", "eu", 0, 0, refuses("quarantine"))}, want: Abort, reason: "quarantine"},
		{why: "a host lacks the payload", hosts: []Host{host("a", "eu", 5, long, refuses("payload_missing"))}, want: Wait},
		{why: "a host outside refuses something", hosts: []Host{host("a", "eu", 6, long), host("b", "us", 5, long, refuses("activation"))}, want: Promote},
		{why: "a host that was behind before", hosts: []Host{host("a", "eu", 6, long), host("b", "eu", 3, long, refuses("activation"))}, want: Wait, reason: "1 more host"},
		{why: "what a host refused before it had it", hosts: []Host{host("a", "eu", 6, long, refuses("activation"))}, want: Promote},

		{why: "requests fail", hosts: []Host{host("a", "eu", 6, short, fails(5)), host("b", "us", 5, long)}, want: Abort, reason: "0.50% of the canary's requests fail (5 of 1000), more than 0.1%, and 0.00% elsewhere"},
		{why: "requests fail everywhere", hosts: []Host{host("a", "eu", 6, long, fails(5)), host("b", "us", 5, long, fails(5))}, want: Promote},
		{why: "few requests fail", hosts: []Host{host("a", "eu", 6, long, fails(4))}, want: Promote},
		{why: "requests are slow", hosts: []Host{host("a", "eu", 6, short, slow(20)), host("b", "us", 5, long)}, want: Abort, reason: "take up to 25ms, more than 10ms, and 100µs elsewhere"},
		{why: "requests are slow everywhere", hosts: []Host{host("a", "eu", 6, long, slow(20)), host("b", "us", 5, long, slow(20))}, want: Promote},
		{why: "few requests are slow", hosts: []Host{host("a", "eu", 6, long, slow(9))}, want: Promote},

		{why: "units are not divided as they should be", hosts: []Host{host("a", "eu", 6, long)}, splits: []Split{{"button", []int64{600, 400}, 1e-9, true}}, want: Abort, reason: "units of button are not divided as the weights say: [600 400]"},
		{why: "chance", hosts: []Host{host("a", "eu", 6, long)}, splits: []Split{{"button", []int64{520, 480}, 0.2, true}}, want: Promote},
		{why: "one small p of many", hosts: []Host{host("a", "eu", 6, long)}, splits: manySplits(1e-6), want: Promote},
		{why: "too few units", hosts: []Host{host("a", "eu", 6, long)}, splits: []Split{{"button", []int64{3, 0}, 0, false}}, want: Promote},
		{why: "units are not looked at", hosts: []Host{host("a", "eu", 6, long)}, splits: []Split{{"button", []int64{600, 400}, 1e-9, true}}, change: func(r *config.Canary) { r.SampleRatio = false }, want: Promote},
	} {
		rules := rules
		if row.change != nil {
			row.change(&rules)
		}
		s := &State{
			Environment: "production", Epoch: 1, Revision: 6, Canary: bundle.Canary{Stable: 5, Salt: "s", Share: 10_000},
			Started: now.Add(-long), Now: now, Hosts: row.hosts, Splits: row.splits,
		}
		v := Judge(s, rules)
		if v.Action != row.want || !strings.Contains(strings.Join(v.Reasons, "; "), row.reason) {
			t.Errorf("%s: %s for %q; want %s for %q", row.why, v.Action, v.Reasons, row.want, row.reason)
		}
	}
}

// manySplits are a hundred, one of which has the p-value.
func manySplits(p float64) []Split {
	splits := []Split{{"odd", []int64{1, 2}, p, true}}
	for i := range 99 {
		splits = append(splits, Split{fmt.Sprint("e", i), []int64{1, 1}, 0.5, true})
	}
	return splits
}
