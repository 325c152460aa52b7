// Package analysis computes the statistics of an experiment from the stored events, and
// recommends what to do, with the rule that says so.
//
// An [Engine] reads the events of an [Experiment] and returns a [Summary]. [NewReport]
// turns it into a [Report], which [WriteText] and [WriteJSON] write. A report carries its
// warnings, so that no number is shown without them.
//
// The package knows no database: package query implements Engine over SQL, and packages
// such as duckdb connect it to a database.
//
// What is counted:
//
//   - An exposure is one (source, boot, seq), an outcome is one id, however often they
//     were delivered. Exposures given by an override list are not counted.
//   - A unit enters with its first exposure in the phase. A unit that saw two variants
//     counts for neither; the report has the number of such units, and a warning.
//   - An outcome counts for a unit if it happened at or after the unit's first
//     exposure, by the times that the events carry.
//
// This package is internal to Sortition and may change without notice.
package analysis

import (
	"errors"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Experiment says which events to read, and how to judge them.
type Experiment struct {
	Key        string
	Name       string // for people; the key if empty
	Unit       string // unit type, for example "user"
	Phase      int
	End        time.Time // the planned end; zero if there is none
	Variants   []Variant // two or more, one of them the control
	Primary    Metric
	Guardrails []Metric
}

// Variant is a variant of an experiment.
type Variant struct {
	Key  string
	Name string // for people; the key if empty
	// Weight is the variant's slots of model.Slots. If the weights of all variants are
	// zero they are unknown, and the sample ratio cannot be checked.
	Weight  int
	Control bool // what the others are compared with
}

// Kind says how a metric is computed for a unit.
type Kind string

// The kinds of metric.
const (
	Conversion Kind = "conversion" // whether the unit had the event at all
	Mean       Kind = "mean"       // the sum of the event's Value property over the unit, 0 without events
)

// Goal is the direction in which a metric improves.
type Goal string

// The goals.
const (
	Increase Goal = "increase"
	Decrease Goal = "decrease"
)

// Metric is a quantity that an experiment is judged by.
type Metric struct {
	Key   string
	Event string // name of the outcome event
	Kind  Kind
	Value string // top-level property of the event that is summed; empty for a conversion
	Goal  Goal
}

// Metrics returns all metrics, the primary first.
func (x *Experiment) Metrics() []Metric {
	return append([]Metric{x.Primary}, x.Guardrails...)
}

// control is the index of the control in a valid experiment.
func (x *Experiment) control() int {
	for i, v := range x.Variants {
		if v.Control {
			return i
		}
	}
	return model.None
}

// Validate returns an error if x cannot be analysed.
func (x *Experiment) Validate() error {
	switch {
	case x.Key == "" || x.Unit == "":
		return errors.New("the experiment needs a key and a unit")
	case x.Phase < 1:
		return fmt.Errorf("%s: phase %d: phases count from 1", x.Key, x.Phase)
	case len(x.Variants) < 2:
		return fmt.Errorf("%s has %d variants: a comparison needs two or more", x.Key, len(x.Variants))
	}
	controls, seen := 0, map[string]bool{}
	for _, v := range x.Variants {
		if v.Key == "" || seen[v.Key] {
			return fmt.Errorf("%s: variant %q is empty or declared twice", x.Key, v.Key)
		}
		seen[v.Key] = true
		if v.Weight < 0 || v.Weight > model.Slots {
			return fmt.Errorf("%s: variant %s has %d slots, not 0 to %d", x.Key, v.Key, v.Weight, model.Slots)
		}
		if v.Control {
			controls++
		}
	}
	if controls != 1 {
		return fmt.Errorf("%s has %d controls: declare exactly one variant as control", x.Key, controls)
	}
	seen = map[string]bool{}
	for _, m := range x.Metrics() {
		if seen[m.Key] {
			return fmt.Errorf("%s: metric %s is listed twice", x.Key, m.Key)
		}
		seen[m.Key] = true
		if err := m.validate(); err != nil {
			return fmt.Errorf("%s: %w", x.Key, err)
		}
	}
	return nil
}

func (m *Metric) validate() error {
	switch {
	case m.Key == "" || m.Event == "":
		return errors.New("no primary metric, or a metric without an event: declare it under metrics")
	case m.Kind != Conversion && m.Kind != Mean:
		return fmt.Errorf("metric %s is of kind %q, not %s or %s", m.Key, m.Kind, Conversion, Mean)
	case (m.Kind == Mean) != (m.Value != ""):
		return fmt.Errorf("metric %s: a mean needs the name of the property to sum, a conversion has none", m.Key)
	case m.Goal != Increase && m.Goal != Decrease:
		return fmt.Errorf("metric %s has the goal %q, not %s or %s", m.Key, m.Goal, Increase, Decrease)
	}
	return nil
}
