// Package exposure sends the exposures of a host to the collector, off the request path.
//
// A [Queue] drops repeated exposures, so that a unit that returns a hundred times is one exposure.
// It holds a bounded number of exposures in memory, and sends them in batches from one goroutine.
// Nothing on the request path waits for the network.
//
// Every exposure that is not a duplicate gets the next sequence number of the queue's boot, also if
// it is dropped. So a reader of results can see from missing numbers how many exposures were lost,
// and [Stats] says why. At any moment
//
//	Emitted = Sent + Duplicate + Shed + Rejected + Queued + Lost
package exposure

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/model"
)

// Defaults of a Config.
const (
	DefaultWindow   = time.Hour
	DefaultInterval = time.Second
	DefaultCapacity = 65_536
)

// Config configures a [Queue]. Endpoint and Source are required.
type Config struct {
	Endpoint string // base URL of the collector, for example "https://collect.example.com"
	APIKey   string // sent as a bearer token
	Source   string // names this host; at most event.MaxNameLength bytes

	// Window is how long a repeated exposure counts as a duplicate: at least Window, and less
	// than twice as long. It is shorter if more than 2^20 exposures fall into it.
	Window   time.Duration
	Interval time.Duration // longest wait before a batch that is not full is sent
	Capacity int           // exposures in memory; at least event.MaxExposures

	HTTPClient *http.Client     // by default one that does not follow redirects
	Logger     *slog.Logger     // slog.Default() if nil
	Now        func() time.Time // time.Now if nil
}

// Stats counts exposures since [New].
type Stats struct {
	Emitted   uint64 // passed to Add
	Duplicate uint64 // seen within the window; no sequence number
	Sent      uint64 // acknowledged by the collector
	Shed      uint64 // dropped because the queue was full
	Rejected  uint64 // refused by the collector, or over a limit of package event
	Queued    uint64 // waiting, including the batch on its way
	Lost      uint64 // not acknowledged before Close ended, or passed to Add after Close
	Retried   uint64 // requests repeated after a failure; not part of the balance
}

// Queue collects exposures and sends them. It is safe for concurrent use.
type Queue struct {
	config Config
	boot   string
	seed   maphash.Seed

	mu       sync.Mutex
	seq      uint64
	seen     memory
	pending  ring
	inFlight int
	shift    uint // units whose hash is above math.MaxUint64 >> shift are shed
	closed   bool
	stats    Stats
	invalid  bool // an invalid exposure was logged

	wake    chan struct{} // a full batch is waiting
	closing chan struct{}
	done    chan struct{} // the sender has returned
	cancel  context.CancelFunc
}

// New starts a queue with a new boot id. It does not contact the collector.
func New(c Config) (*Queue, error) {
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("exposure: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	q := &Queue{
		config:  c,
		boot:    rand.Text(),
		seed:    maphash.MakeSeed(),
		seen:    newMemory(c.Window, maxRemembered, c.Now()),
		pending: newRing(c.Capacity),
		wake:    make(chan struct{}, 1),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
		cancel:  cancel,
	}
	s, err := newSender(q)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("exposure: %w", err)
	}
	go s.run(ctx)
	return q, nil
}

