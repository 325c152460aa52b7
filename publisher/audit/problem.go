package audit

import (
	"errors"
	"fmt"
)

// Fault is a kind of tampering with a log.
type Fault string

// The faults.
const (
	// Missing: an object or a range of revisions was deleted.
	Missing Fault = "missing"
	// Altered: an object is not the one that was signed.
	Altered Fault = "altered"
	// Misplaced: a manifest has the name of another.
	Misplaced Fault = "misplaced"
	// Contradictory: signed objects contradict each other, such as an entry and its manifest,
	// or an entry and the one before. Only a holder of the keys can cause this.
	Contradictory Fault = "contradictory"
	// Rewritten: the log is consistent, but it does not continue a head that was seen before.
	// Only a holder of the keys can cause this.
	Rewritten Fault = "rewritten"
)

// Problem is one fault and where it is.
type Problem struct {
	Fault Fault `json:"fault"`
	// First and Last are the first and last revision concerned.
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
	// Object is the object at fault; empty if it is not one object.
	Object string `json:"object,omitempty"`
	Detail string `json:"detail"`
}

// ErrTampered is wrapped by every [*Problem].
var ErrTampered = errors.New("the audit log was tampered with")

// Error returns the place, the fault and the detail.
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

// problem returns a Problem about one object of a revision.
func problem(fault Fault, revision uint64, object, detail string, args ...any) *Problem {
	return &Problem{fault, revision, revision, object, fmt.Sprintf(detail, args...)}
}
