package audit

import (
	"errors"
	"fmt"
)

// Fault says in what way a log was tampered with.
type Fault string

// The faults.
const (
	// Missing: an object or a range of revisions was deleted.
	Missing Fault = "missing"
	// Altered: an object is not the one that was signed.
	Altered Fault = "altered"
	// Misplaced: a manifest stands under the name of another.
	Misplaced Fault = "misplaced"
	// Contradictory: what was signed does not agree: an entry with its manifest, or with
	// the entry before. Only a holder of the keys can make it so.
	Contradictory Fault = "contradictory"
	// Rewritten: all agrees, but it does not continue a head that was seen before. Only
	// a holder of the keys can make it so.
	Rewritten Fault = "rewritten"
)

// Problem is one fault and where it is.
type Problem struct {
	Fault Fault `json:"fault"`
	// First and Last are the revisions concerned.
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
	// Object is the object at fault; empty if it is not one object.
	Object string `json:"object,omitempty"`
	Detail string `json:"detail"`
}

// ErrTampered is what every Problem is.
var ErrTampered = errors.New("the audit log was tampered with")

// Error tells where and what.
func (p *Problem) Error() string {
	where := fmt.Sprintf("revision %d", p.First)
	if p.Last > p.First {
		where = fmt.Sprintf("revisions %d to %d", p.First, p.Last)
	}
	if p.Object != "" {
		where += ": " + p.Object
	}
	return fmt.Sprintf("%s: %s: %s", where, p.Fault, p.Detail)
}

// Unwrap makes a Problem an ErrTampered.
func (p *Problem) Unwrap() error { return ErrTampered }

// problem is one about one object of a revision.
func problem(fault Fault, revision uint64, object, detail string, args ...any) *Problem {
	return &Problem{fault, revision, revision, object, fmt.Sprintf(detail, args...)}
}
