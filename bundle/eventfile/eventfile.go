// Package eventfile writes and reads the Parquet files of events in a bucket: see package
// event for their rows. A file is called
//
//	<prefix>date=2006-01-02/hour=15/<base>.parquet
//
// where prefix is event.ExposuresPrefix or event.OutcomesPrefix, and date and hour are those
// in which the events were received, in UTC.
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
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/event"
	"github.com/sortition-dev/sortition/bundle/store"
)

const extension = ".parquet"

// Row is a row of an event file.
type Row interface {
	event.StoredExposure | event.StoredOutcome
}

// Name returns the name of a file under a prefix. The base has letters, digits and dashes.
func Name(prefix string, hour time.Time, base string) string {
	return prefix + hour.UTC().Format(event.PartitionLayout) + base + extension
}

// shape is that of a name. A name of this shape stays inside the directory that it is joined to.
var shape = regexp.MustCompile(`^events/(exposures|outcomes)/date=\d{4}-\d\d-\d\d/hour=\d\d/[A-Za-z0-9_-][A-Za-z0-9._=-]*\.parquet$`)

// IsName tells whether an object of this name is an event file. Such a name, joined to a
// directory, names a file below it.
func IsName(name string) bool { return shape.MatchString(name) }

// Encode returns a file with the rows: the same bytes for the same rows.
func Encode[R Row](rows []R) ([]byte, error) {
	var data bytes.Buffer
	if err := parquet.Write(&data, rows, parquet.Compression(&zstd.Codec{}), parquet.CreatedBy("sortition", "1", "")); err != nil {
		return nil, fmt.Errorf("cannot write Parquet: %w", err)
	}
	return data.Bytes(), nil
}

// Decode returns the rows of a file.
func Decode[R Row](data []byte) ([]R, error) {
	rows, err := parquet.Read[R](bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("cannot read Parquet: %w", err)
	}
	return rows, nil
}

// Source is the part of a store that is read.
type Source interface {
	bundle.Source
	List(ctx context.Context, prefix string) iter.Seq2[store.Entry, error]
}

// List returns the event files under a prefix, in the order of their names, and passes over
// all other objects. After an error it ends.
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

// Read returns the rows of a file that List has found.
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
