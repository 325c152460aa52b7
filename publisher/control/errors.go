package control

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/publisher/closest"
	"github.com/sortition-dev/sortition/publisher/plan"
)

// Errors of calls that lack a value of [Options].
var (
	ErrNoKeys   = errors.New("no keys are given to sign with")
	ErrNoEngine = errors.New("no engine is given to read events with")
)

// Invalid says that the input of a call is wrong.
type Invalid struct {
	Field   string // of the input, as its JSON would name it; empty if it is no single one
	Problem string
	Hint    string // what to do; may be empty
}

func (e *Invalid) Error() string {
	text := e.Problem
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	return text + hintSuffix(e.Hint)
}

func hintSuffix(hint string) string {
	if hint == "" {
		return ""
	}
	return "; " + hint
}

// invalid makes an [Invalid] without a hint.
func invalid(field, format string, args ...any) *Invalid {
	return &Invalid{Field: field, Problem: fmt.Sprintf(format, args...)}
}

// unknown is an [Invalid] about a name that is none of those that are known.
func unknown(field, problem, name, what string, known []string) *Invalid {
	return &Invalid{Field: field, Problem: problem, Hint: closest.Hint(name, what, known)}
}

// Misconfigured says that the project cannot be used as it is configured: a file that it names is
// missing, or what its files say together does not compile.
type Misconfigured struct{ Err error }

func (e *Misconfigured) Error() string { return e.Err.Error() }
func (e *Misconfigured) Unwrap() error { return e.Err }

// Refused says that a gate, a test or a person stopped a publication. Nothing was published.
type Refused struct {
	Plan     *plan.Plan    `json:"plan,omitempty"`     // nil if a test failed
	Gates    []plan.Breach `json:"gates,omitempty"`    // those that are not overridden
	Tests    *Tested       `json:"tests,omitempty"`    // nil unless a test failed
	Declined bool          `json:"declined,omitempty"` // by [Approval.Approve]
}

func (e *Refused) Error() string {
	switch {
	case e.Tests != nil && e.Tests.Failed == 1:
		return "not published: 1 test failed"
	case e.Tests != nil:
		return fmt.Sprintf("not published: %d tests failed", e.Tests.Failed)
	case len(e.Gates) > 0:
		return "not published: gates stop it: " + strings.Join(gateNames(e.Gates), ", ")
	}
	return "not published"
}

func gateNames(breaches []plan.Breach) []string {
	var names []string
	for _, b := range breaches {
		if !slices.Contains(names, b.Gate) {
			names = append(names, b.Gate)
		}
	}
	return names
}
