// Package expect runs the tests in the files of a project. A test expects that a request gets a
// variant, or that it gets none for a reason. The native core decides by the compiled payload.
//
// This package is internal to Sortition and may change without notice.
package expect

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/publisher/native"
	"github.com/sortition-dev/sortition/wasm/request"
)

// Outcome is the outcome of a test.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "passed"
	Failed  Outcome = "failed"
	Skipped Outcome = "skipped" // the experiment or flag is not running
)

// Decision is a variant and a reason.
type Decision struct {
	Variant string `json:"variant"` // key; empty for none
	Reason  string `json:"reason"`
}

func (d Decision) String() string {
	if d.Variant == "" {
		return "no variant, reason " + d.Reason
	}
	return d.Variant + ", reason " + d.Reason
}

// Expectation is a decision that a test expects. An empty part matches every value.
type Expectation Decision

func (e Expectation) String() string {
	switch {
	case e.Reason == "":
		return e.Variant
	case e.Variant == "":
		return "reason " + e.Reason
	}
	return Decision(e).String()
}

func (e Expectation) allows(d Decision) bool {
	return (e.Variant == "" || e.Variant == d.Variant) && (e.Reason == "" || e.Reason == d.Reason)
}

// Result is one test with its outcome.
type Result struct {
	config.Pos
	Key     string      `json:"key"`  // of the experiment or flag
	Name    string      `json:"name"` // the name in the file, or the number of the test, from 1
	Outcome Outcome     `json:"outcome"`
	Want    Expectation `json:"want"`
	Got     Decision    `json:"got"` // empty if skipped
	Why     []string    `json:"why"` // for a failed test, the steps of the decision as publisher explain prints them
}

// Count returns the number of results with an outcome.
func Count(results []Result, outcome Outcome) int {
	n := 0
	for _, r := range results {
		if r.Outcome == outcome {
			n++
		}
	}
	return n
}

// Run runs the tests of a project whose key and name, joined by a slash, match the pattern;
// nil matches all. Tests that name no time run as of now. The project continues the
// allocations of the ledger live, which may be nil. Operations in the ledger do not count,
// because tests are about the files.
func Run(project *config.Project, live *compile.Ledger, now time.Time, pattern *regexp.Regexp) ([]Result, error) {
	if !anyIn(project) {
		return []Result{}, nil
	}
	program, err := compile.Program(project, live.WithoutOperations(), now)
	if err != nil {
		return nil, err
	}
	core, err := native.Compile(program)
	if err != nil {
		return nil, err
	}
	r := &runner{program: program, core: core, request: request.New(), now: now, pattern: pattern, results: []Result{}}
	for _, e := range project.Experiments {
		if err := r.run(e.Key, e.Status, e.Variants, e.Tests); err != nil {
			return nil, err
		}
	}
	for _, f := range project.Flags {
		if err := r.run(f.Key, f.Status, f.Variants, f.Tests); err != nil {
			return nil, err
		}
	}
	return r.results, nil
}

func anyIn(project *config.Project) bool {
	return slices.ContainsFunc(project.Experiments, func(e *config.Experiment) bool { return len(e.Tests) > 0 }) ||
		slices.ContainsFunc(project.Flags, func(f *config.Flag) bool { return len(f.Tests) > 0 })
}

// runner runs tests.
type runner struct {
	program *model.Program
	core    *native.Core
	request *request.Request
	now     time.Time
	pattern *regexp.Regexp
	results []Result
}

// run tries the tests of one experiment or flag.
func (r *runner) run(key string, status config.Status, variants []config.Variant, all []config.Test) error {
	index := slices.IndexFunc(r.program.Experiments, func(e model.Experiment) bool { return e.Key == key })
	for i := range all {
		t := &all[i]
		result := Result{Pos: t.Pos, Key: key, Name: t.Name, Outcome: Skipped, Want: Expectation{Reason: t.Reason}, Why: []string{}}
		if t.Name == "" {
			result.Name = fmt.Sprint(i + 1)
		}
		if t.Variant != model.None {
			result.Want.Variant = variants[t.Variant].Key
		}
		if r.pattern != nil && !r.pattern.MatchString(key+"/"+result.Name) {
			continue
		}
		if status == config.Running {
			if err := r.try(&result, index, t); err != nil {
				return fmt.Errorf("%s: %w", t.Pos, err)
			}
		}
		r.results = append(r.results, result)
	}
	return nil
}

// try decides the request of a test for the experiment or flag at index.
func (r *runner) try(result *Result, index int, t *config.Test) error {
	at := t.At
	if at.IsZero() {
		at = r.now
	}
	r.request.Reset().Now(at)
	for unit, id := range t.Units {
		r.request.Unit(unit, id)
	}
	for name, value := range t.Attributes {
		r.request.Value(name, value)
	}
	given, err := r.core.One(r.request, index)
	if err != nil {
		return err
	}
	if given.Variant != model.None {
		result.Got.Variant = r.program.Experiments[index].Variants[given.Variant].Key
	}
	result.Got.Reason = given.Reason.String()
	result.Outcome = Passed
	if !result.Want.allows(result.Got) {
		result.Outcome = Failed
		result.Why, err = r.why(index, t, at)
	}
	return err
}

// why returns the lines of the explanation of a decision.
func (r *runner) why(index int, t *config.Test, at time.Time) ([]string, error) {
	var text bytes.Buffer
	x := explain.Experiment(r.program, index, explain.Request{Units: t.Units, Attributes: t.Attributes, Now: at})
	if err := explain.WriteText(&text, []explain.Explanation{x}); err != nil {
		return nil, err
	}
	return strings.Split(strings.TrimSpace(text.String()), "\n"), nil
}
