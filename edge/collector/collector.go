// Package collector receives exposures and outcomes over HTTP, and writes them to a sink.
//
//	POST /api/v1/track         one outcome
//	POST /api/v1/track/batch   up to event.MaxOutcomes outcomes
//	POST /api/v1/exposures     an event.ExposureBatch of a host
//	POST /api/v1/hosts         a hostreport.Report of a host
//	GET  /healthz              200 while the process lives
//	GET  /readyz               200 while events are accepted
//	GET  /metrics              Prometheus
//
// Bodies are JSON; exposures may also be msgpack, with the same names. A Content-Encoding of zstd
// or gzip is undone. Other types and encodings are answered 415. The bodies in progress share a
// bounded memory, for which a request waits; see MaxInFlight.
//
// The collector accepts a request with events as a whole or refuses it as a whole. It answers 202
// after the events are fsynced to the spool, a directory of its own. From then on, neither a crash
// nor a bucket that is down loses them. When the spool is full, it answers 503 with Retry-After. It
// writes sealed segments of the spool to the sink. See package event for the files in the bucket.
//
// The newest report of each host goes to the bucket at once. If that fails the report is lost, and
// the host sends the next one.
//
// Unit ids are hashed with a key before they are stored, and are never logged. The answer to an
// invalid request is an RFC 9457 problem document, whose detail names the field.
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
	"runtime"
	"strconv"
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
	DefaultSegmentSize = 4 << 20 // the sink holds the files of one segment in memory
	DefaultBudget      = 4 << 30
	MinHashKey         = 32 // bytes
	MinBudget          = 4 * event.MaxBatchBytes
)

// Bucket stores the reports of hosts. A store.Store is a Bucket.
type Bucket interface {
	// Put writes an object. It replaces an object of the same name.
	Put(ctx context.Context, name string, data []byte) error
}

// Config configures a [Collector]. Sink, Bucket, Dir, APIKeys and HashKey are required.
type Config struct {
	Sink   sink.Sink
	Bucket Bucket // for the reports of hosts
	Dir    string // of the spool; only one collector may use it at a time

	// APIKeys are the accepted bearer tokens.
	APIKeys []string
	// HashKey is the key of the hash of unit ids. All collectors of an environment must have
	// the same key. With another key a unit gets another hash, so that its outcomes no longer
	// match its exposures.
	HashKey []byte

	RotateEvery time.Duration // longest wait before accepted events are sent to the sink
	SegmentSize int64         // bytes of spool after which events are sent to the sink sooner
	Budget      int64         // bytes of the spool's files

	Metrics []prometheus.Collector // more metrics for /metrics, such as those of the sink
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
		return errors.New("no APIKeys: without one, nobody can send events")
	}
	for i, key := range c.APIKeys {
		if key == "" {
			return fmt.Errorf("APIKeys[%d] is empty", i)
		}
	}
	if len(c.HashKey) < MinHashKey {
		return fmt.Errorf("the HashKey has %d bytes; it needs at least %d random bytes", len(c.HashKey), MinHashKey)
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

// Collector receives events and writes them to a sink. It is safe for concurrent use.
type Collector struct {
	config  Config
	keys    *service.Keys // Config.APIKeys
	spool   *spool.Spool
	metrics *metrics
	handler http.Handler

	hosts hosts

	inFlight *inFlight
	decoders chan *decoder // that are free

	boot     string        // prefix of the ids that the collector gives to outcomes
	outcomes atomic.Uint64 // ids given

	shipping sync.Mutex     // held while segments are written to the sink
	distinct *sink.Distinct // of the segment that is written
	batch    sink.Batch     // that was decoded last from the segment
}

// New opens the spool, including the events that an earlier collector left in it. The collector
// accepts events from now on, and writes them to the sink while Run runs.
func New(c Config) (*Collector, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	s, err := spool.Open(c.Dir, spool.Options{Budget: c.Budget, SegmentSize: c.SegmentSize})
	if err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	col := &Collector{
		config: c, keys: service.NewKeys(c.APIKeys), spool: s,
		inFlight: newInFlight(), decoders: make(chan *decoder, min(maxDecoders, runtime.GOMAXPROCS(0))),
		boot: rand.Text(), distinct: sink.NewDistinct(),
	}
	for range cap(col.decoders) {
		col.decoders <- newDecoder(c.HashKey, col.newID)
	}
	col.metrics = newMetrics(s, col.inFlight, c.Metrics)
	col.handler = col.routes()
	return col, nil
}

// newID returns an id for an outcome that has none.
func (c *Collector) newID() string {
	return c.boot + "-" + strconv.FormatUint(c.outcomes.Add(1), 10)
}

// Handler returns the handler of the routes in the package comment. It sets no timeouts.
func (c *Collector) Handler() http.Handler { return c.handler }

// Run writes events to the sink until ctx ends. If the sink fails, Run tries again without a limit.
// It always returns nil.
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

// Close refuses further events, waits for requests in progress, and tries once to write the spool
// to the sink. Call it once, after Run has returned. The error says what stays in the spool. That
// is not lost: the next collector with this directory writes it.
func (c *Collector) Close(ctx context.Context) error {
	c.spool.Stop()
	err := c.ship(ctx)
	if left := c.spool.Usage(); err != nil {
		err = fmt.Errorf("collector: %d segments (%d bytes) stay in %s until the next start: %w", left.Sealed, left.Bytes, c.config.Dir, err)
	}
	return errors.Join(err, c.spool.Close())
}
