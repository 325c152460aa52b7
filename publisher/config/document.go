package config

import "time"

// At is a value and the place where it is written. Pos is the zero Pos if the file does
// not give the value.
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

// ID is a unit id. A file may give one that consists of digits without quotes.
type ID string

// JSON is a free-form value as canonical JSON: keys sorted, numbers kept exactly.
type JSON string

// The documents below are the files as they are written. Load and Schema read their
// tags: yaml is a field's key, and jsonschema says whether the file must give it and
// which values it may have; or names the key that the file may give in its place, but
// not beside it. Pos is the place of the document's own key.

// Sortition is the file sortition.yaml.
type Sortition struct {
	Pos Pos `yaml:"-"`

	Environment  At[string]            `yaml:"environment" jsonschema:"required" jsonschema_description:"Name of the production environment: the one that this directory is published to, and that payloads of other environments are promoted to."`
	Bucket       At[string]            `yaml:"bucket" jsonschema:"required" jsonschema_description:"Where bundles are published and events collected: s3://bucket/prefix?region=…, or the path of a directory."`
	Root         At[string]            `yaml:"root" jsonschema_description:"Path of the signed root document (default keys/root.json)."`
	Keys         List[At[string]]      `yaml:"keys" jsonschema_description:"The keys that sign what is published: paths of files, env:VARIABLE or exec:COMMAND (default keys/publish.key)."`
	Environments Map[EnvironmentEntry] `yaml:"environments" jsonschema_description:"Other environments, by name, in which what the directory says is tried before it is promoted to production."`
	Applications List[At[string]]      `yaml:"applications" jsonschema_description:"The applications that the directory serves, for example web and ios; each host can get those experiments and flags only that are for its own (default: one for all)."`
	Units        List[At[string]]      `yaml:"units" jsonschema_description:"What is randomised, for example user or device; the first is the default (default user)."`
	Attributes   Map[AttributeEntry]   `yaml:"attributes" jsonschema_description:"What a request may say about a visitor, and of which type."`
	Rest         At[Period]            `yaml:"rest" jsonschema_description:"How long nobody else gets the slots of a layer that an experiment gives up (default 14d; 0 for not at all)."`
	Layers       Map[LayerEntry]       `yaml:"layers" jsonschema_description:"Sets of experiments that never overlap."`
	Audiences    Map[At[string]]       `yaml:"audiences" jsonschema_description:"Named CEL expressions, used as audience(\"key\")."`
	Segments     Map[SegmentEntry]     `yaml:"segments" jsonschema_description:"Named lists of unit ids, used as segment(\"key\")."`
	OptOut       List[At[string]]      `yaml:"opt_out" jsonschema_description:"Segments whose units take part in no experiment. Flags still apply to them."`
	Holdout      *HoldoutEntry         `yaml:"holdout" jsonschema_description:"Share of units kept out of every experiment that does not say holdout: false."`
	Exclude      *ExcludeEntry         `yaml:"exclude" jsonschema_description:"Traffic that no experiment counts."`
	Metrics      Map[MetricEntry]      `yaml:"metrics" jsonschema_description:"What experiments are judged by."`
	Combinations At[int]               `yaml:"max_combinations_per_route" jsonschema_description:"Combinations of variants that caches may have to keep of one page (default 100)."`
	Gates        *GatesEntry           `yaml:"gates" jsonschema_description:"What a publish must not do, unless the gate is overridden by name and with a reason."`
	Canary       *CanaryEntry          `yaml:"canary" jsonschema_description:"When a canary, a revision that is offered to some hosts first, is promoted to all of them, and when it is aborted."`
}

