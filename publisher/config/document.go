package config

import "time"

// At is a value and its place in the file. Pos is the zero Pos if the file does not give the
// value.
type At[T any] struct {
	Value T
	Pos   Pos
}

// Given reports whether the file gives the value.
func (a At[T]) Given() bool { return a.Pos != Pos{} }

// List is a sequence. Pos is the place of its key.
type List[T any] struct {
	Items []T
	Pos   Pos
}

// Map is a mapping in the order of the file, without duplicate keys. Pos is the place of
// its own key.
type Map[T any] struct {
	Entries []Entry[T]
	Pos     Pos
}

// Entry is one key of a Map and its value.
type Entry[T any] struct {
	Key   At[string]
	Value T
}

// ID is a unit id. If it consists of digits, the file need not put it in quotes.
type ID string

// JSON is a free-form value as canonical JSON, with sorted keys and exact numbers.
type JSON string

// The documents below are the files as they are written. [Load] and [Schema] read their tags.
// The tag yaml is a field's key. The tag jsonschema says whether the file must give the field
// and which values it may have. The tag or names a key that the file may give instead of this
// one, but not together with it. Pos is the place of the document's own key.

// Sortition is the file sortition.yaml.
type Sortition struct {
	Pos Pos `yaml:"-"`

	Environment  At[string]            `yaml:"environment" jsonschema:"required" jsonschema_description:"Name of the production environment. Payloads of other environments are promoted to it."`
	Bucket       At[string]            `yaml:"bucket" jsonschema:"required" jsonschema_description:"Where bundles are published and events are collected: s3://bucket/prefix?region=…, or the path of a directory."`
	Root         At[string]            `yaml:"root" jsonschema_description:"Path of the signed root document (default keys/root.json)."`
	Keys         List[At[string]]      `yaml:"keys" jsonschema_description:"Keys that sign revisions: paths of files, env:VARIABLE or exec:COMMAND (default keys/publish.key)."`
	Environments Map[EnvironmentEntry] `yaml:"environments" jsonschema_description:"Other environments, by name. Changes are tried there before they are promoted to production."`
	Applications List[At[string]]      `yaml:"applications" jsonschema_description:"Applications that the directory serves, for example web and ios. A host of an application gets only its experiments and flags (default: all hosts get everything)."`
	Units        List[At[string]]      `yaml:"units" jsonschema_description:"What is randomised, for example user or device. The first is the default (default [user])."`
	Attributes   Map[AttributeEntry]   `yaml:"attributes" jsonschema_description:"Attributes that a request may have, and their types."`
	Rest         At[Period]            `yaml:"rest" jsonschema_description:"How long the slots of a layer that an experiment gives up stay unused before another gets them (default 14d; 0 for no time)."`
	Layers       Map[LayerEntry]       `yaml:"layers" jsonschema_description:"Sets of experiments that never overlap."`
	Audiences    Map[At[string]]       `yaml:"audiences" jsonschema_description:"Named CEL expressions, used as audience(\"key\")."`
	Segments     Map[SegmentEntry]     `yaml:"segments" jsonschema_description:"Named lists of unit ids, used as segment(\"key\")."`
	OptOut       List[At[string]]      `yaml:"opt_out" jsonschema_description:"Segments whose units take part in no experiment. Flags still apply to them."`
	Holdout      *HoldoutEntry         `yaml:"holdout" jsonschema_description:"Share of units kept out of every experiment, except those with holdout: false."`
	Exclude      *ExcludeEntry         `yaml:"exclude" jsonschema_description:"Requests that take part in no experiment. Flags still apply to them."`
	Metrics      Map[MetricEntry]      `yaml:"metrics" jsonschema_description:"Metrics that experiments are evaluated by."`
	Combinations At[int]               `yaml:"max_combinations_per_route" jsonschema_description:"Largest number of combinations of variants that a cache may have to keep of one page (default 100)."`
	Gates        *GatesEntry           `yaml:"gates" jsonschema_description:"Conditions that stop a publish, unless it overrides the gate by name and with a reason."`
	Canary       *CanaryEntry          `yaml:"canary" jsonschema_description:"When a canary, a revision that some hosts get first, is promoted to all hosts, and when it is aborted."`
}

