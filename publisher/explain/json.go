package explain

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/sortition-dev/sortition/bundle/model"
)

// WriteJSON writes explanations as one indented JSON array.
func WriteJSON(out io.Writer, explanations []Explanation) error {
	list := make([]jsonExplanation, len(explanations))
	for i := range explanations {
		list[i] = newJSONExplanation(&explanations[i])
	}
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(list)
}

type jsonExplanation struct {
	Experiment string     `json:"experiment"`
	Kind       string     `json:"kind"`
	Unit       string     `json:"unit"`
	UnitID     string     `json:"unit_id,omitempty"`
	Variant    *string    `json:"variant"` // null if none was given
	Reason     string     `json:"reason"`
	Rule       *int       `json:"rule,omitempty"`
	Steps      []jsonStep `json:"steps"`
}

type jsonStep struct {
	Name     string      `json:"name"`
	Rule     *int        `json:"rule,omitempty"`
	Passed   bool        `json:"passed"`
	Detail   string      `json:"detail"`
	Draw     *jsonDraw   `json:"draw,omitempty"`
	Slots    []jsonRange `json:"slots,omitempty"`
	Position *int        `json:"position,omitempty"`
	Traffic  *int        `json:"traffic,omitempty"`
	Ramp     []jsonRamp  `json:"ramp,omitempty"`
	RampStep *int        `json:"ramp_step,omitempty"`
	Split    []jsonShare `json:"split,omitempty"`
	Audience string      `json:"audience,omitempty"`
	Tests    []jsonTest  `json:"tests,omitempty"`

	Prerequisite *jsonPrerequisite `json:"prerequisite,omitempty"`
}

// jsonDraw has the hash in hexadecimal, because many JSON parsers round large integers.
type jsonDraw struct {
	Salt   string `json:"salt"`
	UnitID string `json:"unit_id"`
	Hash   string `json:"hash"`
	Half   Half   `json:"half"`
	Slot   int    `json:"slot"`
	SQL    string `json:"sql"`
}

// jsonRange is a half-open interval, like [model.Range].
type jsonRange struct {
	From int `json:"from"`
	To   int `json:"to"`
}

type jsonShare struct {
	Variant string `json:"variant"`
	From    int    `json:"from"`
	To      int    `json:"to"`
}

type jsonRamp struct {
	At      string `json:"at"` // RFC 3339
	Traffic int    `json:"traffic"`
}

type jsonPrerequisite struct {
	Experiment string   `json:"experiment"`
	Required   []string `json:"required"`
	Variant    *string  `json:"variant"` // null if none was given
	Reason     string   `json:"reason"`
}

type jsonTest struct {
	Expression string `json:"expression"`
	Value      string `json:"value"`
	Result     string `json:"result"`
}

func newJSONExplanation(x *Explanation) jsonExplanation {
	j := jsonExplanation{
		Experiment: x.Experiment, Kind: x.Kind.String(), Unit: x.Unit, UnitID: x.UnitID,
		Reason: x.Reason.String(), Rule: optional(x.Rule), Steps: make([]jsonStep, len(x.Steps)),
	}
	if x.Variant != model.None {
		j.Variant = &x.VariantKey
	}
	for i := range x.Steps {
		j.Steps[i] = newJSONStep(&x.Steps[i])
	}
	return j
}

func newJSONStep(s *Step) jsonStep {
	j := jsonStep{
		Name: s.Name, Rule: optional(s.Rule), Passed: s.Passed, Detail: s.Detail,
		Position: optional(s.Position), RampStep: optional(s.RampStep), Audience: s.Expression,
	}
	if s.Draw != nil {
		j.Draw = &jsonDraw{
			Salt: s.Draw.Salt, UnitID: s.Draw.UnitID, Hash: fmt.Sprintf("0x%016x", s.Draw.Hash),
			Half: s.Draw.Half, Slot: s.Draw.Slot, SQL: s.Draw.SQL(),
		}
	}
	if s.Name == StepLayer || s.Name == StepTraffic {
		j.Traffic = &s.Traffic
	}
	for _, r := range s.Slots {
		j.Slots = append(j.Slots, jsonRange(r))
	}
	for _, r := range s.Ramp {
		j.Ramp = append(j.Ramp, jsonRamp{moment(r.At).String(), r.Traffic})
	}
	for _, share := range s.Shares {
		j.Split = append(j.Split, jsonShare(share))
	}
	for _, t := range s.Tests {
		j.Tests = append(j.Tests, jsonTest{t.Expression, t.Value, t.Result.String()})
	}
	if q := s.Prerequisite; q != nil {
		j.Prerequisite = &jsonPrerequisite{Experiment: q.Experiment, Required: q.Required, Reason: q.Reason.String()}
		if q.Variant != "" {
			j.Prerequisite.Variant = &q.Variant
		}
	}
	return j
}

// optional returns nil for [model.None].
func optional(n int) *int {
	if n == model.None {
		return nil
	}
	return &n
}
