package control

import (
	"context"
	"regexp"

	"github.com/sortition-dev/sortition/publisher/expect"
)

// TestInput says which tests are run, and on what.
type TestInput struct {
	// Run selects the tests whose KEY/NAME, or KEY/NUMBER, matches this regular expression; empty
	// selects all.
	Run string

	// Live continues the allocations of the live revision, as publish does.
	Live bool
}

// Tested is what came of the tests.
type Tested struct {
	Passed  int             `json:"passed"`
	Failed  int             `json:"failed"`
	Skipped int             `json:"skipped"`
	Tests   []expect.Result `json:"tests"`
}

// Test runs the tests that the files of the project have.
func (w *Workspace) Test(ctx context.Context, in TestInput) (*Tested, error) {
	var pattern *regexp.Regexp
	if in.Run != "" {
		var err error
		if pattern, err = regexp.Compile(in.Run); err != nil {
			return nil, &Invalid{Field: "run", Problem: err.Error()}
		}
	}
	l, err := w.loadWith(ctx, in.Live)
	if err != nil {
		return nil, err
	}
	results, err := expect.Run(l.project, l.ledger, w.options.Now(), pattern)
	if err != nil {
		return nil, &Misconfigured{err}
	}
	if pattern != nil && len(results) == 0 {
		return nil, invalid("run", "%s matches no test", in.Run)
	}
	return count(results), nil
}

func count(results []expect.Result) *Tested {
	return &Tested{
		Passed: expect.Count(results, expect.Passed), Failed: expect.Count(results, expect.Failed),
		Skipped: expect.Count(results, expect.Skipped), Tests: results,
	}
}