// EnvironmentEntry is an environment other than production.
type EnvironmentEntry struct {
	Pos Pos `yaml:"-"`

	Bucket At[string]       `yaml:"bucket" jsonschema:"required" jsonschema_description:"Where its bundles are published and its events are collected: s3://bucket/prefix?region=…, or the path of a directory."`
	Root   At[string]       `yaml:"root" jsonschema_description:"Path of the signed root document (default keys/NAME/root.json)."`
	Keys   List[At[string]] `yaml:"keys" jsonschema_description:"Keys that sign its revisions (default keys/NAME/publish.key)."`
}

// AttributeEntry is a declared attribute: its type alone, or a mapping.
type AttributeEntry struct {
	Pos Pos `yaml:"-"`

	Type        At[string] `yaml:"type" jsonschema:"required,enum=string,enum=number,enum=bool,enum=version,enum=time,enum=list" jsonschema_description:"string, number, bool, version, time or list (of strings)."`
	Description At[string] `yaml:"description"`
}

// LayerEntry describes a layer.
type LayerEntry struct {
	Pos Pos `yaml:"-"`

	Description At[string]    `yaml:"description"`
	Holdout     *HoldoutEntry `yaml:"holdout" jsonschema_description:"Share of units kept out of every experiment of the layer."`
}

// SegmentEntry is a list of unit ids, here or in a file with one id per line.
type SegmentEntry struct {
	Pos Pos `yaml:"-"`

	Unit At[string]   `yaml:"unit" jsonschema_description:"Unit type of the ids (default: the first of units)."`
	File At[string]   `yaml:"file" jsonschema_description:"Path of a file with one id per line. Empty lines and lines that begin with # are skipped."`
	IDs  List[At[ID]] `yaml:"ids" jsonschema_description:"The ids, if there are few."`
}

// HoldoutEntry is the global holdout, or that of a layer.
type HoldoutEntry struct {
	Pos Pos `yaml:"-"`

	Traffic At[Percent] `yaml:"traffic" jsonschema:"required" jsonschema_description:"Share of units that are held out, for example 5%."`
}

// ExcludeEntry holds the audiences that take part in no experiment.
type ExcludeEntry struct {
	Pos Pos `yaml:"-"`

	Bot      At[string] `yaml:"bot" jsonschema_description:"CEL expression that matches bots."`
	Internal At[string] `yaml:"internal" jsonschema_description:"CEL expression that matches staff and monitoring."`
}

// MetricEntry is a metric.
type MetricEntry struct {
	Pos Pos `yaml:"-"`

	Event At[string] `yaml:"event" jsonschema:"required" jsonschema_description:"Name of the outcome event."`
	Kind  At[string] `yaml:"kind" jsonschema:"required,enum=conversion,enum=mean" jsonschema_description:"conversion: whether the unit had the event; mean: the sum of value over the unit."`
	Value At[string] `yaml:"value" jsonschema_description:"Property of the event that a mean sums."`
	Goal  At[string] `yaml:"goal" jsonschema:"enum=increase,enum=decrease" jsonschema_description:"Direction in which the metric improves (default increase)."`

	Baseline *BaselineEntry `yaml:"baseline" jsonschema_description:"The metric without any experiment. Plans compute from it how long an experiment takes."`
}

// BaselineEntry describes a metric for the units that an experiment will have.
type BaselineEntry struct {
	Pos Pos `yaml:"-"`

	Rate      At[Percent] `yaml:"rate" jsonschema_description:"For a conversion: the share of units that have the event, for example 3.2%."`
	Mean      At[float64] `yaml:"mean" jsonschema_description:"For a mean: the mean over all units, including those without the event."`
	Deviation At[float64] `yaml:"deviation" jsonschema_description:"For a mean: the standard deviation over all units."`
}

// GatesEntry holds the gates. A gate that the file does not give has its default.
type GatesEntry struct {
	Pos Pos `yaml:"-"`

	SwitchWithinPhase At[bool]          `yaml:"switch_within_phase" jsonschema_description:"Refuse that a unit of a running experiment switches variant within a phase (default true)."`
	LostControl       At[bool]          `yaml:"lost_control" jsonschema_description:"Refuse to remove the control of a running experiment (default true)."`
	Required          List[At[string]]  `yaml:"required" jsonschema_description:"Fields that live experiments must set; flags need only the owner (default [owner, hypothesis, primary_metric])."`
	Affected          At[Percent]       `yaml:"affected" jsonschema_description:"Largest share of units that may see a change after one publish (default 50%)."`
	Payload           At[Size]          `yaml:"payload" jsonschema_description:"Largest size of the payload before compression (default 32 MiB)."`
	Work              At[Percent]       `yaml:"work" jsonschema_description:"Largest share of the limit on the work of one request that a payload may use (default 50%)."`
	Freeze            List[FreezeEntry] `yaml:"freeze" jsonschema_description:"Periods in which nothing is published (default: none)."`
}

