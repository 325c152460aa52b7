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
	"maps"
	"slices"
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
	// that name, it returns store.ErrExists.
	Create(ctx context.Context, name string, data []byte) error
}

// Sink writes event files. It is safe for concurrent use.
type Sink struct {
	store   Store
	uploads prometheus.Counter
}

// New returns a Sink that writes to s.
func New(s Store) *Sink {
	return &Sink{s, prometheus.NewCounter(prometheus.CounterOpts{
		Name: "sortition_collector_uploads_total", Help: "Event files written to the bucket, or found there already.",
	})}
}

// Metrics returns the metrics of the sink.
func (s *Sink) Metrics() []prometheus.Collector { return []prometheus.Collector{s.uploads} }

// file is an object to write.
type file struct {
	name string
	data []byte
}

// Write implements [sink.Sink].
func (s *Sink) Write(ctx context.Context, segment string, batches []*sink.Batch) error {
	exposures, outcomes := map[int64][]event.StoredExposure{}, map[int64][]event.StoredOutcome{}
	for _, b := range batches {
		hour := b.Received.Time().Truncate(time.Hour).Unix()
		if len(b.Exposures) > 0 {
			exposures[hour] = append(exposures[hour], b.StoredExposures()...)
		}
		if len(b.Outcomes) > 0 {
			outcomes[hour] = append(outcomes[hour], b.StoredOutcomes()...)
		}
	}
	files, err := encode(nil, event.ExposuresPrefix, segment, exposures)
	if err == nil {
		files, err = encode(files, event.OutcomesPrefix, segment, outcomes)
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := s.upload(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// encode appends the files of one kind of event, one for each hour of receipt.
func encode[Row eventfile.Row](files []file, prefix, segment string, hours map[int64][]Row) ([]file, error) {
	for _, hour := range slices.SortedFunc(maps.Keys(hours), cmp.Compare[int64]) {
		data, err := eventfile.Encode(hours[hour])
		if err != nil {
			return nil, fmt.Errorf("%w: %w", sink.ErrRefused, err)
		}
		files = append(files, file{eventfile.Name(prefix, time.Unix(hour, 0), segment), data})
	}
	return files, nil
}

func (s *Sink) upload(ctx context.Context, f file) error {
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	err := s.store.Create(ctx, f.name, f.data)
	if err != nil && !errors.Is(err, store.ErrExists) {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	s.uploads.Inc()
	return nil
}
