// Package declaration keeps, for each revision, what its directory declared. A payload
// holds what a core needs, and of audiences, owners, hypotheses and metrics little or
// nothing. The declarations of two revisions are enough to describe in words what differs.
//
// A declaration is the object s/<sha256> of the bucket, named by the hash of its bytes. It
// is one JSON object, the fields in the order of the types below. It never holds the id of
// a unit: segments and overrides are a count, and a hash of the hashes of the ids that the
// payload has.
//
// Readers skip fields that they do not know, so that later publishers may add some.
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
	// MaxSize bounds a declaration in bytes. 10,000 experiments take a twelfth of it.
	MaxSize = 64 << 20

	// MaxShown is the length in bytes up to which a variant's config is kept as it is.
	// Of a longer one the hash is kept, so that a change of it is seen.
	MaxShown = 1 << 10
)

// ErrFormat is wrapped by the error for bytes that are no declaration.
var ErrFormat = errors.New("invalid declaration")

// Declaration is what a directory said. Every list is sorted by key, or in declared order
// where the order has a meaning.
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
	Experiments  []Experiment `json:"experiments"` // whatever their status
	Flags        []Flag       `json:"flags"`
}

// Percent is a share with two decimals, as text: "12.5%".
type Percent = config.Percent

// Attribute is a declared attribute.
type Attribute struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Audience is a named audience as it is written.
type Audience struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

// Segment is a list of unit ids, without them.
type Segment struct {
	Key  string `json:"key"`
	Unit string `json:"unit"`
	IDs  Hidden `json:"ids"`
}

// Hidden stands for a list of unit ids.
type Hidden struct {
	Count  int         `json:"count"`
	SHA256 bundle.Hash `json:"sha256"` // of the ids' hashes, as package payload says, ascending
}

// Exclude holds the audiences that no experiment counts, as they are written.
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

	Baseline *Baseline `json:"baseline,omitempty"` // what the metric is without any experiment
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
	Applications  []string       `json:"applications,omitempty"` // none if it is for every one
	Unit          string         `json:"unit"`
	Layer         string         `json:"layer"`
	Salt          string         `json:"salt"`
	Holdout       bool           `json:"holdout"` // whether the global one applies
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

// Enrolment is the traffic at all times, or the ramp.
type Enrolment struct {
	Traffic Percent `json:"traffic"`
	Ramp    []Step  `json:"ramp"`
}

// Step is the traffic from a time on.
type Step struct {
	At      time.Time `json:"at"`
	Traffic Percent   `json:"traffic"`
}

// Prerequisite is what another experiment or flag must give.
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

// Override says how many units are always given a variant.
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
	Applications  []string       `json:"applications,omitempty"` // none if it is for every one
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

// Encode returns the object's bytes: the same for the same declaration. It fails if they
// are more than [MaxSize].
func (d *Declaration) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, fmt.Errorf("write the declaration: %w", err)
	}
	if b.Len() > MaxSize {
		return nil, fmt.Errorf("the declaration of this directory has %d bytes; the limit is %d: shorten hypotheses and configs", b.Len(), MaxSize)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Parse reads an object's bytes, whose hash the caller has checked. Errors are ErrFormat.
func Parse(data []byte) (*Declaration, error) {
	d := new(Declaration)
	if err := json.Unmarshal(data, d); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	if d.Format != Format {
		return nil, fmt.Errorf("%w: format %d, this program reads %d: upgrade it", ErrFormat, d.Format, Format)
	}
	return d, nil
}