// CanaryEntry holds the rules that canaries are judged by.
type CanaryEntry struct {
	Pos Pos `yaml:"-"`

	Interval    At[Period]  `yaml:"interval" jsonschema_description:"How long all conditions must hold before a canary is promoted (default 10m)."`
	Hosts       At[int]     `yaml:"hosts" jsonschema_description:"Smallest number of canary hosts that must serve the revision (default 1)."`
	Requests    At[int]     `yaml:"requests" jsonschema_description:"Smallest number of requests that canary hosts must have answered (default 100)."`
	ErrorRate   At[Percent] `yaml:"error_rate" jsonschema_description:"Largest share of the canary's requests that may fail, unless as many fail on other hosts (default 0.1%)."`
	LatencyMS   At[float64] `yaml:"latency_ms" jsonschema_description:"Milliseconds in which 99% of the canary's requests must be answered, unless other hosts are as slow (default 10)."`
	SampleRatio At[bool]    `yaml:"sample_ratio" jsonschema_description:"Abort if units are not split among variants in the ratio of the weights (default true)."`
}

// FreezeEntry is a period in which nothing is published: between two times, or on some days of
// the week between two times of day.
type FreezeEntry struct {
	Pos Pos `yaml:"-"`

	Days   List[At[string]] `yaml:"days" jsonschema_description:"Days of the week, monday to sunday. Without days, from and to are dates with times."`
	From   At[string]       `yaml:"from" jsonschema:"required" jsonschema_description:"A date and time such as 2026-12-20T00:00:00Z or, with days, a time of day such as 16:00."`
	To     At[string]       `yaml:"to" jsonschema:"required" jsonschema_description:"In the same form as from, and later. The freeze ends before this time. 24:00 is the end of a day."`
	Zone   At[string]       `yaml:"zone" jsonschema_description:"With days: the time zone, for example Europe/Berlin (default UTC)."`
	Reason At[string]       `yaml:"reason" jsonschema_description:"Shown to anyone who tries to publish."`
}

// ExperimentFile is a file of experiments/.
type ExperimentFile struct {
	Pos Pos `yaml:"-"`

	Key           At[string]              `yaml:"key" jsonschema:"required" jsonschema_description:"The experiment's key: the file name without its extension."`
	Name          At[string]              `yaml:"name" jsonschema_description:"A name for people."`
	Owner         At[string]              `yaml:"owner" jsonschema_description:"Who is responsible for the experiment."`
	Hypothesis    At[string]              `yaml:"hypothesis" jsonschema_description:"What is expected to happen, and why."`
	Applications  List[At[string]]        `yaml:"applications" jsonschema_description:"Applications that get the experiment (default: all)."`
	Unit          At[string]              `yaml:"unit" jsonschema_description:"What is randomised (default: the first of units)."`
	Layer         At[string]              `yaml:"layer" jsonschema_description:"Layer from which the experiment takes its slots. Without a layer it overlaps all others."`
	Status        At[string]              `yaml:"status" jsonschema:"required,enum=draft,enum=running,enum=paused,enum=stopped" jsonschema_description:"draft, running, paused (nobody is assigned) or stopped."`
	Start         At[time.Time]           `yaml:"start" jsonschema_description:"Nobody is assigned before this time."`
	End           At[time.Time]           `yaml:"end" jsonschema_description:"Nobody is assigned from this time on."`
	Traffic       At[Percent]             `yaml:"traffic" or:"ramp" jsonschema_description:"Share of the layer, or of all units without one (default 100%)."`
	Ramp          List[StepEntry]         `yaml:"ramp" jsonschema_description:"Instead of traffic: steps by which traffic increases automatically."`
	Audience      At[string]              `yaml:"audience" jsonschema_description:"CEL expression over the attributes that selects who takes part."`
	Prerequisites List[PrerequisiteEntry] `yaml:"prerequisites" jsonschema_description:"Variants of other experiments and flags that a unit must have to take part."`
	Holdout       At[bool]                `yaml:"holdout" jsonschema_description:"Whether the global holdout applies (default true). The holdout of the layer always applies."`
	Salt          At[string]              `yaml:"salt" jsonschema_description:"Salt of the draw (default: the key). A new salt draws all units again."`
	Control       At[string]              `yaml:"control" jsonschema_description:"Key of the control variant (default: the first; with factors, the first level of each)."`
	Variants      List[ExperimentArm]     `yaml:"variants" or:"factors" jsonschema:"required" jsonschema_description:"Variants that units can get."`
	Factors       List[FactorEntry]       `yaml:"factors" jsonschema_description:"Instead of variants: what varies, and how. Each combination of levels is a variant, whose key joins the keys of the levels with dashes."`
	Overrides     Map[List[At[ID]]]       `yaml:"overrides" jsonschema_description:"By variant, the unit ids that always get it."`
	Routes        List[At[string]]        `yaml:"routes" jsonschema_description:"Paths of the site that the experiment touches: /cart, /product/:id, /product/*. Caches keep a copy of them for each combination of variants."`
	Sticky        At[bool]                `yaml:"sticky" jsonschema_description:"Whether a cookie keeps the variant that a visitor got first (default false)."`
	Metrics       *MetricsEntry           `yaml:"metrics"`
	Tests         List[TestEntry]         `yaml:"tests" jsonschema_description:"Requests and the decisions that the experiment must make for them. Every publish runs them."`
}

