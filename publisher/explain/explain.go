// Package explain decides by walking a compiled program step by step, and records what it
// finds at each step.
//
// It is deliberately simple: it has no index and no prepared values, evaluates every
// audience as a tree, and parses every literal from its text. It shares no code with
// wasm/assign. The two are independent implementations of the same rules, which
// differential tests compare. The command publisher explain prints the result of this one.
//
// This package is internal to Sortition and may change without notice.
package explain

import (
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// Request is what is known about a visitor.
type Request struct {
	Units map[string]string // unit type to id; an empty id counts as missing

	// Attributes holds values by name: string, float64, int64, bool, time.Time or
	// []string. A value that does not fit the declared type counts as missing. A
	// version is a string; a time may also be an int64 (milliseconds since the Unix
	// epoch) or an RFC 3339 string.
	Attributes map[string]any

	Now time.Time
}

// Decision is the result of a walk.
type Decision struct {
	Variant int // index into the experiment's variants, or model.None
	Reason  abi.Reason
	Rule    int // the rule that gave the variant (reason split), or model.None
}

// Explanation is a decision and the steps that led to it.
type Explanation struct {
	Experiment string
	Kind       model.Kind
	Unit       string // unit type
	UnitID     string // empty if the request has none
	Decision
	VariantKey string // empty if no variant was given
	Steps      []Step
}

// Step is one step of a walk. Steps after the one that ended the walk do not appear.
type Step struct {
	Name   string // the step: "unit", "kill_switch", "override", … "split"
	Detail string // one line for people
	Passed bool   // nothing in this step prevents assigning the unit
	Rule   int    // index of the rule that the step belongs to, or model.None

	Draw *Draw // where one was made

	Slots    []model.Range // layer: the slots that the rule owns, in the order of positions; holdout: those held out
	Position int           // layer, traffic: the rank of the slot in Slots; model.None elsewhere and outside
	Traffic  int           // layer, traffic: positions below it are enrolled now
	Ramp     []model.Step  // traffic: the rule's ramp
	RampStep int           // traffic: index of the step of Ramp that gives Traffic; model.None elsewhere and before the first
	Shares   []Share       // split: the variant slots of each variant

	Prerequisite *Prerequisite // what was required of another experiment or flag

	Expression string // the audience
	Tests      []Test // each test of the audience, in the order written
}

// Share says that a variant has the variant slots from From up to, not including, To.
type Share struct {
	Variant  string // key
	From, To int
}

// Prerequisite is what one experiment requires of another, and what the other gives.
type Prerequisite struct {
	Experiment string     // key of the other experiment or flag
	Required   []string   // keys of its variants, of which it must give one
	Variant    string     // key of the variant that it gives, empty if none
	Reason     abi.Reason // of its decision
}

// Test is one test of an audience and its result.
type Test struct {
	Expression string
	Value      string // what the request has, or why that counts as missing
	Result     Result
}

// Experiment explains the decision for experiment i of p. The program must be valid.
func Experiment(p *model.Program, i int, r Request) Explanation {
	e := &p.Experiments[i]
	w := walk{program: p, experiment: e, request: r, recording: true}
	x := Explanation{
		Experiment: e.Key, Kind: e.Kind,
		Unit: p.Units[e.Unit], UnitID: r.Units[p.Units[e.Unit]],
		Decision: w.decide(),
	}
	if x.Variant != model.None {
		x.VariantKey = e.Variants[x.Variant].Key
	}
	x.Steps = w.steps
	return x
}

// All explains every experiment and flag of p, in key order.
func All(p *model.Program, r Request) []Explanation {
	all := make([]Explanation, len(p.Experiments))
	for i := range all {
		all[i] = Experiment(p, i, r)
	}
	return all
}

// Decide returns the decision that [Experiment] explains, without the steps.
func Decide(p *model.Program, i int, r Request) Decision {
	w := walk{program: p, experiment: &p.Experiments[i], request: r}
	return w.decide()
}

// hashID is the hash under which override lists and segments hold a unit id.
func hashID(id string) uint64 { return xxhash.Sum64String(id) }
