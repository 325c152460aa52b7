package main

import (
	"bytes"
	"testing"

	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/examples/replay/accesslog"
	"github.com/sortition-dev/sortition/wasm/request/requesttest"
)

func TestDescribe(t *testing.T) {
	attributes := []string{"path", "referrer_host", "browser", "browser_version", "os", "device", "bot"}
	const chrome = "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.107 Safari/537.36"
	tests := []struct {
		name  string
		entry accesslog.Entry
		want  map[string]any
	}{
		{
			"a browser on a desktop",
			accesslog.Entry{Target: "/blog/a%20b?page=2", Referrer: "http://WWW.Example.com:8080/search?q=x", Agent: chrome},
			map[string]any{"path": "/blog/a b", "referrer_host": "www.example.com", "browser": "Chrome",
				"browser_version": "32.0.1700.107", "os": "Windows", "device": "desktop", "bot": false},
		},
		{
			"a phone",
			accesslog.Entry{Target: "http://example.com/x", Agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 7_0 like Mac OS X) AppleWebKit/537.51.1 (KHTML, like Gecko) Version/7.0 Mobile/11A465 Safari/9537.53"},
			map[string]any{"path": "/x", "browser": "Safari", "browser_version": "7.0", "os": "iOS", "device": "mobile", "bot": false},
		},
		{
			"a crawler",
			accesslog.Entry{Target: "/robots.txt", Agent: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
			map[string]any{"path": "/robots.txt", "browser": "Googlebot", "browser_version": "2.1", "bot": true},
		},
		{
			"nothing known, and a target that is no URL",
			accesslog.Entry{Target: "/%zz?q"},
			map[string]any{"path": "/%zz", "bot": false},
		},
		{
			"a path too long to decide on",
			accesslog.Entry{Target: "/" + string(bytes.Repeat([]byte("x"), 2000))},
			map[string]any{"bot": false},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := new(host.Request)
			describe(r, &test.entry)
			got, err := requesttest.Read(r, nil, attributes)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range test.want {
				if got.Attributes[name] != want {
					t.Errorf("%s: got %v, want %v", name, got.Attributes[name], want)
				}
			}
			if len(got.Attributes) != len(test.want) {
				t.Errorf("got %v, want %v", got.Attributes, test.want)
			}
		})
	}
}

func TestUnitOf(t *testing.T) {
	key, other := []byte("0123456789abcdef"), []byte("fedcba9876543210")
	base := accesslog.Entry{Host: "203.0.113.9", Agent: "a"}
	if unitOf(key, &base) != unitOf(key, &accesslog.Entry{Host: base.Host, Agent: base.Agent, Target: "/x", Status: 404}) {
		t.Error("the same visitor has two ids")
	}
	ids := map[string]string{}
	for name, id := range map[string]string{
		"base":          unitOf(key, &base),
		"other key":     unitOf(other, &base),
		"other address": unitOf(key, &accesslog.Entry{Host: "203.0.113.8", Agent: "a"}),
		"other agent":   unitOf(key, &accesslog.Entry{Host: "203.0.113.9", Agent: "b"}),
		"other border":  unitOf(key, &accesslog.Entry{Host: "203.0.113.9a", Agent: ""}),
	} {
		if twin, taken := ids[id]; taken {
			t.Errorf("%s and %s have the same id %s", name, twin, id)
		}
		if len(id) != 2*unitLength {
			t.Errorf("%s: id %q has %d characters", name, id, len(id))
		}
		ids[id] = name
	}
}