// ExperimentArm is a variant of an experiment.
type ExperimentArm struct {
	Pos Pos `yaml:"-"`

	Key    At[string]  `yaml:"key" jsonschema:"required" jsonschema_description:"Key of the variant, for example control."`
	Name   At[string]  `yaml:"name" jsonschema_description:"A name for people."`
	Weight At[Percent] `yaml:"weight" jsonschema:"required" jsonschema_description:"Share of the experiment's traffic. All weights add up to 100%."`
	Config At[JSON]    `yaml:"config" jsonschema_description:"Any value. The application gets it as JSON."`
}

// FactorEntry is a factor of a multivariate test.
type FactorEntry struct {
	Pos Pos `yaml:"-"`

	Key    At[string]       `yaml:"key" jsonschema:"required" jsonschema_description:"Key of the factor, for example color. The config has the same key."`
	Levels List[LevelEntry] `yaml:"levels" jsonschema:"required" jsonschema_description:"Values of the factor. The control has the first."`
}

// LevelEntry is a level of a factor.
type LevelEntry struct {
	Pos Pos `yaml:"-"`

	Key    At[string]  `yaml:"key" jsonschema:"required" jsonschema_description:"Key of the level, without dashes."`
	Weight At[Percent] `yaml:"weight" jsonschema:"required" jsonschema_description:"Share of the units that get the level, independent of other factors. All weights of a factor add up to 100%."`
	Config At[JSON]    `yaml:"config" jsonschema_description:"Any value. The config of a variant has it under the factor's key."`
}

// StepEntry is a step of a ramp.
type StepEntry struct {
	Pos Pos `yaml:"-"`

	At      At[time.Time] `yaml:"at" jsonschema:"required" jsonschema_description:"Start of the step: a date and a time with its zone."`
	Traffic At[Percent]   `yaml:"traffic" jsonschema:"required" jsonschema_description:"Traffic from then on, not less than in the step before."`
}

// PrerequisiteEntry requires another experiment or flag to give certain variants.
type PrerequisiteEntry struct {
	Pos Pos `yaml:"-"`

	Key      At[string]       `yaml:"key" jsonschema:"required" jsonschema_description:"Key of the other experiment or flag."`
	Variants List[At[string]] `yaml:"variants" jsonschema:"required" jsonschema_description:"Keys of its variants. The unit must have one of them."`
}

// MetricsEntry names the metrics that an experiment is evaluated by.
type MetricsEntry struct {
	Pos Pos `yaml:"-"`

	Primary    At[string]       `yaml:"primary" jsonschema:"required" jsonschema_description:"The metric that decides."`
	Guardrails List[At[string]] `yaml:"guardrails" jsonschema_description:"Metrics that must not get worse."`
	Effect     At[Percent]      `yaml:"effect" jsonschema_description:"Smallest relative change of the primary metric that the experiment must be able to detect, for example 5%."`
}

