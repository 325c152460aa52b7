// Package eventfile writes and reads the Parquet files of events in a bucket. See package event for
// their rows. The name of a file is
//
//	<prefix>date=2006-01-02/hour=15/<base>.parquet
//
// where prefix is event.ExposuresPrefix or event.OutcomesPrefix, and date and hour are the time of
// receipt in UTC.
//
// This package is internal to Sortition and may change without notice.
package eventfile

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"regexp"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/store"
)

const extension = ".parquet"

// Row is a row of an event file.
type Row interface {
	event.StoredExposure | event.StoredOutcome
}

// Name returns the name of a file under a prefix. The base consists of letters, digits and dashes.
func Name(prefix string, hour time.Time, base string) string {
	return prefix + hour.UTC().Format(event.PartitionLayout) + base + extension
}

// shape matches the names of event files. Joined to a directory, such a name stays below it.
var shape = regexp.MustCompile(`^events/(exposures|outcomes)/date=\d{4}-\d\d-\d\d/hour=\d\d/[A-Za-z0-9_-][A-Za-z0-9._=-]*\.parquet$`)

// IsName reports whether name is the name of an event file. Joined to a directory, such a name is
// that of a file below the directory.
func IsName(name string) bool { return shape.MatchString(name) }

// Decode returns the rows of a file.
func Decode[R Row](data []byte) ([]R, error) {
	rows, err := parquet.Read[R](bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("cannot read Parquet: %w", err)
	}
	return rows, nil
}

// Source is the part of a store that this package reads.
type Source interface {
	bundle.Source
	List(ctx context.Context, prefix string) iter.Seq2[store.Entry, error]
}

// List returns the event files under a prefix in the order of their names, without other objects.
// The sequence ends after an error.
func List(ctx context.Context, s Source, prefix string) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		for entry, err := range s.List(ctx, prefix) {
			if err != nil {
				yield(store.Entry{}, fmt.Errorf("list %s in the bucket: %w", prefix, err))
				return
			}
			if IsName(entry.Name) && !yield(entry, nil) {
				return
			}
		}
	}
}

// Read returns the rows of a file that [List] returned.
func Read[R Row](ctx context.Context, s Source, entry store.Entry) ([]R, error) {
	object, err := s.Get(ctx, entry.Name, "", entry.Size)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", entry.Name, err)
	}
	rows, err := Decode[R](object.Data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", entry.Name, err)
	}
	return rows, nil
}
