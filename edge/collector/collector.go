// Package collector takes exposures and outcomes in over HTTP, and gives them to a sink.
//
//	POST /api/v1/track         one outcome
//	POST /api/v1/track/batch   up to event.MaxOutcomes outcomes
//	POST /api/v1/exposures     an event.ExposureBatch of a host
//	POST /api/v1/hosts         a hostreport.Report of a host
//	GET  /healthz              200 while the process lives
//	GET  /readyz               200 while events are accepted
//	GET  /metrics              Prometheus
//
// Reports of hosts go to the bucket as they come, the newest of each host; one that the
// bucket does not take is lost, and the host sends another.
//
// A request with events is accepted whole or not at all. It is answered 202 once its events are
// fsynced to the spool, a directory of the collector's own; from then on neither a crash
// nor a bucket that is down loses them. When the spool is full the answer is 503 with
// Retry-After. Sealed spool segments become files under the names that package event
// describes.
//
// Unit ids are hashed with a key before they are stored anywhere, and are never logged.
// Whatever is wrong with a request is answered with an RFC 9457 problem document whose
// detail names the field.
//
// This package is internal to Sortition and may change without notice.
package collector

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/service"
	"github.com/sortition-dev/sortition/edge/collector/sink"
	"github.com/sortition-dev/sortition/edge/collector/spool"
)

// Defaults and limits of a Config.
const (
	DefaultRotateEvery = 30 * time.Second
	DefaultSegmentSize = 16 << 20
	DefaultBudget      = 4 << 30
	MinHashKey         = 32 // bytes
	MinBudget          = 4 * event.MaxBatchBytes
)

// Bucket is where reports of hosts go; store.Store is one.
type Bucket interface {
	// Put writes an object, in place of one of that name.
	Put(ctx context.Context, name string, data []byte) error
}

// Config says where events come from and go to. Sink, Bucket, Dir, APIKeys and HashKey are
// required.
type Config struct {
	Sink   sink.Sink
	Bucket Bucket
	Dir    string // of the spool; it belongs to one collector at a time

	// APIKeys are the bearer tokens that are let in.
	APIKeys []string
	// HashKey keys the hash of unit ids. All collectors of an environment share it; with
	// another key the same unit gets another hash, and its outcomes no longer meet its
	// exposures.
	HashKey []byte

	RotateEvery time.Duration // longest wait before accepted events are sent to the sink
	SegmentSize int64         // bytes of spool after which events are sent to the sink sooner
	Budget      int64         // bytes of the spool's files

	Metrics []prometheus.Collector // further ones that /metrics shows, such as those of the sink
	Logger  *slog.Logger           // slog.Default() if nil
	Now     func() time.Time       // time.Now if nil
}

func (c *Config) complete() error {
	if c.Sink == nil {
		return errors.New("no Sink")
	}
	if c.Bucket == nil {
		return errors.New("no Bucket")
	}
	if c.Dir == "" {
		return errors.New("no Dir: the spool needs a directory on a durable disk")
	}
	if len(c.APIKeys) == 0 {
		return errors.New("no APIKeys: nobody could send events")
	}
	for i, key := range c.APIKeys {
		if key == "" {
			return fmt.Errorf("APIKeys[%d] is empty", i)
		}
	}
	if len(c.HashKey) < MinHashKey {
		return fmt.Errorf("HashKey has %d bytes and needs at least %d random ones", len(c.HashKey), MinHashKey)
	}
	if c.RotateEvery == 0 {
		c.RotateEvery = DefaultRotateEvery
	}
	if c.SegmentSize == 0 {
		c.SegmentSize = DefaultSegmentSize
	}
	if c.Budget == 0 {
		c.Budget = DefaultBudget
	}
	if c.RotateEvery < 0 || c.SegmentSize < 0 {
		return errors.New("negative RotateEvery or SegmentSize")
	}
	if c.Budget < MinBudget {
		return fmt.Errorf("the Budget is %d: the spool needs at least %d bytes", c.Budget, int64(MinBudget))
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

// Collector is safe for concurrent use.
type Collector struct {
	config  Config
	keys    *service.Keys // Config.APIKeys
	spool   *spool.Spool
	metrics *metrics
	handler http.Handler

	hosts hosts

	boot     string        // prefix of the ids the collector gives to outcomes
	outcomes atomic.Uint64 // ids given

	shipping sync.Mutex // held while segments go to the sink
}

// New opens the spool and takes over what an earlier collector left in it. Events are
// accepted from now on, and go to the sink while Run runs.
func New(c Config) (*Collector, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	s, err := spool.Open(c.Dir, spool.Options{Budget: c.Budget, SegmentSize: c.SegmentSize})
	if err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	col := &Collector{config: c, keys: service.NewKeys(c.APIKeys), spool: s, metrics: newMetrics(s, c.Metrics), boot: rand.Text()}
	col.handler = col.routes()
	return col, nil
}

// Handler serves the routes in the package comment. It leaves timeouts to the server.
func (c *Collector) Handler() http.Handler { return c.handler }

// Run sends events to the sink until ctx ends, and tries for ever where the sink
// fails. It always returns nil.
func (c *Collector) Run(ctx context.Context) error {
	var rotation sync.WaitGroup
	defer rotation.Wait()
	rotation.Go(func() {
		ticker := time.NewTicker(c.config.RotateEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				c.spool.Seal()
			case <-ctx.Done():
				return
			}
		}
	})
	for {
		select {
		case <-c.spool.Ready():
			c.shipUntilDone(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

// Close refuses further events, waits for those under way and tries once to send the
// spool to the sink. It comes after Run, and is called once. An error says what stays
// in the spool; it is not lost, and the next collector with this directory sends it.
func (c *Collector) Close(ctx context.Context) error {
	c.spool.Stop()
	err := c.ship(ctx)
	if left := c.spool.Usage(); err != nil {
		err = fmt.Errorf("collector: %d segments (%d bytes) stay in %s until the next start: %w", left.Sealed, left.Bytes, c.config.Dir, err)
	}
	return errors.Join(err, c.spool.Close())
}
