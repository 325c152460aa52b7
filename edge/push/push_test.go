package push

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sortition-dev/sortition/bundle/store/storetest"
)

// patience is only reached by a test that hangs.
const patience = time.Minute

func startNATS(t *testing.T, address string) *storetest.NATS {
	t.Helper()
	server, err := storetest.StartNATS(address)
	if errors.Is(err, storetest.ErrNoNATS) {
		t.Skip("NOT TESTED: that news come by NATS.", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

// looks counts the polls of a listener.
type looks struct{ atomic.Int64 }

func (l *looks) Refresh(context.Context) { l.Add(1) }

// beyond waits until there are more than n polls.
func (l *looks) beyond(t *testing.T, n int64) int64 {
	t.Helper()
	for limit := time.Now().Add(patience); l.Load() <= n; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("%d looks, no more", n)
		}
	}
	return l.Load()
}

func listen(t *testing.T, url string, l *looks) *Listener {
	t.Helper()
	listener, err := Listen(Config{URL: url, Subject: "news", Refresh: l.Refresh, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(listener.Close)
	return listener
}

func publish(t *testing.T, url, message string, times int) {
	t.Helper()
	conn, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range times {
		if err := conn.Publish("news", []byte(message)); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
}

func TestNewsMakeAHostLook(t *testing.T) {
	server := startNATS(t, "")
	var l looks
	listen(t, server.URL, &l)
	n := l.beyond(t, 0) // because it has just connected
	publish(t, server.URL, "", 1)
	n = l.beyond(t, n)

	// A flood of messages causes only a few polls a second.
	const flood = 10_000
	began := time.Now()
	publish(t, server.URL, "", flood)
	before := l.beyond(t, n) - 1
	time.Sleep(2 * pause)
	if looked, most := l.Load()-before, 1+int64(time.Since(began)/pause); looked > most {
		t.Errorf("%d looks, %d at most", looked, most)
	}
}

// TestNATSGoesAndComes: a listener starts without NATS, and polls after each connection, because it
// may have missed notifications.
func TestNATSGoesAndComes(t *testing.T) {
	server := startNATS(t, "")
	address := strings.TrimPrefix(server.URL, "nats://")
	server.Close()
	var l looks
	listen(t, server.URL, &l)

	server = startNATS(t, address)
	n := l.beyond(t, 0)
	server.Close()
	server = startNATS(t, address)
	n = l.beyond(t, n)
	publish(t, server.URL, "", 1)
	l.beyond(t, n)
}

func TestConcerns(t *testing.T) {
	event := func(bucket, key string) string {
		return `{"Records":[{"eventName":"s3:ObjectCreated:Put","s3":{"bucket":{"name":"` + bucket + `"},"object":{"key":"` + key + `"}}}]}`
	}
	for _, row := range []struct {
		why            string
		bucket, prefix string
		message        string
		want           bool
	}{
		{"the hint", "experiments", "shop", event("experiments", "shop/latest.json"), true},
		{"the hint, escaped", "experiments", "my shop", event("experiments", "my+shop/latest.json"), true},
		{"the hint without a prefix", "experiments", "", event("experiments", "latest.json"), true},
		{"another object", "experiments", "shop", event("experiments", "shop/events/latest.json"), false},
		{"a manifest, before its hint", "experiments", "shop", event("experiments", "shop/m/1/2.json"), false},
		{"another prefix", "experiments", "shop", event("experiments", "staging/latest.json"), false},
		{"another bucket", "experiments", "shop", event("others", "shop/latest.json"), false},
		{"no bucket is known", "", "", event("others", "shop/latest.json"), true},
		{"no bucket is known, another object", "", "", event("others", "shop/notlatest.json"), false},
		{"nothing", "experiments", "shop", "", true},
		{"something else", "experiments", "shop", "deployed", true},
		{"JSON of somebody else", "experiments", "shop", `{"Records":[]}`, true},
		{"an endless message", "experiments", "shop", event("others", strings.Repeat("x", maxMessage)), true},
	} {
		l := &Listener{config: Config{Bucket: row.bucket, Prefix: row.prefix}}
		if got := l.concerns([]byte(row.message)); got != row.want {
			t.Errorf("%s: %t", row.why, got)
		}
	}
}

func TestListenRefuses(t *testing.T) {
	var l looks
	good := Config{URL: "nats://127.0.0.1:1", Subject: "news", Refresh: l.Refresh, Logger: slog.New(slog.DiscardHandler)}
	for name, change := range map[string]func(*Config){
		"no subject":      func(c *Config) { c.Subject = "" },
		"two subjects":    func(c *Config) { c.Subject = "a b" },
		"no refresh":      func(c *Config) { c.Refresh = nil },
		"a URL of no use": func(c *Config) { c.URL = "nats://a b:1" },
	} {
		c := good
		change(&c)
		if listener, err := Listen(c); err == nil {
			listener.Close()
			t.Errorf("%s: accepted", name)
		}
	}
	listener, err := Listen(good) // nobody is there, yet
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
}