func (c *Config) complete() error {
	probe := event.ExposureBatch{Source: c.Source, Boot: "boot", Exposures: make([]event.Exposure, 1)}
	if err := probe.Validate(); err != nil {
		return fmt.Errorf("the Source is %q: %w", c.Source, err)
	}
	if c.Window == 0 {
		c.Window = DefaultWindow
	}
	if c.Interval == 0 {
		c.Interval = DefaultInterval
	}
	if c.Capacity == 0 {
		c.Capacity = DefaultCapacity
	}
	if c.Window < 0 || c.Interval < 0 {
		return errors.New("negative Window or Interval")
	}
	if c.Capacity < event.MaxExposures {
		return fmt.Errorf("the Capacity is %d: it must hold at least one batch of %d", c.Capacity, event.MaxExposures)
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return nil
}

// Add records an exposure. It never waits for the network. The queue sets Seq, sets Time
// if it is zero, and keeps e's strings until the exposure is sent.
func (q *Queue) Add(e event.Exposure) {
	now := q.config.Now()
	if e.Time == 0 {
		e.Time = model.MillisOf(now)
	}
	it := item{exposure: e, key: q.fingerprint(&e), unit: unitHash(&e)}
	if err := q.admit(it, now); err != nil {
		q.config.Logger.Error("exposure refused: it would make the collector refuse its whole batch; later ones are counted and not logged",
			"experiment", e.Experiment, "error", err)
	}
}

// admit queues an exposure, or counts why it does not. It returns an error for the first invalid
// exposure only.
func (q *Queue) admit(it item, now time.Time) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stats.Emitted++
	if q.closed {
		q.stats.Lost++
		return nil
	}
	if q.seen.has(it.key, now) {
		q.stats.Duplicate++
		return nil
	}
	q.seq++
	it.exposure.Seq = q.seq
	if err := it.exposure.Validate(now); err != nil {
		q.stats.Rejected++
		if q.invalid {
			return nil
		}
		q.invalid = true
		return err
	}
	if q.pending.full() {
		q.shed()
	}
	if it.unit > q.threshold() {
		q.stats.Shed++
		return nil
	}
	q.seen.add(it.key)
	q.pending.push(it)
	if q.pending.n >= event.MaxExposures {
		select {
		case q.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

// threshold returns the highest unit hash that is admitted.
func (q *Queue) threshold() uint64 { return math.MaxUint64 >> q.shift }

// shed makes room: it halves the share of units that are admitted until it has dropped waiting
// exposures. All exposures of a random sample of units stay, independent of variant and time of
// arrival. A dropped exposure is also removed from the memory of duplicates, so that the unit can
// emit it again when there is room.
func (q *Queue) shed() {
	for q.pending.full() {
		q.shift++
		limit := q.threshold()
		q.pending.drop(func(it *item) bool {
			if it.unit <= limit {
				return false
			}
			q.seen.forget(it.key)
			q.stats.Shed++
			return true
		})
	}
}

// readmit doubles the share of admitted units once the queue has mostly drained.
func (q *Queue) readmit() {
	if q.shift > 0 && q.pending.n < q.config.Capacity/4 {
		q.shift--
	}
}

// fingerprint identifies repetitions of an exposure. Its key is random for each queue, so that
// nobody can choose ids that collide.
func (q *Queue) fingerprint(e *event.Exposure) uint64 {
	var h maphash.Hash
	h.SetSeed(q.seed)
	h.WriteString(e.Experiment)
	h.WriteByte(0)
	h.WriteString(e.Variant)
	h.WriteByte(0)
	maphash.WriteComparable(&h, e.Phase)
	h.WriteString(e.Unit)
	h.WriteByte(0)
	h.WriteString(e.UnitID)
	return h.Sum64()
}

// unitHash returns a hash of the exposure's unit. It is the same on every host, so that all hosts
// shed the same units. It has a salt of its own, which makes it independent of every draw.
func unitHash(e *event.Exposure) uint64 {
	var d xxhash.Digest
	d.Reset()
	d.WriteString("shed\x00")
	d.WriteString(e.Unit)
	d.WriteString("\x00")
	d.WriteString(e.UnitID)
	return d.Sum64()
}

// Boot returns the queue's random boot id.
func (q *Queue) Boot() string { return q.boot }

// Stats returns the current counts, which balance.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.stats
	s.Queued = uint64(q.pending.n + q.inFlight)
	return s
}

// Close sends the waiting exposures. It returns when the collector has accepted or refused all of
// them, or when ctx ends. It counts the others as lost, and returns an error if there are any. The
// collector may have stored the last batch all the same. Exposures added after Close are lost too.
// Close may be called again.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.closing)
	}
	q.mu.Unlock()

	select {
	case <-q.done:
	case <-ctx.Done():
		q.cancel()
		<-q.done
	}
	if lost := q.Stats().Lost; lost > 0 {
		return fmt.Errorf("exposure: %d exposures were lost: the collector did not acknowledge them before the queue was closed", lost)
	}
	return nil
}
