// Package sink defines how the collector stores events: it passes the segments of its spool to a
// [Sink], one at a time.
//
// This package is internal to Sortition and may change without notice.
package sink

import (
	"context"
	"errors"
)

// Sink stores the events of segments.
type Sink interface {
	// Write stores the events of a segment. It returns nil after they are durable. After an
	// error, the collector calls it again with the same segment. After a crash it does so too,
	// even if the first call succeeded: writing a segment again must not change what readers
	// count. The name of a segment consists of letters, digits and dashes. It always names the
	// same batches.
	//
	// An error that wraps ErrRefused says that no call with this segment will succeed.
	Write(ctx context.Context, segment string, batches []*Batch) error
}

// ErrRefused says that a sink can never store a segment. The collector sets it aside.
var ErrRefused = errors.New("the segment cannot be stored")

// Tally counts the events of a segment.
type Tally struct {
	Exposures, Outcomes                   int
	DuplicateExposures, DuplicateOutcomes int // events that Distinct left out
}

// Distinct removes repetitions of events, which clients may send twice, from the batches of a
// segment. It returns the counts. Readers ignore repetitions in other segments.
func Distinct(batches []*Batch) Tally {
	type exposureID struct {
		source, boot string
		seq          uint64
	}
	var t Tally
	exposures, outcomes := make(map[exposureID]bool), make(map[string]bool)
	for _, b := range batches {
		before := len(b.Exposures)
		b.Exposures = keepNew(b.Exposures, exposures, func(x *Exposure) exposureID { return exposureID{b.Source, b.Boot, x.Seq} })
		t.Exposures += len(b.Exposures)
		t.DuplicateExposures += before - len(b.Exposures)

		before = len(b.Outcomes)
		b.Outcomes = keepNew(b.Outcomes, outcomes, func(o *Outcome) string { return o.ID })
		t.Outcomes += len(b.Outcomes)
		t.DuplicateOutcomes += before - len(b.Outcomes)
	}
	return t
}

// keepNew returns the events whose id is not in seen, and adds their ids to it. It reuses the
// memory of events.
func keepNew[Event any, ID comparable](events []Event, seen map[ID]bool, id func(*Event) ID) []Event {
	kept := events[:0]
	for i := range events {
		key := id(&events[i])
		if !seen[key] {
			seen[key] = true
			kept = append(kept, events[i])
		}
	}
	return kept
}
