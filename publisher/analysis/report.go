package analysis

import (
	"strconv"
	"time"

	"github.com/sortition-dev/sortition/publisher/analysis/stats"
)

// Format is the version of the JSON form of a Report. Fields may be added under the
// same number; a change of meaning raises it.
const Format = 1

// Confidence is the level of every interval, and 1 - Confidence the level that p-values
// are compared with.
const Confidence = 0.95

// Report holds the results of an experiment, with warnings about them.
//
// In JSON a quantity that the data does not determine is null; there is no NaN. Rates,
// shares and relative differences are fractions: 0.05 is 5 %. Times are RFC 3339, UTC.
type Report struct {
	Format     int       `json:"format"`
	Experiment string    `json:"experiment"`
	Name       string    `json:"name"`
	Unit       string    `json:"unit"`
	Phase      int       `json:"phase"`
	ReadAt     time.Time `json:"read_at"`
	Confidence float64   `json:"confidence"`

	Data        Data          `json:"data"`
	Variants    []VariantSize `json:"variants"` // in declared order
	SampleRatio SampleRatio   `json:"sample_ratio"`
	Metrics     []Result      `json:"metrics"` // the primary first

	Warnings       []Warning      `json:"warnings"` // never null
	Recommendation Recommendation `json:"recommendation"`
	Methods        []string       `json:"methods"` // how the numbers were computed
}

// Data says what was read.
type Data struct {
	FirstExposure *time.Time `json:"first_exposure"` // null without exposures
	LastExposure  *time.Time `json:"last_exposure"`

	Exposures int64 `json:"exposures"` // of the units analysed
	Units     int64 `json:"units"`     // analysed

	DuplicateExposures int64 `json:"duplicate_exposures"` // delivered again; counted once
	OverrideExposures  int64 `json:"override_exposures"`  // given by an override list; not counted
	ConflictingUnits   int64 `json:"conflicting_units"`   // saw two variants; removed
	UndeclaredUnits    int64 `json:"undeclared_units"`    // saw a variant that is not declared; removed

	// Completeness is of the exposures of all experiments; null if not known.
	Completeness *Completeness `json:"completeness"`
}

// Completeness compares the exposures that hosts numbered with those that arrived.
type Completeness struct {
	Emitted int64 `json:"emitted"` // the sum of the highest numbers seen
	Stored  int64 `json:"stored"`
	Missing int64 `json:"missing"` // lost, shed, or still on their way
}

// Share is the share of emitted exposures that arrived, 1 if none were emitted.
func (c Completeness) Share() float64 {
	if c.Emitted == 0 {
		return 1
	}
	return float64(c.Stored) / float64(c.Emitted)
}

// VariantSize is how many units a variant has.
type VariantSize struct {
	Key           string   `json:"key"`
	Name          string   `json:"name"`
	Control       bool     `json:"control"`
	Weight        *float64 `json:"weight"` // planned share of the units; null if not known
	Exposures     int64    `json:"exposures"`
	Units         int64    `json:"units"`
	ExpectedUnits *float64 `json:"expected_units"` // by weight; null if not known
}

// SampleRatio is the check that units were split as planned. A mismatch means that
// units of some variants got lost or were added, so that the variants cannot be compared.
type SampleRatio struct {
	Checked   bool     `json:"checked"`    // false without units or weights
	ChiSquare *float64 `json:"chi_square"` // null unless checked
	P         *float64 `json:"p"`          // null unless checked
	Threshold float64  `json:"threshold"`
	Mismatch  bool     `json:"mismatch"` // p is below the threshold
}

// Role says what a metric is for.
type Role string

// The roles.
const (
	Primary   Role = "primary"   // decides
	Guardrail Role = "guardrail" // must not be harmed
)

// Result holds the results of one metric.
type Result struct {
	Key   string `json:"key"`
	Event string `json:"event"`
	Role  Role   `json:"role"`
	Kind  Kind   `json:"kind"`
	Value string `json:"value,omitempty"` // the property that is summed
	Goal  Goal   `json:"goal"`

	UnreadableOutcomes int64 `json:"unreadable_outcomes"` // without a number to sum; not counted

	Variants    []Estimate   `json:"variants"`    // in declared order
	Comparisons []Comparison `json:"comparisons"` // of each other variant with the control, in declared order
}

