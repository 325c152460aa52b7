package explain

import (
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// rules tries each rule in turn and splits by the first that applies.
func (w *walk) rules(id string) Decision {
	var failure abi.Reason
	for i := range w.experiment.Rules {
		w.rule = i
		failure = w.ruleFailure(id, &w.experiment.Rules[i])
		if failure == abi.ReasonNone {
			return Decision{Variant: w.split(id), Reason: abi.ReasonSplit, Rule: i}
		}
	}
	if w.experiment.Kind == model.KindFlag {
		failure = abi.ReasonDefault
	}
	return w.unassigned(failure)
}

// ruleFailure says why the rule does not apply, or ReasonNone if it does.
func (w *walk) ruleFailure(id string, rule *model.Rule) abi.Reason {
	salt, owner := w.experiment.Salt, "the rule"
	if w.experiment.Layer != model.None {
		salt = w.program.Layers[w.experiment.Layer].Salt()
		owner = w.experiment.Key
	}
	draw := newDraw(salt, id, High)
	p := position(rule.Slots, draw.Slot)
	now := model.MillisOf(w.request.Now)
	current, rampStep := trafficAt(rule, now)
	layer := step(StepLayer, p != model.None)
	layer.Draw, layer.Slots, layer.Position, layer.Traffic = &draw, rule.Slots, p, current
	if !layer.Passed {
		w.note(layer, "%s owns %s, not slot %d", owner, ranges(rule.Slots), draw.Slot)
		return abi.ReasonLayer
	}
	w.note(layer, "%s owns %s (position %d, traffic %d)", owner, ranges(rule.Slots), p, current)

	t := w.audience(rule.Audience)
	audience := step(StepAudience, t == True)
	audience.Expression, audience.Tests = w.format(rule.Audience), w.tests
	if rule.Audience == nil {
		w.note(audience, "no audience: every request")
	} else {
		w.note(audience, "%s: %s", audience.Expression, t)
	}
	if !audience.Passed {
		return abi.ReasonAudience
	}

	traffic := step(StepTraffic, p < current)
	traffic.Position, traffic.Traffic = p, current
	traffic.Ramp, traffic.RampStep = rule.Ramp, rampStep
	w.note(traffic, "position %d is %s traffic %d%s",
		p, either(traffic.Passed, "below", "not below"), current, whereInRamp{rule.Ramp, rampStep, now})
	if !traffic.Passed {
		return abi.ReasonTraffic
	}
	return abi.ReasonNone
}

// trafficAt is the rule's traffic at a time, and the step of its ramp that says so, or model.None.
func trafficAt(rule *model.Rule, now model.Millis) (traffic, rampStep int) {
	traffic, rampStep = rule.Traffic, model.None
	for i, s := range rule.Ramp {
		if s.At <= now {
			traffic, rampStep = s.Traffic, i
		}
	}
	return traffic, rampStep
}

// whereInRamp prints the current step of a ramp and the next one, in parentheses.
type whereInRamp struct {
	ramp    []model.Step
	current int // index, or model.None before the first
	now     model.Millis
}

func (w whereInRamp) String() string {
	if len(w.ramp) == 0 {
		return ""
	}
	text := " (now " + moment(w.now).String()
	if w.current != model.None {
		text += ", ramp step since " + moment(w.ramp[w.current].At).String()
	}
	if next := w.current + 1; next < len(w.ramp) {
		text += fmt.Sprintf(", %d from %s", w.ramp[next].Traffic, moment(w.ramp[next].At))
	}
	return text + ")"
}

// split gives the variant whose share has the unit's variant slot.
func (w *walk) split(id string) int {
	e := w.experiment
	rule := &e.Rules[w.rule]
	draw := newDraw(e.Salt, id, Low)
	i := slices.IndexFunc(rule.Split, func(s model.Share) bool { return draw.Slot < s.To })
	variant := rule.Split[i].Variant
	if w.recording {
		s := step(StepSplit, true)
		s.Draw, s.Shares = &draw, named(e, rule.Split)
		w.note(s, "%s: slot %d gives %s", sharesText(s.Shares), draw.Slot, e.Variants[variant].Key)
	}
	return variant
}

// named gives each share of a split its start and its variant's key.
func named(e *model.Experiment, split []model.Share) []Share {
	shares := make([]Share, len(split))
	from := 0
	for i, s := range split {
		shares[i] = Share{Variant: e.Variants[s.Variant].Key, From: from, To: s.To}
		from = s.To
	}
	return shares
}
