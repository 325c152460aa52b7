package payload

import (
	"fmt"

	"github.com/sortition-dev/sortition/wasm/request"
)

// Work bounds the cost of deciding everything for one request, over all possible requests.
type Work struct {
	Words     int `json:"words"`     // words of the audience index that are read
	Tests     int `json:"tests"`     // residual tests that are made
	Steps     int `json:"steps"`     // bytes that those tests look at
	Decisions int `json:"decisions"` // experiments and flags that are decided
}

// MaxWork is the largest cost that a publisher accepts. At about 1 ns for a word or a step and
// 100 ns for a decision, the most expensive request takes about 30 ms on one CPU. Ordinary
// requests take less than a hundredth of that.
var MaxWork = Work{Words: 4 << 20, Tests: 100_000, Steps: 16 << 20, Decisions: 200_000}

// Exceeds returns the first part of w that is over the limit, as text, or "" if none is.
func (w Work) Exceeds(limit Work) string {
	for _, c := range []struct {
		what     string
		n, limit int
	}{
		{"words of the audience index", w.Words, limit.Words},
		{"residual tests", w.Tests, limit.Tests},
		{"bytes looked at by residual tests", w.Steps, limit.Steps},
		{"decisions", w.Decisions, limit.Decisions},
	} {
		if c.n > c.limit {
			return fmt.Sprintf("%d %s; the limit is %d", c.n, c.what, c.limit)
		}
	}
	return ""
}

// String returns the bounds as a phrase for people.
func (w Work) String() string {
	return fmt.Sprintf("at most %d index words, %d residual tests over %d bytes, %d decisions", w.Words, w.Tests, w.Steps, w.Decisions)
}

// The residual tests whose cost depends on their argument, as the payload numbers them, and
// the one for elapsed time.
const (
	opPrefix, opSuffix, opContains, opMatches = 1, 2, 3, 4

	opElapsed = 8

	fixedTestSteps = 256 // two version keys: the longest values that are compared
)

// Work computes the bound of the payload.
func (r *Reader) Work() (Work, error) {
	c := r.columnReader()
	ops, arguments := c.u8("test.op"), c.u64("test.argument")
	w := Work{Words: len(c.u16("block.axis")), Tests: len(ops), Decisions: len(c.u8("experiment.kind"))}
	if err := c.sameLength(len(ops), len(arguments)); err != nil {
		return Work{}, err
	}
	for i, op := range ops {
		switch op {
		case opPrefix, opSuffix:
			w.Steps += len(c.string(uint32(arguments[i])))
		case opContains:
			w.Steps += request.MaxStringLength * max(1, len(c.string(uint32(arguments[i]))))
		case opMatches:
			w.Steps += request.MaxStringLength + 1
		default:
			w.Steps += fixedTestSteps
		}
	}
	return w, c.err
}
