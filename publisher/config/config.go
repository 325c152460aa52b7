// Package config reads a project directory: sortition.yaml, experiments/*.yaml and
// flags/*.yaml. [Load] reports all mistakes at once, each with its place in the files. It
// returns a [Project] in which every name is resolved and every expression is compiled.
//
// The types [Sortition], [ExperimentFile] and [FlagFile] describe the files, and their values
// have positions. [Schema] derives a JSON Schema for editors from the same types.
//
// This package is internal to Sortition and may change without notice.
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

	// DefaultRest is two weeks, so that effects of an experiment wear off before another
	// one gets its slots: one week for visitors who come back weekly, and one week for what
	// they do then.
	DefaultRest = Period(14 * day)

	// DefaultCombinations is how many copies of a page a cache can afford. Six tests of two
	// variants in one layer need 13 copies, and three tests that overlap need 27.
	DefaultCombinations = 100

	// GlobalHoldout is the key of the holdout that sortition.yaml declares.
	GlobalHoldout = "global"
)

// Project is a project directory without mistakes. The indexes of Units, Attributes, Segments
// and Layers are those of the compiled program.
type Project struct {
	Dir         string // as given to Load
	Environment string
	Bucket      string // a URL, or a path joined with Dir
	Root        string // path of the signed root document, joined with Dir

	// Keys are the names of the publishing keys, in the form of package signer. Names of
	// files are joined with Dir. The files need not exist.
	Keys []string

	Environments []Environment // all but the production environment, sorted by name
	Production   *Project      // nil for the production environment; see In

	Canary Canary
	Rest   Period // how long slots of a layer rest after an experiment gave them up

	Applications []string // sorted; none if all hosts get the same payload

	Units      []string          // in declared order; the first is the default
	Attributes []model.Attribute // sorted by name
	Layers     []Layer           // sorted by key
	Audiences  []Audience        // sorted by key
	Segments   []Segment         // sorted by key
	OptOut     []int             // indexes of Segments whose units are in no experiment, ascending
	Metrics    []Metric          // sorted by key
	Gates      Gates
	Routes     []Route           // of live experiments and flags
	Holdout    *Holdout          // nil if there is none
	Exclusions []model.Exclusion // sorted by kind

	Experiments []*Experiment // sorted by key, whatever their status
	Flags       []*Flag       // sorted by key

	File *Sortition // the document, which has the positions
}

// Status says whether an experiment or flag is in use.
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

// Layer is a set of slots. Experiments in one layer have different slots, so they do not
// overlap.
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

// Holdout is a share of units that is kept out of experiments. The global holdout applies to
// every experiment that does not opt out of it. The holdout of a layer applies to every
// experiment in the layer.
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

// Metric is a metric that experiments are evaluated by.
type Metric struct {
	Key   string
	Event string // name of the outcome event
	Kind  MetricKind
	Value string // property of the event that is summed; empty for a conversion
	Goal  Goal

	Baseline *Baseline // nil if the file gives none
}

// Baseline describes a metric without any experiment, over all units. For a conversion the mean
// is the rate.
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
	Enrolment            // share of the layer, or of all units

	Applications []int       // indexes into Project.Applications, ascending; none means all
	AudienceText string      // as written; empty if there is none
	Audience     *model.Expr // nil matches every request

	Prerequisites []Prerequisite // in declared order

	Holdout    bool   // whether there is a global holdout and it applies
	Salt       string // the key unless the file says otherwise
	Variants   []Variant
	Factors    []Factor   // none if the file lists variants
	Control    int        // index into Variants
	Overrides  []Override // sorted by id
	Primary    string     // key of the primary metric; may be empty unless running
	Guardrails []string   // keys of the guardrail metrics, in declared order
	Effect     Percent    // smallest relative change of Primary to detect; 0 if not given
	Routes     []string   // paths that it touches, in declared order
	Sticky     bool       // whether hosts keep the variant of a visitor
	Tests      []Test     // in declared order

	Pos  Pos             // of the key
	file *ExperimentFile // nil after the load
}

// Flag is one file of flags/.
type Flag struct {
	Key           string
	Name          string // the key unless the file says otherwise
	Owner         string
	Applications  []int // indexes into Project.Applications, ascending; none means all
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

	Pos  Pos       // of the key
	file *FlagFile // nil after the load
}

// Enrolment is the share of units that takes part. Traffic applies at all times, or until the
// first step of the ramp if there is one.
type Enrolment struct {
	Traffic Percent // 100 % unless the file says otherwise; 0 with a ramp
	Ramp    []Step  // ascending in time; traffic never decreases
}

// Step is the traffic from a time on.
type Step struct {
	At      time.Time
	Traffic Percent
}

// Largest returns the largest traffic of an enrolment, which is that of its last step. An
// experiment takes this share of its layer from the beginning.
func (e Enrolment) Largest() Percent {
	if n := len(e.Ramp); n > 0 {
		return e.Ramp[n-1].Traffic
	}
	return e.Traffic
}

// Prerequisite holds for a unit that has one of the variants of another experiment or flag. The
// prerequisites of live experiments and flags are live too.
type Prerequisite struct {
	Key      string // of the experiment or flag
	Variants []int  // indexes into its variants, ascending
}

// Variant is a variant of an experiment or flag.
type Variant struct {
	Key    string
	Name   string  // the key unless the file says otherwise
	Weight Percent // all weights add up to 100 %; zero for a flag that lists its variants
	Config string  // canonical JSON; "null" if the file has none
}

// Rule is one rule of a flag.
type Rule struct {
	AudienceText string      // as written; empty if there is none
	Audience     *model.Expr // nil matches every request
	Enrolment
	Split []Share // in the order of Variants; adds up to 100 %
}

// Share is the part of a split that gets a variant.
type Share struct {
	Variant int     // index into Variants
	Weight  Percent // greater than 0
}

// Override gives one unit a fixed variant.
type Override struct {
	ID      string
	Variant int // index into Variants
}

// Test is a request and the expected decision: the variant, the reason, or both.
type Test struct {
	Name       string // empty if the file gives none
	Units      map[string]string
	Attributes map[string]any // string (also for versions and times), float64, bool or []string
	At         time.Time      // zero for the time at which the test runs
	Variant    int            // index into Variants, or model.None if any result will do
	Reason     string         // empty if any reason will do
	Pos        Pos
}
