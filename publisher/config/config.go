// Package config reads a project directory: sortition.yaml, experiments/*.yaml and
// flags/*.yaml. Load reports every mistake at once, each with its place in the files,
// and gives a Project in which every name is resolved and every expression compiled.
//
// The files are described by Sortition, ExperimentFile and FlagFile, whose values carry
// their positions; Schema derives a JSON Schema for editors from the same types.
package config

import (
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Names inside a project directory.
const (
	ProjectFile    = "sortition.yaml"
	ExperimentsDir = "experiments"
	FlagsDir       = "flags"

	DefaultRoot = "keys/root.json"
	DefaultKey  = "keys/publish.key"
	DefaultUnit = "user"

	// DefaultRest outlasts two weeks of carry-over: one for those who come back weekly,
	// and one more for what they then do.
	DefaultRest = Period(14 * day)

	// DefaultCombinations is what a cache can bear of one page: six tests of two variants
	// in one layer are 13, and three that overlap are 27.
	DefaultCombinations = 100

	// GlobalHoldout is the key of the holdout that sortition.yaml declares.
	GlobalHoldout = "global"
)

// Project is a directory without mistakes. Indexes into Units, Attributes, Segments and
// Layers are those of the compiled program.
type Project struct {
	Dir         string // as given to Load
	Environment string
	Bucket      string   // a URL, or a path joined with Dir
	Root        string   // path of the signed root document, joined with Dir
	Keys        []string // names of the publishing keys, as package signer has them; those of files are joined with Dir and need not exist

	Environments []Environment // all but the production environment, sorted by name
	Production   *Project      // nil where this is the project in its production environment; see In

	Canary Canary
	Rest   Period // how long slots of a layer rest that an experiment gives up

	Applications []string // sorted; none if the directory serves one for all

	Units      []string          // in declared order; the first is the default
	Attributes []model.Attribute // sorted by name
	Layers     []Layer           // sorted by key
	Audiences  []Audience        // sorted by key
	Segments   []Segment         // sorted by key
	OptOut     []int             // indexes into Segments of those whose units take part in no experiment, ascending
	Metrics    []Metric          // sorted by key
	Gates      Gates
	Routes     []Route           // of what is live
	Holdout    *Holdout          // nil if there is none
	Exclusions []model.Exclusion // sorted by kind

	Experiments []*Experiment // sorted by key, whatever their status
	Flags       []*Flag       // sorted by key

	File *Sortition // the document, for positions
}

// Status is what an experiment or flag is meant to do now.
type Status string

// The statuses. Draft and stopped ones are checked but not published.
const (
	Draft   Status = "draft"
	Running Status = "running"
	Paused  Status = "paused" // published with its kill switch on
	Stopped Status = "stopped"
)

// Live reports whether an experiment or flag with this status is part of the program.
func (s Status) Live() bool { return s == Running || s == Paused }

// Layer is a set of slots that experiments share without overlapping.
type Layer struct {
	Key         string
	Description string
	Holdout     *Holdout // nil if there is none
}

// Audience is a named expression.
type Audience struct {
	Key  string
	Text string // as written
	Expr *model.Expr
}

// Segment is a named list of unit ids.
type Segment struct {
	Key  string
	Unit int      // index into Project.Units
	IDs  []string // sorted, distinct
}

// Holdout is a share of units that is kept out of experiments: the global one out of
// every experiment that does not say otherwise, that of a layer out of every experiment
// in it.
type Holdout struct {
	Traffic Percent
}

// MetricKind says how a metric is computed for a unit.
type MetricKind string

// The metric kinds.
const (
	Conversion MetricKind = "conversion" // whether the unit had the event at all
	Mean       MetricKind = "mean"       // the sum of the event's Value property over the unit
)

// Goal is the direction in which a metric improves.
type Goal string

// The goals.
const (
	Increase Goal = "increase"
	Decrease Goal = "decrease"
)

// Metric is something that experiments are judged by.
type Metric struct {
	Key   string
	Event string // name of the outcome event
	Kind  MetricKind
	Value string // property of the event that is summed; empty for a conversion
	Goal  Goal

	Baseline *Baseline // nil if the file gives none
}

// Baseline is what a metric is without any experiment, over all units: a conversion's
// mean is its rate.
type Baseline struct {
	Mean      float64 // above 0, and below 1 for a conversion
	Deviation float64 // standard deviation, above 0
}

// Experiment is one file of experiments/.
type Experiment struct {
	Key        string
	Name       string // the key unless the file says otherwise
	Owner      string
	Hypothesis string
	Unit       int // index into Project.Units
	Layer      int // index into Project.Layers, or model.None
	Status     Status
	Start, End time.Time // zero if unbounded
	Enrolment            // of the layer, or of all units

	Applications []int       // indexes into Project.Applications, ascending; none if it is for every one
	AudienceText string      // as written; empty if there is none
	Audience     *model.Expr // nil matches every request

	Prerequisites []Prerequisite // in declared order

	Holdout    bool   // whether the global holdout applies; false if there is none
	Salt       string // the key unless the file says otherwise
	Variants   []Variant
	Factors    []Factor   // none if the file lists variants
	Control    int        // index into Variants
	Overrides  []Override // sorted by id
	Primary    string     // key of the primary metric; may be empty unless running
	Guardrails []string   // keys of the guardrail metrics, in declared order
	Effect     Percent    // smallest relative change of the primary metric to detect; 0 if not given
	Routes     []string   // paths that it touches, in declared order
	Sticky     bool       // hosts are asked to keep variants
	Tests      []Test     // in declared order

	File *ExperimentFile // the document, for positions
}

// Flag is one file of flags/.
type Flag struct {
	Key           string
	Name          string // the key unless the file says otherwise
	Owner         string
	Applications  []int // indexes into Project.Applications, ascending; none if it is for every one
	Unit          int   // index into Project.Units
	Status        Status
	Salt          string         // the key unless the file says otherwise
	Prerequisites []Prerequisite // in declared order
	Variants      []Variant      // without weights, unless there are factors
	Factors       []Factor       // none if the file lists variants
	Default       int            // index into Variants
	Rules         []Rule
	Overrides     []Override // sorted by id
	Routes        []string   // paths that it touches, in declared order
	Tests         []Test     // in declared order

	File *FlagFile // the document, for positions
}

// Enrolment is the share of units that takes part: Traffic at all times or, with a ramp,
// until the first step.
type Enrolment struct {
	Traffic Percent // 100 % unless the file says otherwise; 0 with a ramp
	Ramp    []Step  // ascending in time, and never shrinking
}

// Step is the traffic from a time on.
type Step struct {
	At      time.Time
	Traffic Percent
}

// Largest is the traffic that an enrolment comes to, at the latest with its last step.
// An experiment takes that much of its layer from the beginning.
func (e Enrolment) Largest() Percent {
	if n := len(e.Ramp); n > 0 {
		return e.Ramp[n-1].Traffic
	}
	return e.Traffic
}

// Prerequisite holds for a unit that another experiment or flag gives one of the
// variants. What is live has live prerequisites only.
type Prerequisite struct {
	Key      string // of the experiment or flag
	Variants []int  // indexes into its variants, ascending
}

// Variant is one of the things an experiment or flag may give.
type Variant struct {
	Key    string
	Name   string  // the key unless the file says otherwise
	Weight Percent // add up to 100 %; zero for a flag that lists its variants
	Config string  // canonical JSON; "null" if the file has none
}

// Rule is one rule of a flag.
type Rule struct {
	AudienceText string      // as written; empty if there is none
	Audience     *model.Expr // nil matches every request
	Enrolment
	Split []Share // in the order of Variants; adds up to 100 %
}

// Share is a variant's part of a split, more than zero.
type Share struct {
	Variant int // index into Variants
	Weight  Percent
}

// Override gives one unit a fixed variant.
type Override struct {
	ID      string
	Variant int // index into Variants
}

// Test is a request and what it must be given: the variant, the reason, or both.
type Test struct {
	Name       string // empty if the file gives none
	Units      map[string]string
	Attributes map[string]any // of a string, version or time a string; else float64, bool or []string
	At         time.Time      // zero for when the test is run
	Variant    int            // index into Variants, or model.None for any or none
	Reason     string         // empty for any
	Pos        Pos
}
