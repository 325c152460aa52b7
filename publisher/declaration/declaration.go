// Package declaration stores what a project's files declared, for each revision. A payload has
// only what the core needs. A declaration also has audiences as text, owners, hypotheses and
// metrics, so that two declarations are enough to describe a change in words.
//
// A declaration is the object s/<sha256> of the bucket, where sha256 is the hash of its bytes. It
// is a JSON object with the fields of [Declaration], in their order. It never contains the id of
// a unit. For segments and overrides it has the number of ids, and a hash of the hashes that the
// payload has for them.
//
// Readers ignore unknown fields, so that later publishers can add fields.
//
// This package is internal to Sortition and may change without notice.
package declaration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/config"
)

// Format is the version of the format that this package writes and reads.
const Format = 1

// Limits of a declaration.
const (
	// MaxSize is the largest size of a declaration in bytes. 10,000 experiments take about a
	// twelfth of it.
	MaxSize = 64 << 20

	// MaxShown is the largest length in bytes of a variant's config in a declaration. For a
	// longer config the declaration has the hash, which still shows a change.
	MaxShown = 1 << 10
)

// ErrFormat is the error for data that is not a valid declaration.
var ErrFormat = errors.New("invalid declaration")

// Declaration is what the files of a project declared. A list is in declared order if the order
// has a meaning, and sorted by key otherwise.
type Declaration struct {
	Format       int          `json:"format"`
	Applications []string     `json:"applications,omitempty"`
	Units        []string     `json:"units"`
	Attributes   []Attribute  `json:"attributes"`
	Audiences    []Audience   `json:"audiences"`
	Segments     []Segment    `json:"segments"`
	OptOut       []string     `json:"opt_out"` // keys of segments
	Exclude      Exclude      `json:"exclude"`
	Holdout      *Percent     `json:"holdout"` // null if there is none
	Layers       []Layer      `json:"layers"`
	Metrics      []Metric     `json:"metrics"`
	Experiments  []Experiment `json:"experiments"` // of every status
	Flags        []Flag       `json:"flags"`
}

// Percent is a share with two decimals, as text: "12.5%".
type Percent = config.Percent

// Attribute is a declared attribute.
type Attribute struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Audience is a named audience with its text.
type Audience struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

// Segment is a segment without its unit ids.
type Segment struct {
	Key  string `json:"key"`
	Unit string `json:"unit"`
	IDs  Hidden `json:"ids"`
}

// Hidden stands for a list of unit ids.
type Hidden struct {
	Count  int         `json:"count"`
	SHA256 bundle.Hash `json:"sha256"` // of the hashes of the ids, ascending; see package payload
}

// Exclude has the texts of the audiences that are excluded from experiments.
type Exclude struct {
	Bot      string `json:"bot"`
	Internal string `json:"internal"`
}

// Layer is a layer and its holdout.
type Layer struct {
	Key     string   `json:"key"`
	Holdout *Percent `json:"holdout"` // null if there is none
}

// Metric is a metric.
type Metric struct {
	Key   string `json:"key"`
	Event string `json:"event"`
	Kind  string `json:"kind"`
	Value string `json:"value"`
	Goal  string `json:"goal"`

	Baseline *Baseline `json:"baseline,omitempty"` // the metric without any experiment
}

// Baseline is a mean and a standard deviation over all units.
type Baseline struct {
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"`
}

// Experiment is an experiment.
type Experiment struct {
	Key           string         `json:"key"`
	Name          string         `json:"name"`
	Owner         string         `json:"owner"`
	Hypothesis    string         `json:"hypothesis"`
	Status        string         `json:"status"`
	Applications  []string       `json:"applications,omitempty"` // empty for every application
	Unit          string         `json:"unit"`
	Layer         string         `json:"layer"`
	Salt          string         `json:"salt"`
	Holdout       bool           `json:"holdout"` // whether the global holdout applies
	Start         *time.Time     `json:"start"`   // null for unbounded
	End           *time.Time     `json:"end"`
	Audience      string         `json:"audience"`
	Prerequisites []Prerequisite `json:"prerequisites"`
	Enrolment
	Control    string     `json:"control"`
	Variants   []Variant  `json:"variants"`
	Overrides  []Override `json:"overrides"`
	Primary    string     `json:"primary"`
	Guardrails []string   `json:"guardrails"`
	Effect     Percent    `json:"effect"` // smallest relative change of the primary metric to detect; 0 for none
	Routes     []string   `json:"routes,omitempty"`
	Sticky     bool       `json:"sticky,omitempty"`
}

// Enrolment is a fixed traffic or a ramp.
type Enrolment struct {
	Traffic Percent `json:"traffic"`
	Ramp    []Step  `json:"ramp"`
}

// Step is the traffic from a time on.
type Step struct {
	At      time.Time `json:"at"`
	Traffic Percent   `json:"traffic"`
}

// Prerequisite requires that another experiment or flag gives one of the variants.
type Prerequisite struct {
	Key      string   `json:"key"`
	Variants []string `json:"variants"`
}

// Variant is a variant. The weight is zero in a flag.
type Variant struct {
	Key    string  `json:"key"`
	Name   string  `json:"name"`
	Weight Percent `json:"weight"`
	Config string  `json:"config"` // JSON, or "sha256:" and its hash
}

// Override is the number and the hash of the units that always get a variant.
type Override struct {
	Variant string `json:"variant"`
	Units   Hidden `json:"units"`
}

// Flag is a flag.
type Flag struct {
	Key           string         `json:"key"`
	Name          string         `json:"name"`
	Owner         string         `json:"owner"`
	Status        string         `json:"status"`
	Applications  []string       `json:"applications,omitempty"` // empty for every application
	Unit          string         `json:"unit"`
	Salt          string         `json:"salt"`
	Prerequisites []Prerequisite `json:"prerequisites"`
	Variants      []Variant      `json:"variants"`
	Default       string         `json:"default"`
	Rules         []Rule         `json:"rules"`
	Overrides     []Override     `json:"overrides"`
	Routes        []string       `json:"routes,omitempty"`
}

// Rule is a rule of a flag.
type Rule struct {
	Audience string `json:"audience"`
	Enrolment
	Split []Share `json:"split"`
}

// Share is a variant's part of a rule.
type Share struct {
	Variant string  `json:"variant"`
	Weight  Percent `json:"weight"`
}

// Encode returns the bytes of the object. Equal declarations have equal bytes. It fails if there
// are more than [MaxSize].
func (d *Declaration) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("encode the declaration: %w", err)
	}
	if b.Len() > MaxSize {
		return nil, fmt.Errorf("the declaration has %d bytes; the limit is %d: shorten hypotheses and configs", b.Len(), MaxSize)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Parse decodes the bytes of an object. The caller must have checked their hash. Errors are
// [ErrFormat].
func Parse(data []byte) (*Declaration, error) {
	d := new(Declaration)
	if err := json.Unmarshal(data, d); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	if d.Format != Format {
		return nil, fmt.Errorf("%w: it has format %d; this program reads format %d: upgrade it", ErrFormat, d.Format, Format)
	}
	return d, nil
}
