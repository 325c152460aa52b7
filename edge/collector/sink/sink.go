// Package sink is the seam between the collector's spool and where events go. A sink gets the
// segments of the spool, one after the other, and returns when it has stored a segment.
//
// This package is internal to Sortition and may change without notice.
package sink

import (
	"context"
	"errors"
)

// Sink stores the events of segments.
type Sink interface {
	// Write stores the events of a segment. It returns nil after they are durable; after
	// an error the collector calls it again with the same segment, and so it does after a
	// crash, whether or not the first call succeeded. Writing a segment again must change
	// nothing that a reader counts. A segment's name is made of letters, digits and
	// dashes, is never used for other events, and names the same batches in every call.
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

// Distinct removes the events from the batches that an earlier place in them has already,
// because a client sent them twice, and counts. Across segments, readers leave duplicates out.
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
