// Package bucket is a sink that writes Parquet files to a bucket; see package eventfile. A segment
// becomes at most one file for each kind of event and hour of receipt. Files are named after the
// segment, and always have the same bytes for the same segment. So the sink does not write a file
// again that exists.
//
// This package is internal to Sortition and may change without notice.
package bucket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/eventfile"
	"github.com/sortition-dev/sortition/bundle/store"
	"github.com/sortition-dev/sortition/edge/collector/sink"
)

// uploadTimeout bounds the upload of one file.
const uploadTimeout = 2 * time.Minute

// Store is the part of a [store.Store] that a [Sink] writes to.
type Store interface {
	// Create writes a new object and returns after it is durable. If there is an object of
	// that name, it returns store.ErrExists. It does not keep the data.
	Create(ctx context.Context, name string, data []byte) error
}

// Sink writes event files. It is safe for concurrent use, and writes one segment at a time.
type Sink struct {
	store   Store
	uploads prometheus.Counter

	mu        sync.Mutex // held while a segment is written
	exposures files[event.StoredExposure]
	outcomes  files[event.StoredOutcome]
}

// New returns a Sink that writes to s.
func New(s Store) *Sink {
	return &Sink{
		store: s,
		uploads: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sortition_collector_uploads_total", Help: "Event files written to the bucket, or found there already.",
		}),
		exposures: files[event.StoredExposure]{prefix: event.ExposuresPrefix},
		outcomes:  files[event.StoredOutcome]{prefix: event.OutcomesPrefix},
	}
}

// Metrics returns the metrics of the sink.
func (s *Sink) Metrics() []prometheus.Collector { return []prometheus.Collector{s.uploads} }

// Write implements [sink.Sink].
func (s *Sink) Write(ctx context.Context, segment string, batches iter.Seq2[*sink.Batch, error]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.exposures.begin()
	s.outcomes.begin()
	for b, err := range batches {
		if err != nil {
			return err
		}
		hour := b.Received.Time().Truncate(time.Hour).Unix()
		s.exposures.rows = b.AppendExposures(s.exposures.rows)
		s.outcomes.rows = b.AppendOutcomes(s.outcomes.rows)
		if err := errors.Join(s.exposures.write(hour), s.outcomes.write(hour)); err != nil {
			return err
		}
	}
	if err := s.exposures.upload(ctx, s, segment); err != nil {
		return err
	}
	return s.outcomes.upload(ctx, s, segment)
}

// files are the files of one kind of event, one for each hour of receipt. Their buffers are kept
// for the next segment, except those of hours beyond the first.
type files[Row eventfile.Row] struct {
	prefix string
	rows   []Row // of one batch
	open   map[int64]*eventfile.Writer[Row]
	spare  *eventfile.Writer[Row]
}

func (f *files[Row]) begin() {
	f.rows = f.rows[:0]
	f.open = make(map[int64]*eventfile.Writer[Row])
}

// write moves the rows into the file of an hour.
func (f *files[Row]) write(hour int64) error {
	if len(f.rows) == 0 {
		return nil
	}
	w := f.open[hour]
	if w == nil {
		if w = f.spare; w == nil {
			w = eventfile.NewWriter[Row]()
		} else {
			w.Reset()
			f.spare = nil
		}
		f.open[hour] = w
	}
	err := w.Write(f.rows)
	clear(f.rows) // they hold the strings of their batch
	f.rows = f.rows[:0]
	if err != nil {
		return fmt.Errorf("%w: %w", sink.ErrRefused, err)
	}
	return nil
}

func (f *files[Row]) upload(ctx context.Context, s *Sink, segment string) error {
	for _, hour := range slices.SortedFunc(maps.Keys(f.open), cmp.Compare[int64]) {
		data, err := f.open[hour].Finish()
		if err != nil {
			return fmt.Errorf("%w: %w", sink.ErrRefused, err)
		}
		if err := s.upload(ctx, eventfile.Name(f.prefix, time.Unix(hour, 0), segment), data); err != nil {
			return err
		}
		f.spare = f.open[hour]
	}
	f.open = nil
	return nil
}

func (s *Sink) upload(ctx context.Context, name string, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	err := s.store.Create(ctx, name, data)
	if err != nil && !errors.Is(err, store.ErrExists) {
		return fmt.Errorf("%s: %w", name, err)
	}
	s.uploads.Inc()
	return nil
}