// EnvironmentEntry is an environment beside production.
type EnvironmentEntry struct {
	Pos Pos `yaml:"-"`

	Bucket At[string]       `yaml:"bucket" jsonschema:"required" jsonschema_description:"Where its bundles are published and its events collected: s3://bucket/prefix?region=…, or the path of a directory."`
	Root   At[string]       `yaml:"root" jsonschema_description:"Path of the signed root document (default keys/NAME/root.json)."`
	Keys   List[At[string]] `yaml:"keys" jsonschema_description:"The keys that sign what is published there (default keys/NAME/publish.key)."`
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

// SegmentEntry is a list of unit ids, here or in a file of one id a line.
type SegmentEntry struct {
	Pos Pos `yaml:"-"`

	Unit At[string]   `yaml:"unit" jsonschema_description:"Unit type of the ids (default: the first of units)."`
	File At[string]   `yaml:"file" jsonschema_description:"Path of a file with one id a line; empty lines and lines that begin with # are skipped."`
	IDs  List[At[ID]] `yaml:"ids" jsonschema_description:"The ids themselves, where they are few."`
}

// HoldoutEntry is the global holdout, or that of a layer.
type HoldoutEntry struct {
	Pos Pos `yaml:"-"`

	Traffic At[Percent] `yaml:"traffic" jsonschema:"required" jsonschema_description:"Share of units that is held out, for example 5%."`
}

// ExcludeEntry holds the audiences that no experiment counts.
type ExcludeEntry struct {
	Pos Pos `yaml:"-"`

	Bot      At[string] `yaml:"bot" jsonschema_description:"CEL expression that recognises bots."`
	Internal At[string] `yaml:"internal" jsonschema_description:"CEL expression that recognises your own people and monitoring."`
}

// MetricEntry is a metric.
type MetricEntry struct {
	Pos Pos `yaml:"-"`

	Event At[string] `yaml:"event" jsonschema:"required" jsonschema_description:"Name of the outcome event."`
	Kind  At[string] `yaml:"kind" jsonschema:"required,enum=conversion,enum=mean" jsonschema_description:"conversion: whether the unit had the event; mean: the sum of value over the unit."`
	Value At[string] `yaml:"value" jsonschema_description:"Property of the event that a mean sums."`
	Goal  At[string] `yaml:"goal" jsonschema:"enum=increase,enum=decrease" jsonschema_description:"Direction in which the metric improves (default increase)."`

	Baseline *BaselineEntry `yaml:"baseline" jsonschema_description:"What the metric is without any experiment; plans compute from it how long an experiment takes."`
}

// BaselineEntry is what a metric is for the units that an experiment will have.
type BaselineEntry struct {
	Pos Pos `yaml:"-"`

	Rate      At[Percent] `yaml:"rate" jsonschema_description:"Of a conversion: the share of units that have the event, for example 3.2%."`
	Mean      At[float64] `yaml:"mean" jsonschema_description:"Of a mean: the mean over all units, those without the event included."`
	Deviation At[float64] `yaml:"deviation" jsonschema_description:"Of a mean: the standard deviation over all units."`
}

// GatesEntry holds the gates. Those that it does not name are on with their defaults.
type GatesEntry struct {
	Pos Pos `yaml:"-"`

	SwitchWithoutEpoch At[bool]          `yaml:"switch_without_epoch" jsonschema_description:"Refuse that a unit of a running experiment switches variant without a new epoch (default true)."`
	LostControl        At[bool]          `yaml:"lost_control" jsonschema_description:"Refuse that a running experiment loses its control (default true)."`
	Required           List[At[string]]  `yaml:"required" jsonschema_description:"What live experiments, and flags as far as they have it, must say (default [owner, hypothesis, primary_metric])."`
	Affected           At[Percent]       `yaml:"affected" jsonschema_description:"Largest share of units that may see something else at once (default 50%)."`
	Payload            At[Size]          `yaml:"payload" jsonschema_description:"Largest size of the payload before it is packed (default 32 MiB)."`
	Work               At[Percent]       `yaml:"work" jsonschema_description:"Largest part of the work that a request may ever cost (default 50%)."`
	Freeze             List[FreezeEntry] `yaml:"freeze" jsonschema_description:"When nothing is published (default: never)."`
}

// CanaryEntry is the rules that canaries are judged by.
type CanaryEntry struct {
	Pos Pos `yaml:"-"`

	Interval    At[Period]  `yaml:"interval" jsonschema_description:"How long everything must be well before a canary is promoted (default 10m)."`
	Hosts       At[int]     `yaml:"hosts" jsonschema_description:"Hosts of the canary that must serve the revision, at least (default 1)."`
	Requests    At[int]     `yaml:"requests" jsonschema_description:"Requests that they must have answered, at least (default 100)."`
	ErrorRate   At[Percent] `yaml:"error_rate" jsonschema_description:"Share of the canary's requests that may fail; more only if as many fail on other hosts (default 0.1%)."`
	LatencyMS   At[float64] `yaml:"latency_ms" jsonschema_description:"Milliseconds within which 99% of the canary's requests are answered; more only if other hosts are as slow (default 10)."`
	SampleRatio At[bool]    `yaml:"sample_ratio" jsonschema_description:"Abort if units are not split among variants as the weights say (default true)."`
}

// FreezeEntry is a time in which nothing is published: between two times, or on some
// days of the week between two times of the day.
type FreezeEntry struct {
	Pos Pos `yaml:"-"`

	Days   List[At[string]] `yaml:"days" jsonschema_description:"Days of the week, monday to sunday; without them, from and to are dates with times."`
	From   At[string]       `yaml:"from" jsonschema:"required" jsonschema_description:"2026-12-20T00:00:00Z, or with days a time of the day such as 16:00."`
	To     At[string]       `yaml:"to" jsonschema:"required" jsonschema_description:"As from, and after it; the freeze ends before this time. 24:00 is the end of a day."`
	Zone   At[string]       `yaml:"zone" jsonschema_description:"With days: the time zone of the day, for example Europe/Berlin (default UTC)."`
	Reason At[string]       `yaml:"reason" jsonschema_description:"Shown to who wants to publish."`
}

// ExperimentFile is a file of experiments/.
type ExperimentFile struct {
	Pos Pos `yaml:"-"`

	Key           At[string]              `yaml:"key" jsonschema:"required" jsonschema_description:"The experiment's key: the file name without its extension."`
	Name          At[string]              `yaml:"name" jsonschema_description:"A name for people."`
	Owner         At[string]              `yaml:"owner" jsonschema_description:"Who answers for the experiment."`
	Hypothesis    At[string]              `yaml:"hypothesis" jsonschema_description:"What is expected to happen, and why."`
	Applications  List[At[string]]        `yaml:"applications" jsonschema_description:"The applications that it is for (default: all of them)."`
	Unit          At[string]              `yaml:"unit" jsonschema_description:"What is randomised (default: the first of units)."`
	Layer         At[string]              `yaml:"layer" jsonschema_description:"Layer whose slots the experiment takes; without one it overlaps all others."`
	Status        At[string]              `yaml:"status" jsonschema:"required,enum=draft,enum=running,enum=paused,enum=stopped" jsonschema_description:"draft, running, paused (nobody is assigned) or stopped."`
	Start         At[time.Time]           `yaml:"start" jsonschema_description:"Nobody is assigned before this time."`
	End           At[time.Time]           `yaml:"end" jsonschema_description:"Nobody is assigned from this time on."`
	Traffic       At[Percent]             `yaml:"traffic" or:"ramp" jsonschema_description:"Share of the layer, or of all units without one (default 100%)."`
	Ramp          List[StepEntry]         `yaml:"ramp" jsonschema_description:"In place of traffic: steps by which it grows on its own."`
	Audience      At[string]              `yaml:"audience" jsonschema_description:"CEL expression over the attributes: who takes part."`
	Prerequisites List[PrerequisiteEntry] `yaml:"prerequisites" jsonschema_description:"What other experiments and flags must give a unit for it to take part."`
	Holdout       At[bool]                `yaml:"holdout" jsonschema_description:"Whether the global holdout applies (default true). That of the layer always does."`
	Salt          At[string]              `yaml:"salt" jsonschema_description:"Salt of the draw (default: the key). Changing it draws everyone anew."`
	Control       At[string]              `yaml:"control" jsonschema_description:"Key of the control variant (default: the first; with factors, the first level of each)."`
	Variants      List[ExperimentArm]     `yaml:"variants" or:"factors" jsonschema:"required" jsonschema_description:"What units may be given."`
	Factors       List[FactorEntry]       `yaml:"factors" jsonschema_description:"In place of variants: what varies, and how. Each combination of levels is a variant; its key joins theirs with dashes."`
	Overrides     Map[List[At[ID]]]       `yaml:"overrides" jsonschema_description:"For each variant, the unit ids that always get it."`
	Routes        List[At[string]]        `yaml:"routes" jsonschema_description:"Paths of the site that it touches: /cart, /product/:id, /product/*. Caches keep a copy of these for each combination of variants."`
	Sticky        At[bool]                `yaml:"sticky" jsonschema_description:"Whether visitors keep the variant that they were given first, in a cookie (default false)."`
	Metrics       *MetricsEntry           `yaml:"metrics"`
	Tests         List[TestEntry]         `yaml:"tests" jsonschema_description:"What the experiment must give certain requests; tried before every publish."`
}

// ExperimentArm is a variant of an experiment.
type ExperimentArm struct {
	Pos Pos `yaml:"-"`

	Key    At[string]  `yaml:"key" jsonschema:"required" jsonschema_description:"Key of the variant, for example control."`
	Name   At[string]  `yaml:"name" jsonschema_description:"A name for people."`
	Weight At[Percent] `yaml:"weight" jsonschema:"required" jsonschema_description:"Share of the experiment's traffic; all weights add up to 100%."`
	Config At[JSON]    `yaml:"config" jsonschema_description:"Any value; the application gets it as JSON."`
}

// FactorEntry is one of the things that a multivariate test varies.
type FactorEntry struct {
	Pos Pos `yaml:"-"`

	Key    At[string]       `yaml:"key" jsonschema:"required" jsonschema_description:"Key of the factor, for example color: its place in the config."`
	Levels List[LevelEntry] `yaml:"levels" jsonschema:"required" jsonschema_description:"The values of the factor; the first is the control's."`
}

// LevelEntry is a level of a factor.
type LevelEntry struct {
	Pos Pos `yaml:"-"`

	Key    At[string]  `yaml:"key" jsonschema:"required" jsonschema_description:"Key of the level, without dashes."`
	Weight At[Percent] `yaml:"weight" jsonschema:"required" jsonschema_description:"Share of the units that get the level, whatever the other factors; all weights of a factor add up to 100%."`
	Config At[JSON]    `yaml:"config" jsonschema_description:"Any value; the variant's config has it under the factor's key."`
}

// StepEntry is a step of a ramp.
type StepEntry struct {
	Pos Pos `yaml:"-"`

	At      At[time.Time] `yaml:"at" jsonschema:"required" jsonschema_description:"From when on: the date and the time with its zone."`
	Traffic At[Percent]   `yaml:"traffic" jsonschema:"required" jsonschema_description:"Traffic from then on; not less than that of the step before."`
}

// PrerequisiteEntry requires another experiment or flag to give certain variants.
type PrerequisiteEntry struct {
	Pos Pos `yaml:"-"`

	Key      At[string]       `yaml:"key" jsonschema:"required" jsonschema_description:"Key of the other experiment or flag."`
	Variants List[At[string]] `yaml:"variants" jsonschema:"required" jsonschema_description:"Keys of its variants, one of which the unit must be given."`
}

// MetricsEntry says what an experiment is judged by.
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
	Owner         At[string]              `yaml:"owner" jsonschema_description:"Who answers for the flag."`
	Applications  List[At[string]]        `yaml:"applications" jsonschema_description:"The applications that it is for (default: all of them)."`
	Unit          At[string]              `yaml:"unit" jsonschema_description:"What is randomised (default: the first of units)."`
	Status        At[string]              `yaml:"status" jsonschema:"required,enum=running,enum=paused" jsonschema_description:"running, or paused: everybody gets the default."`
	Salt          At[string]              `yaml:"salt" jsonschema_description:"Salt of the draw (default: the key). Changing it draws everyone anew."`
	Prerequisites List[PrerequisiteEntry] `yaml:"prerequisites" jsonschema_description:"What other experiments and flags must give a unit; otherwise it gets the default."`
	Variants      List[FlagArm]           `yaml:"variants" or:"factors" jsonschema:"required" jsonschema_description:"What units may be given."`
	Factors       List[FactorEntry]       `yaml:"factors" jsonschema_description:"In place of variants: what varies, and how. Each combination of levels is a variant; its key joins theirs with dashes."`
	Default       At[string]              `yaml:"default" jsonschema:"required" jsonschema_description:"Key of the variant given where no rule applies."`
	Rules         List[RuleEntry]         `yaml:"rules" jsonschema_description:"Tried in order; the first that applies gives the variant."`
	Overrides     Map[List[At[ID]]]       `yaml:"overrides" jsonschema_description:"For each variant, the unit ids that always get it."`
	Routes        List[At[string]]        `yaml:"routes" jsonschema_description:"Paths of the site that it touches: /cart, /product/:id, /product/*. Caches keep a copy of these for each combination of variants."`
	Tests         List[TestEntry]         `yaml:"tests" jsonschema_description:"What the flag must give certain requests; tried before every publish."`
}

