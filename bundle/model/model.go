// Package model has the types of a compiled program, which the publisher and the edge share. It
// imports no other package of the project.
//
// A [Program] is the compiled and validated form of a directory of experiments and flags.
// Package compile makes it, package payload encodes it, package explain evaluates it step by
// step, and wasm/assign decides by the encoded form.
//
// This package is internal to Sortition and may change without notice, aside from [Kind],
// which stable packages use.
package model

import (
	"cmp"
	"slices"
)

// Slots is the number of slots that every draw chooses from. A percentage with two
// decimals is a whole number of slots: 0.01 % is one slot.
const Slots = 10_000

// Limits that the publisher enforces and the core relies on.
const (
	MaxExperiments = 200_000 // experiments and flags in one program
	MaxVariants    = 256     // variants of one experiment
	MaxRules       = 256     // rules of one flag
	MaxAttributes  = 1_024   // declared attributes
	MaxUnits       = 8       // unit types
	MaxLayers      = 65_534
	MaxSegmentIDs  = 1_000_000
	MaxRampSteps   = 64 // steps of one rule's ramp

	// MaxPrerequisiteDepth is the largest depth of prerequisites. An experiment without
	// prerequisites has depth 0, one that requires it has depth 1.
	MaxPrerequisiteDepth = 8

	MaxKeyLength  = 128       // bytes of a key (experiment, variant, attribute, layer …)
	MaxConfigSize = 256 << 10 // bytes of one variant's JSON config

	// MaxApplications is the largest number of applications of a project. A manifest with
	// so many payloads, the most deltas and the longest canary still fits into an envelope.
	MaxApplications = 32
)

// Program is everything that a host needs to decide.
type Program struct {
	Applications []string // keys, ascending; empty if the project declares none
	Units        []string // unit types, for example "user", "device"
	Attributes   []Attribute
	Segments     []Segment
	Layers       []Layer
	Holdouts     []Holdout
	OptOut       []int        // indexes of segments whose units are in no experiment, ascending
	Exclusions   []Exclusion  // at most one per ExclusionKind, in that order
	Experiments  []Experiment // experiments and flags, sorted by Key
	Ledger       Ledger       // for the publisher alone
}

// Find returns the experiment or flag with a key, or nil if the program has none.
func (p *Program) Find(key string) *Experiment {
	i, found := slices.BinarySearchFunc(p.Experiments, key, func(e Experiment, key string) int { return cmp.Compare(e.Key, key) })
	if !found {
		return nil
	}
	return &p.Experiments[i]
}

// Type is the type of an attribute.
type Type uint8

// The attribute types. The numbers are part of the payload format.
const (
	String Type = iota + 1
	Number
	Bool
	Version
	Time
	StringList
)

// String returns the name used in configuration files.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "invalid"
}

var typeNames = [...]string{"invalid", "string", "number", "bool", "version", "time", "list"}

// Attribute is a declared property of a request.
type Attribute struct {
	Name string
	Type Type
}

// Segment is a list of unit ids. Only their hashes are published.
type Segment struct {
	Key  string
	Unit int // index into Program.Units
	// Hashes are the xxhash64 (seed 0) of each id, ascending, without duplicates.
	Hashes []uint64
}

// Layer divides its slots among experiments that must not overlap. The unit's slot is drawn
// with [Layer.Salt].
type Layer struct {
	Key string
}

// Salt returns the salt of the layer's draw: "layer/" and the key.
func (l Layer) Salt() string { return "layer/" + l.Key }

// Holdout keeps a share of units out of the experiments that refer to it. A unit is held out if
// its slot, drawn with [Holdout.Salt], is below Slots.
type Holdout struct {
	Key   string
	Slots int // 0 … 10,000
}

// Salt returns the salt of the holdout's draw: "holdout/" and the key.
func (h Holdout) Salt() string { return "holdout/" + h.Key }

// ExclusionKind says why traffic is excluded from experiments.
type ExclusionKind uint8

// The kinds of exclusion. The numbers are part of the payload format.
const (
	ExcludeBot ExclusionKind = iota
	ExcludeInternal
)

// Exclusion keeps requests that match its audience out of every experiment. Flags
// still apply to them.
type Exclusion struct {
	Kind     ExclusionKind
	Audience *Expr
}

// Kind says whether an [Experiment] is an experiment or a flag.
type Kind uint8

// The kinds. The numbers are part of the payload format.
const (
	KindExperiment Kind = iota
	KindFlag
)

// String returns the word used in documents.
func (k Kind) String() string {
	if k == KindFlag {
		return "flag"
	}
	return "experiment"
}

// None is the value of an absent index: no layer or no default variant.
const None = -1

// Experiment is an experiment or a flag. It has an ordered list of rules, and the first rule
// that applies gives the variant. An experiment has exactly one rule, and hosts record exposures
// for it.
type Experiment struct {
	Key    string
	Kind   Kind
	Unit   int    // index into Program.Units
	Salt   string // of the draw; the key by default
	Layer  int    // index into Program.Layers, or None
	Phase  int    // lifetime of the allocation, from 1; a change of weights opens the next
	Killed bool   // an experiment assigns no variant, a flag its default

	// Applications are indexes into Program.Applications, ascending: the applications whose
	// hosts get the experiment. If empty, every application gets it.
	Applications []int

	Holdouts []int // indexes into Program.Holdouts, ascending; none for flags

	// Start and End bound the schedule: start inclusive, end exclusive. Zero means unbounded.
	Start, End Millis

	// Prerequisites must all hold. They never form a cycle.
	Prerequisites []Prerequisite

	Variants  []Variant
	Default   int // index into Variants for a flag; None for an experiment
	Rules     []Rule
	Overrides []Override // sorted by Hash

	// Routes are patterns of the paths that the experiment touches, for caches; see package
	// route. Sticky asks hosts to keep the first variant of a visitor. Neither changes a
	// decision of the core.
	Routes []string
	Sticky bool
}

// Variant is a variant of an experiment or flag.
type Variant struct {
	Key    string
	Name   string // for people; the key by default
	Config string // canonical JSON: a value of any kind; "null" if the file has none
}

// Prerequisite holds if another experiment or flag gives the request one of Variants.
type Prerequisite struct {
	Experiment int   // index into Program.Experiments
	Variants   []int // indexes into that experiment's variants, ascending
}

// Override gives one unit a fixed variant, regardless of rules and audiences.
type Override struct {
	Hash    uint64 // xxhash64 (seed 0) of the unit id
	Variant int
}

// Rule is an audience and a split. It applies to a unit if the audience matches and the unit is
// enrolled.
type Rule struct {
	Audience *Expr // nil matches every request

	// Slots are the slots of the rule: slots of the layer if the experiment has one, or else
	// of the experiment's own draw. Their order matters. A unit's position is the rank of
	// its slot in the concatenation of the ranges, and the unit is enrolled if the position
	// is below Traffic. So a unit that is enrolled stays enrolled when traffic grows.
	Slots   []Range
	Traffic int // 0 … 10,000, at most the sum of Slots

	// Ramp changes Traffic over time: from At of a step on, its Traffic applies. The steps
	// are in ascending order of At.
	Ramp []Step

	// Split maps the variant slot to a variant. The shares are ascending and without gaps;
	// the last one ends at 10,000.
	Split []Share
}

// Step is a change of traffic.
type Step struct {
	At      Millis
	Traffic int // 0 … 10,000, at most the sum of the rule's Slots
}

// Range is a half-open interval of slots.
type Range struct{ From, To int }

// Share gives a variant the slots below To and not below the To of the previous share.
type Share struct {
	To      int
	Variant int
}
