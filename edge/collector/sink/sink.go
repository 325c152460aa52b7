// Package sink defines how the collector stores events: it passes the segments of its spool to a
// [Sink], one at a time.
//
// This package is internal to Sortition and may change without notice.
package sink

import (
	"context"
	"errors"
	"iter"
)

// Sink stores the events of segments.
type Sink interface {
	// Write stores the events of a segment. It returns nil after they are durable. After an
	// error, the collector calls it again with the same segment. After a crash it does so too,
	// even if the first call succeeded: writing a segment again must not change what readers
	// count. The name of a segment consists of letters, digits and dashes. It always names the
	// same batches.
	//
	// The batches are read from disk one by one, so that a segment need not fit into memory.
	// Each is valid until the next. They may be read several times. An error among them is one
	// of the disk: Write stops and returns it.
	//
	// An error that wraps ErrRefused says that no call with this segment will succeed.
	Write(ctx context.Context, segment string, batches iter.Seq2[*Batch, error]) error
}

// ErrRefused says that a sink can never store a segment. The collector sets it aside.
var ErrRefused = errors.New("the segment cannot be stored")
