// Package push makes a host poll its bucket as soon as the bucket changes. It listens for
// notifications on a NATS subject.
//
// S3 servers with NATS notifications, such as versitygw and MinIO, publish a JSON document for each
// object that is written. A document about the hint, latest.json, of the host's bucket makes the
// host poll. So does any message that is not such a document, for other senders of notifications.
// Messages are not trusted: they only make the host poll earlier, and it also polls without them.
//
// This package is internal to Sortition and may change without notice.
package push

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/sortition-dev/sortition/bundle"
)

const (
	// pause is the shortest time between two polls. It bounds the load that a sender of
	// messages can cause.
	pause = 200 * time.Millisecond

	// reconnectWait is the time between attempts to connect to NATS, up to reconnectJitter
	// longer. There is no limit of attempts.
	reconnectWait   = time.Second
	reconnectJitter = time.Second

	// connectTimeout bounds each attempt.
	connectTimeout = 5 * time.Second

	// maxMessage is the largest message that is decoded, in bytes. A larger one always makes
	// the host poll.
	maxMessage = 64 << 10
)

// Config configures a [Listener]. URL, Subject, Refresh and Logger are required.
type Config struct {
	URL     string // for example nats://host:4222; several separated by commas
	Subject string

	// Bucket and Prefix are the location of the host's bundles. If Bucket is empty, the hints
	// of all buckets make the host poll.
	Bucket, Prefix string

	// Refresh makes the host poll; see host.Host.Refresh.
	Refresh func(context.Context)
	Logger  *slog.Logger
}

// Listener listens for notifications until Close.
type Listener struct {
	config     Config
	conn       *nats.Conn
	subscribed chan struct{} // closed when Listen returns
	news       chan struct{} // has capacity one, so that waiting notifications cause one poll
	stop       context.CancelFunc
	stopped    chan struct{}
}

// Listen subscribes to the subject. If NATS cannot be reached, it returns nil all the same, and
// tries to connect until Close.
func Listen(c Config) (*Listener, error) {
	if c.Subject == "" || strings.ContainsAny(c.Subject, " \t\r\n") {
		return nil, fmt.Errorf("push: %q is not a NATS subject", c.Subject)
	}
	if c.Refresh == nil || c.Logger == nil {
		return nil, errors.New("push: Refresh and Logger are required")
	}
	ctx, stop := context.WithCancel(context.Background())
	l := &Listener{config: c, subscribed: make(chan struct{}), news: make(chan struct{}, 1), stop: stop, stopped: make(chan struct{})}
	defer close(l.subscribed)
	var err error
	l.conn, err = nats.Connect(c.URL,
		nats.Name("sortition edge"), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait), nats.ReconnectJitter(reconnectJitter, reconnectJitter), nats.Timeout(connectTimeout),
		nats.ConnectHandler(l.connected),
		nats.ReconnectHandler(l.connected),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // nil when closed
				c.Logger.Warn("the connection to NATS is lost; the host polls until it is back", "err", err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { c.Logger.Warn("NATS", "err", err) }),
	)
	if err == nil {
		_, err = l.conn.Subscribe(c.Subject, func(m *nats.Msg) {
			if l.concerns(m.Data) {
				l.notify()
			}
		})
	}
	if err != nil {
		stop()
		if l.conn != nil {
			l.conn.Close()
		}
		return nil, fmt.Errorf("push: %s: %w", redacted(c.URL), err)
	}
	go l.run(ctx)
	return l, nil
}

// connected makes the host poll, because it may have missed notifications without a connection. It
// first waits until the server has processed the subscription. Otherwise the host would miss
// notifications between the poll and the subscription.
func (l *Listener) connected(conn *nats.Conn) {
	<-l.subscribed
	if conn.FlushTimeout(connectTimeout) != nil {
		return // the connection is lost again; connected is called for the next one
	}
	l.config.Logger.Info("listening for changes on NATS", "subject", l.config.Subject)
	l.notify()
}

// redacted returns a URL without its password.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the URL"
	}
	return u.Redacted()
}

func (l *Listener) notify() {
	select {
	case l.news <- struct{}{}:
	default: // a poll is due already
	}
}

// run polls after notifications, at most once per pause.
func (l *Listener) run(ctx context.Context) {
	defer close(l.stopped)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		select {
		case <-ctx.Done():
			return
		case <-l.news:
		}
		l.config.Refresh(ctx)
		timer.Reset(pause)
	}
}

// concerns reports whether a message is about the host's hint, or is not a known document.
func (l *Listener) concerns(message []byte) bool {
	var event struct {
		Records []struct {
			S3 struct {
				Bucket struct {
					Name string `json:"name"`
				} `json:"bucket"`
				Object struct {
					Key string `json:"key"`
				} `json:"object"`
			} `json:"s3"`
		}
	}
	if len(message) > maxMessage || json.Unmarshal(message, &event) != nil || len(event.Records) == 0 {
		return true
	}
	for _, r := range event.Records {
		key, err := url.QueryUnescape(r.S3.Object.Key) // S3 escapes keys in notifications
		if err != nil || l.isHint(r.S3.Bucket.Name, key) {
			return true
		}
	}
	return false
}

func (l *Listener) isHint(bucket, key string) bool {
	if l.config.Bucket == "" {
		return key == bundle.LatestName || strings.HasSuffix(key, "/"+bundle.LatestName)
	}
	name := strings.TrimPrefix(l.config.Prefix+"/"+bundle.LatestName, "/")
	return bucket == l.config.Bucket && key == name
}

// Close stops listening. It waits for a poll in progress.
func (l *Listener) Close() {
	l.conn.Close()
	l.stop()
	<-l.stopped
}