// FlagFile is a file of flags/.
type FlagFile struct {
	Pos Pos `yaml:"-"`

	Key           At[string]              `yaml:"key" jsonschema:"required" jsonschema_description:"The flag's key: the file name without its extension."`
	Name          At[string]              `yaml:"name" jsonschema_description:"A name for people."`
	Owner         At[string]              `yaml:"owner" jsonschema_description:"Who is responsible for the flag."`
	Applications  List[At[string]]        `yaml:"applications" jsonschema_description:"Applications that get the flag (default: all)."`
	Unit          At[string]              `yaml:"unit" jsonschema_description:"What is randomised (default: the first of units)."`
	Status        At[string]              `yaml:"status" jsonschema:"required,enum=running,enum=paused" jsonschema_description:"running or paused (everybody gets the default)."`
	Salt          At[string]              `yaml:"salt" jsonschema_description:"Salt of the draw (default: the key). A new salt draws all units again."`
	Prerequisites List[PrerequisiteEntry] `yaml:"prerequisites" jsonschema_description:"Variants of other experiments and flags that a unit must have. Other units get the default."`
	Variants      List[FlagArm]           `yaml:"variants" or:"factors" jsonschema:"required" jsonschema_description:"Variants that units can get."`
	Factors       List[FactorEntry]       `yaml:"factors" jsonschema_description:"Instead of variants: what varies, and how. Each combination of levels is a variant, whose key joins the keys of the levels with dashes."`
	Default       At[string]              `yaml:"default" jsonschema:"required" jsonschema_description:"Key of the variant for units to which no rule applies."`
	Rules         List[RuleEntry]         `yaml:"rules" jsonschema_description:"Rules, in order. The first rule that applies gives the variant."`
	Overrides     Map[List[At[ID]]]       `yaml:"overrides" jsonschema_description:"By variant, the unit ids that always get it."`
	Routes        List[At[string]]        `yaml:"routes" jsonschema_description:"Paths of the site that the flag touches: /cart, /product/:id, /product/*. Caches keep a copy of them for each combination of variants."`
	Tests         List[TestEntry]         `yaml:"tests" jsonschema_description:"Requests and the decisions that the flag must make for them. Every publish runs them."`
}

// TestEntry is a request and the expected decision.
type TestEntry struct {
	Pos Pos `yaml:"-"`

	Name       At[string]    `yaml:"name" jsonschema_description:"What the test checks, for people."`
	Unit       At[ID]        `yaml:"unit" jsonschema_description:"Id of the unit that is randomised."`
	Units      Map[At[ID]]   `yaml:"units" jsonschema_description:"Ids of units of other types, by type."`
	Attributes Map[At[JSON]] `yaml:"attributes" jsonschema_description:"Attributes of the request."`
	At         At[time.Time] `yaml:"at" jsonschema_description:"Time of the request (default: when the test runs)."`
	Variant    At[string]    `yaml:"variant" jsonschema_description:"Key of the expected variant."`
	Reason     At[string]    `yaml:"reason" jsonschema:"enum=no_unit,enum=override,enum=opt_out,enum=bot,enum=internal,enum=holdout,enum=not_started,enum=ended,enum=prerequisite,enum=layer,enum=audience,enum=traffic,enum=split,enum=default" jsonschema_description:"Expected reason, alone or in addition to the variant."`
}

// FlagArm is a variant of a flag.
type FlagArm struct {
	Pos Pos `yaml:"-"`

	Key    At[string] `yaml:"key" jsonschema:"required" jsonschema_description:"Key of the variant, for example on."`
	Name   At[string] `yaml:"name" jsonschema_description:"A name for people."`
	Config At[JSON]   `yaml:"config" jsonschema_description:"Any value. The application gets it as JSON."`
}

// RuleEntry is a rule of a flag. It gives one variant or splits units among several. In a flag
// with factors, a rule that does neither splits by the weights of the levels.
type RuleEntry struct {
	Pos Pos `yaml:"-"`

	Audience At[string]       `yaml:"audience" jsonschema_description:"CEL expression over the attributes that selects the units of the rule (default: all)."`
	Traffic  At[Percent]      `yaml:"traffic" or:"ramp" jsonschema_description:"Share of the units that the rule applies to (default 100%)."`
	Ramp     List[StepEntry]  `yaml:"ramp" jsonschema_description:"Instead of traffic: steps by which traffic increases automatically."`
	Variant  At[string]       `yaml:"variant" jsonschema_description:"Key of the variant that the rule gives."`
	Split    Map[At[Percent]] `yaml:"split" jsonschema_description:"Weight of each variant. All weights add up to 100%."`
}