// Estimate is a metric of one variant.
type Estimate struct {
	Variant     string    `json:"variant"`
	Units       int64     `json:"units"`
	Conversions int64     `json:"conversions"` // units with at least one outcome that counts
	Value       *float64  `json:"value"`       // the rate of a conversion, the mean per unit otherwise
	Interval    *Interval `json:"interval"`    // Wilson of a rate, Student of a mean
	Variance    *float64  `json:"variance"`    // between units, divisor units - 1
}

// Interval is a confidence interval.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Comparison is a metric's difference between a variant and the control.
type Comparison struct {
	Variant  string     `json:"variant"`
	Control  string     `json:"control"`
	Absolute Difference `json:"absolute"` // variant - control
	Relative Difference `json:"relative"` // variant / control - 1
	P        *float64   `json:"p"`        // two-sided, of no difference
	// PAdjusted is P, for the primary metric adjusted for the number of variants.
	PAdjusted *float64 `json:"p_adjusted"`
	Verdict   Verdict  `json:"verdict"`
}

// Difference is an estimate of a difference; both parts are null if undetermined.
type Difference struct {
	Estimate *float64  `json:"estimate"`
	Interval *Interval `json:"interval"`
}

// Verdict says how a variant compares with the control, seen from the metric's goal.
type Verdict string

// The verdicts. Better and worse are significant: the adjusted p is below 1 - Confidence.
const (
	Better  Verdict = "better"
	Worse   Verdict = "worse"
	Unclear Verdict = "unclear"
)

// Warning is a reason to doubt the numbers.
type Warning struct {
	Code   WarningCode `json:"code"`
	Blocks bool        `json:"blocks"` // no recommendation is made while it stands
	Text   string      `json:"text"`
}

// WarningCode names a kind of warning.
type WarningCode string

// The warnings.
const (
	WarnNoData           WarningCode = "no_data"
	WarnSampleRatio      WarningCode = "sample_ratio"
	WarnRatioUnchecked   WarningCode = "sample_ratio_unchecked"
	WarnConflictingUnits WarningCode = "conflicting_units"
	WarnUndeclaredUnits  WarningCode = "undeclared_units"
	WarnIncomplete       WarningCode = "incomplete"
	WarnFewConversions   WarningCode = "few_conversions"
	WarnUnreadable       WarningCode = "unreadable_outcomes"
	WarnEarly            WarningCode = "early"
)

// Action is what to do.
type Action string

// The actions.
const (
	Refuse      Action = "refuse" // the numbers must not be used
	Wait        Action = "wait"
	Ship        Action = "ship"
	KeepControl Action = "keep_control"
)

// Rule names the rule that gave a recommendation.
type Rule string

// The rules, in the order in which they are tried; the first that applies decides.
const (
	RuleNoData           Rule = "no_data"           // refuse: nobody was exposed
	RuleSRM              Rule = "srm"               // refuse: the sample ratio is wrong, or cannot be checked
	RuleConflictingUnits Rule = "conflicting_units" // refuse: too many units saw two variants
	RuleTooFewUnits      Rule = "too_few_units"     // wait: the tests do not hold yet
	RuleShip             Rule = "ship"              // ship: better on the primary, no guardrail harmed
	RuleGuardrail        Rule = "guardrail"         // keep control: every variant is out, one by its guardrails
	RuleKeepControl      Rule = "keep_control"      // keep control: every variant is worse on the primary
	RuleNoDifferenceYet  Rule = "no_difference_yet" // wait: some variant may still be better
)

// Recommendation says what to do, and why.
type Recommendation struct {
	Action  Action `json:"action"`
	Rule    Rule   `json:"rule"`
	Variant string `json:"variant,omitempty"` // the variant to ship or keep
	Text    string `json:"text"`
}

// digits is the number of significant digits of every number in a report. Further digits
// depend on the order in which threads add numbers, and on the processor.
const digits = 10

// known is a determined quantity.
func known(x float64) *float64 {
	if y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', digits-1, 64), 64); err == nil {
		x = y
	}
	return &x
}

func interval(i stats.Interval, ok bool) *Interval {
	if !ok {
		return nil
	}
	return &Interval{Low: *known(i.Low), High: *known(i.High)}
}
