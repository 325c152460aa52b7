// Package model holds the vocabulary that the publisher and the edge share: what a
// compiled program consists of. It has types only and imports nothing of the project.
//
// A Program is the compiled, validated meaning of a directory of experiments and
// flags. Package compile makes it, package payload writes it as a payload, package
// explain walks it step by step, and wasm/assign decides on the written form.
//
// This package is internal to Sortition and may change without notice, aside from [Kind],
// which promised packages name.
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

	// MaxPrerequisiteDepth bounds chains of prerequisites: an experiment without any
	// has depth 0, one that requires it has depth 1.
	MaxPrerequisiteDepth = 8

	MaxKeyLength  = 128       // bytes of a key (experiment, variant, attribute, layer …)
	MaxConfigSize = 256 << 10 // bytes of one variant's JSON config

	// MaxApplications is the number of applications of a directory. With what a canary
	// may say, their payloads and bundle.MaxApplicationDeltas fill an envelope.
	MaxApplications = 32
)

// Program is everything an edge needs to decide.
type Program struct {
	Applications []string // keys, ascending; none if the program is for one
	Units        []string // unit types, for example "user", "device"
	Attributes   []Attribute
	Segments     []Segment
	Layers       []Layer
	Holdouts     []Holdout
	OptOut       []int        // indexes of segments whose units take part in no experiment, ascending
	Exclusions   []Exclusion  // at most one per ExclusionKind, in that order
	Experiments  []Experiment // experiments and flags, sorted by Key
	Ledger       Ledger       // for the publisher alone
}

// Find is the experiment or flag of a key, or nil if the program has none.
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

// Layer divides its slots among experiments that must not overlap. The slot of a unit
// is drawn with the salt "layer/" + Key.
type Layer struct {
	Key string
}

// Salt is the salt that the layer's slots are drawn with.
func (l Layer) Salt() string { return "layer/" + l.Key }

// Holdout keeps a share of units out of every experiment that refers to it. A unit is
// held out when its slot, drawn with the salt "holdout/" + Key, is below Slots.
type Holdout struct {
	Key   string
	Slots int // 0 … 10,000
}

// Salt is the salt that the holdout's slots are drawn with.
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

// Kind tells experiments from flags.
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

// None marks an absent index: no layer, no holdout, no default variant.
const None = -1

// Experiment is an experiment or a flag: an ordered list of rules, of which the first
// that applies gives the variant. An experiment has exactly one rule, and exposures are
// recorded for it.
type Experiment struct {
	Key    string
	Kind   Kind
	Unit   int    // index into Program.Units
	Salt   string // of the draw; the key unless the file says otherwise
	Layer  int    // index into Program.Layers, or None
	Phase  int    // lifetime of the allocation, from 1; a change of weights opens the next
	Killed bool   // paused: nobody is assigned, a flag gives its default

	// Applications are indexes into Program.Applications, ascending: which hosts get it.
	// It is for every application if there are none.
	Applications []int

	Holdouts []int // indexes into Program.Holdouts, ascending; none for flags

	// Start and End bound the schedule in milliseconds since the Unix epoch, start
	// inclusive, end exclusive. Zero means unbounded.
	Start, End int64

	// Prerequisites must all hold. They never form a cycle.
	Prerequisites []Prerequisite

	Variants  []Variant
	Default   int // index into Variants for a flag; None for an experiment
	Rules     []Rule
	Overrides []Override // sorted by Hash

	// Routes are the paths that it touches, for caches: see package route. Sticky asks
	// hosts to keep the variants that they have given. Neither changes a decision of the
	// core.
	Routes []string
	Sticky bool
}

// Variant is one of the things an experiment may give.
type Variant struct {
	Key    string
	Name   string // for people; the key unless the file says otherwise
	Config string // canonical JSON: a value of any kind; "null" if the file has none
}

// Prerequisite holds for a request that another experiment or flag gives one of the
// variants.
type Prerequisite struct {
	Experiment int   // index into Program.Experiments
	Variants   []int // indexes into that experiment's variants, ascending
}

// Override gives one unit a fixed variant, whatever else is configured.
type Override struct {
	Hash    uint64 // xxhash64 (seed 0) of the unit id
	Variant int
}

// Rule is an audience and a split. It applies to a unit when the audience matches and
// the unit's slot is enrolled.
type Rule struct {
	Audience *Expr // nil matches every request

	// Slots are the slots that the rule owns: slots of the layer where the experiment
	// has one, of the experiment's own draw otherwise. The order matters: a unit's
	// position is its rank in the concatenation of the ranges, and the unit is
	// enrolled when the position is below Traffic. Growing traffic therefore never
	// moves an enrolled unit.
	Slots   []Range
	Traffic int // 0 … 10,000, at most the sum of Slots

	// Ramp changes Traffic with time: from a step's At on, the traffic is the step's.
	// Steps ascend by At. Growing steps move nobody who is enrolled.
	Ramp []Step

	// Split maps the variant slot to a variant: ascending, gapless, the last entry
	// ends at 10,000.
	Split []Share
}

// Step is a change of traffic.
type Step struct {
	At      int64 // milliseconds since the Unix epoch
	Traffic int   // 0 … 10,000, at most the sum of the rule's Slots
}

// Range is a half-open interval of slots.
type Range struct{ From, To int }

// Share gives the variant slots below To, and not below the previous share's To, to
// Variant.
type Share struct {
	To      int
	Variant int
}
