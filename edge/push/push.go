// Package push tells a host at once that its bucket has news, by notifications of the
// bucket on a NATS subject.
//
// S3 servers that notify NATS, such as versitygw and MinIO, publish a JSON document for
// each object that is written. One about the hint, latest.json, of the host's bucket makes
// the host look; so does any message that is no such document, for those who notify by
// themselves. What a message says is not trusted, and not needed: the host looks at the
// bucket as it does at each poll, and goes on polling. Without NATS it knows as soon as
// it did before.
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
	// pause is the shortest time between two looks, so that whoever may publish on the
	// subject cannot make hosts do more than some polls a second.
	pause = 200 * time.Millisecond

	// reconnectWait is the time between attempts to reach NATS, of which there is no end.
	reconnectWait   = time.Second
	reconnectJitter = time.Second

	// connectTimeout bounds each attempt.
	connectTimeout = 5 * time.Second

	// maxMessage bounds what is read of a message, in bytes. Longer ones count as news.
	maxMessage = 64 << 10
)

// Config says what is listened to.
type Config struct {
	URL     string // for example nats://host:4222; several separated by commas
	Subject string

	// Bucket and Prefix are where the host's bundles are. If Bucket is empty, the hint of
	// every bucket counts.
	Bucket, Prefix string

	// Refresh makes the host look; see host.Host.Refresh.
	Refresh func(context.Context)
	Logger  *slog.Logger
}

// Listener listens until Close.
type Listener struct {
	config     Config
	conn       *nats.Conn
	subscribed chan struct{} // closed when Listen is done
	news       chan struct{} // holds one: news that come together are one
	stop       context.CancelFunc
	stopped    chan struct{}
}

// Listen subscribes. That NATS cannot be reached is no error: it is tried for ever.
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

// connected looks, because there may have been news meanwhile: once the server has
// answered to what was sent before, and so knows the subscription. News that came between
// a look and the subscription would be lost.
func (l *Listener) connected(conn *nats.Conn) {
	<-l.subscribed
	if conn.FlushTimeout(connectTimeout) != nil {
		return // the connection is lost already; the next one looks
	}
	l.config.Logger.Info("listening for changes on NATS", "subject", l.config.Subject)
	l.notify()
}

// redacted is a URL without its password.
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
	default: // a look is due already, and will see this as well
	}
}

// run looks when there is news.
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

// concerns tells whether a message is about the host's hint, or cannot be told apart.
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
		key, err := url.QueryUnescape(r.S3.Object.Key) // as S3 writes it
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

// Close stops listening. It waits for a look that is under way.
func (l *Listener) Close() {
	l.conn.Close()
	l.stop()
	<-l.stopped
}
