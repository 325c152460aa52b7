package explain

import (
	"fmt"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Names of the steps, in the order in which they are taken. The last four are asked of
// each rule in turn, until one applies.
const (
	StepUnit       = "unit"
	StepKillSwitch = "kill_switch"
	StepOverride   = "override"
	StepBot        = "bot"
	StepInternal   = "internal"
	StepHoldout    = "holdout"
	StepSchedule   = "schedule"

	StepLayer    = "layer"
	StepAudience = "audience"
	StepTraffic  = "traffic"
	StepSplit    = "split"

	StepDefault = "default" // a flag, when nothing else gave a variant
)

// walk is one decision in the making.
type walk struct {
	program    *model.Program
	experiment *model.Experiment
	request    Request

	recording bool
	rule      int // the rule under examination, or model.None
	steps     []Step
	tests     []Test // of the audience under examination
}

// step starts a step that has no position.
func step(name string, passed bool) Step {
	return Step{Name: name, Passed: passed, Position: model.None}
}

// record adds a step with its detail, of the rule under examination.
func (w *walk) record(s Step, format string, args ...any) {
	if !w.recording {
		return
	}
	s.Rule = w.rule
	s.Detail = fmt.Sprintf(format, args...)
	w.steps = append(w.steps, s)
}

// decide takes the steps in order. The first that does not pass, or that assigns, ends
// the walk.
func (w *walk) decide() Decision {
	w.rule = model.None
	e := w.experiment
	unit := w.program.Units[e.Unit]
	id := w.request.Units[unit]
	if id == "" {
		w.record(step(StepUnit, false), "the request has no %s id", unit)
		return w.unassigned(model.ReasonNoUnit)
	}
	w.record(step(StepUnit, true), "%s %q", unit, id)

	if e.Killed {
		w.record(step(StepKillSwitch, false), "paused")
		return w.unassigned(model.ReasonKillSwitch)
	}
	w.record(step(StepKillSwitch, true), "not paused")

	if variant, ok := w.override(id); ok {
		return Decision{Variant: variant, Reason: model.ReasonOverride, Rule: model.None}
	}
	if e.Kind == model.KindExperiment {
		if reason := w.excluded(); reason != model.ReasonNone {
			return w.unassigned(reason)
		}
		if w.heldOut(id) {
			return w.unassigned(model.ReasonHoldout)
		}
	}
	if reason := w.schedule(); reason != model.ReasonNone {
		return w.unassigned(reason)
	}
	return w.rules(id)
}

// unassigned ends the walk without a rule: an experiment gives nothing, a flag gives
// its default variant.
func (w *walk) unassigned(reason model.Reason) Decision {
	w.rule = model.None
	e := w.experiment
	if e.Kind == model.KindFlag {
		w.record(step(StepDefault, true),
			"the flag gives its default, %s", e.Variants[e.Default].Key)
	}
	return Decision{Variant: e.Default, Reason: reason, Rule: model.None}
}

func (w *walk) override(id string) (variant int, ok bool) {
	if len(w.experiment.Overrides) == 0 {
		w.record(step(StepOverride, true), "no override list")
		return model.None, false
	}
	hash := hashID(id)
	for _, o := range w.experiment.Overrides {
		if o.Hash == hash {
			w.record(step(StepOverride, true), "xxhash64(%q) = 0x%016x is on the override list: %s",
				id, hash, w.experiment.Variants[o.Variant].Key)
			return o.Variant, true
		}
	}
	w.record(step(StepOverride, true), "xxhash64(%q) = 0x%016x is not on the override list", id, hash)
	return model.None, false
}

func (w *walk) excluded() model.Reason {
	for _, x := range w.program.Exclusions {
		name, reason := StepBot, model.ReasonBot
		if x.Kind == model.ExcludeInternal {
			name, reason = StepInternal, model.ReasonInternal
		}
		if w.matches(name, x.Audience) {
			return reason
		}
	}
	return model.ReasonNone
}

// matches reports whether an exclusion's audience matches, and records it.
func (w *walk) matches(name string, audience *model.Expr) bool {
	t := w.audience(audience)
	s := step(name, t != True)
	s.Expression, s.Tests = w.format(audience), w.tests
	w.record(s, "%s: %s", s.Expression, t)
	return t == True
}

func (w *walk) heldOut(id string) bool {
	if w.experiment.Holdout == model.None {
		w.record(step(StepHoldout, true), "no holdout applies")
		return false
	}
	h := w.program.Holdouts[w.experiment.Holdout]
	lot := draw(h.Salt(), id, High)
	held := lot.Slot < h.Slots
	s := step(StepHoldout, !held)
	s.Lot = &lot
	s.Slots = []model.Range{{From: 0, To: h.Slots}}
	w.record(s, "holdout %s has %s: %s", h.Key, ranges(s.Slots), either(held, "held out", "not held out"))
	return held
}

func (w *walk) schedule() model.Reason {
	e, now := w.experiment, w.request.Now.UnixMilli()
	switch {
	case e.Start != 0 && now < e.Start:
		w.record(step(StepSchedule, false), "now %s is before the start, %s", moment(now), moment(e.Start))
		return model.ReasonNotStarted
	case e.End != 0 && now >= e.End:
		w.record(step(StepSchedule, false), "now %s is not before the end, %s", moment(now), moment(e.End))
		return model.ReasonEnded
	case e.Start == 0 && e.End == 0:
		w.record(step(StepSchedule, true), "no schedule")
	default:
		w.record(step(StepSchedule, true), "now %s is within the schedule", moment(now))
	}
	return model.ReasonNone
}

// rules asks each rule in turn and splits by the first that applies.
func (w *walk) rules(id string) Decision {
	var failure model.Reason
	for i := range w.experiment.Rules {
		w.rule = i
		failure = w.ruleFailure(id, &w.experiment.Rules[i])
		if failure == model.ReasonNone {
			return Decision{Variant: w.split(id), Reason: model.ReasonSplit, Rule: i}
		}
	}
	if w.experiment.Kind == model.KindFlag {
		failure = model.ReasonDefault
	}
	return w.unassigned(failure)
}

// ruleFailure says why the rule does not apply, or ReasonNone if it does.
func (w *walk) ruleFailure(id string, rule *model.Rule) model.Reason {
	salt, owner := w.experiment.Salt, "the rule"
	if w.experiment.Layer != model.None {
		salt = w.program.Layers[w.experiment.Layer].Salt()
		owner = w.experiment.Key
	}
	lot := draw(salt, id, High)
	p := position(rule.Slots, lot.Slot)
	layer := Step{
		Name: StepLayer, Passed: p != model.None, Lot: &lot,
		Slots: rule.Slots, Position: p, Traffic: rule.Traffic,
	}
	if !layer.Passed {
		w.record(layer, "%s owns %s, not slot %d", owner, ranges(rule.Slots), lot.Slot)
		return model.ReasonLayer
	}
	w.record(layer, "%s owns %s (position %d, traffic %d)", owner, ranges(rule.Slots), p, rule.Traffic)

	t := w.audience(rule.Audience)
	audience := step(StepAudience, t == True)
	audience.Expression, audience.Tests = w.format(rule.Audience), w.tests
	if rule.Audience == nil {
		w.record(audience, "no audience: every request")
	} else {
		w.record(audience, "%s: %s", audience.Expression, t)
	}
	if !audience.Passed {
		return model.ReasonAudience
	}

	traffic := Step{Name: StepTraffic, Passed: p < rule.Traffic, Position: p, Traffic: rule.Traffic}
	w.record(traffic, "position %d is %s traffic %d",
		p, either(traffic.Passed, "below", "not below"), rule.Traffic)
	if !traffic.Passed {
		return model.ReasonTraffic
	}
	return model.ReasonNone
}

// split gives the variant whose share has the unit's variant slot.
func (w *walk) split(id string) int {
	e := w.experiment
	rule := &e.Rules[w.rule]
	lot := draw(e.Salt, id, Low)
	i := slices.IndexFunc(rule.Split, func(s model.Share) bool { return lot.Slot < s.To })
	variant := rule.Split[i].Variant
	if w.recording {
		s := step(StepSplit, true)
		s.Lot, s.Shares = &lot, named(e, rule.Split)
		w.record(s, "%s: slot %d gives %s", sharesText(s.Shares), lot.Slot, e.Variants[variant].Key)
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

// audience evaluates an audience, leaving its tests in w.tests. Nil matches every
// request.
func (w *walk) audience(e *model.Expr) Truth {
	w.tests = nil
	if e == nil {
		return True
	}
	return w.evaluate(e)
}

func (w *walk) format(e *model.Expr) string {
	if !w.recording || e == nil {
		return ""
	}
	return Format(w.program, e)
}