// TestEntry is a request and what it must be given.
type TestEntry struct {
	Pos Pos `yaml:"-"`

	Name       At[string]    `yaml:"name" jsonschema_description:"What the test is about, for people."`
	Unit       At[ID]        `yaml:"unit" jsonschema_description:"The id of the unit that is randomised."`
	Units      Map[At[ID]]   `yaml:"units" jsonschema_description:"Ids of units of other types, by type."`
	Attributes Map[At[JSON]] `yaml:"attributes" jsonschema_description:"What the request says about the visitor."`
	At         At[time.Time] `yaml:"at" jsonschema_description:"The time of the request (default: when the test is run)."`
	Variant    At[string]    `yaml:"variant" jsonschema_description:"Key of the variant that must be given."`
	Reason     At[string]    `yaml:"reason" jsonschema:"enum=no_unit,enum=override,enum=opt_out,enum=bot,enum=internal,enum=holdout,enum=not_started,enum=ended,enum=prerequisite,enum=layer,enum=audience,enum=traffic,enum=split,enum=default" jsonschema_description:"The reason that must be given; alone, or beside the variant."`
}

// FlagArm is a variant of a flag.
type FlagArm struct {
	Pos Pos `yaml:"-"`

	Key    At[string] `yaml:"key" jsonschema:"required" jsonschema_description:"Key of the variant, for example on."`
	Name   At[string] `yaml:"name" jsonschema_description:"A name for people."`
	Config At[JSON]   `yaml:"config" jsonschema_description:"Any value; the application gets it as JSON."`
}

// RuleEntry is a rule of a flag. It gives one variant, or splits among several. In a
// flag with factors, a rule that does neither splits by the weights of the levels.
type RuleEntry struct {
	Pos Pos `yaml:"-"`

	Audience At[string]       `yaml:"audience" jsonschema_description:"CEL expression over the attributes: whom the rule is for (default: everybody)."`
	Traffic  At[Percent]      `yaml:"traffic" or:"ramp" jsonschema_description:"Share of the units that the rule applies to (default 100%)."`
	Ramp     List[StepEntry]  `yaml:"ramp" jsonschema_description:"In place of traffic: steps by which it grows on its own."`
	Variant  At[string]       `yaml:"variant" jsonschema_description:"Key of the variant that the rule gives."`
	Split    Map[At[Percent]] `yaml:"split" jsonschema_description:"Weight of each variant, adding up to 100%."`
}
