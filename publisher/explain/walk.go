package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// Names of the steps, in their order. The last four are taken for each rule in turn, until
// one applies.
const (
	StepUnit         = "unit"
	StepKillSwitch   = "kill_switch"
	StepOverride     = "override"
	StepOptOut       = "opt_out"
	StepBot          = "bot"
	StepInternal     = "internal"
	StepHoldout      = "holdout"
	StepSchedule     = "schedule"
	StepPrerequisite = "prerequisite"

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
	return Step{Name: name, Passed: passed, Position: model.None, RampStep: model.None}
}

// note adds a step with its detail, of the rule under examination.
func (w *walk) note(s Step, format string, args ...any) {
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
		w.note(step(StepUnit, false), "the request has no %s id", unit)
		return w.unassigned(abi.ReasonNoUnit)
	}
	w.note(step(StepUnit, true), "%s %q", unit, id)

	if e.Killed {
		w.note(step(StepKillSwitch, false), "paused")
		return w.unassigned(abi.ReasonKillSwitch)
	}
	w.note(step(StepKillSwitch, true), "not paused")

	if variant, ok := w.override(id); ok {
		return Decision{Variant: variant, Reason: abi.ReasonOverride, Rule: model.None}
	}
	if e.Kind == model.KindExperiment {
		if w.optedOut(unit, id) {
			return w.unassigned(abi.ReasonOptOut)
		}
		if reason := w.excluded(); reason != abi.ReasonNone {
			return w.unassigned(reason)
		}
		if w.heldOut(id) {
			return w.unassigned(abi.ReasonHoldout)
		}
	}
	if reason := w.schedule(); reason != abi.ReasonNone {
		return w.unassigned(reason)
	}
	if !w.prerequisites() {
		return w.unassigned(abi.ReasonPrerequisite)
	}
	return w.rules(id)
}

// unassigned ends the walk without a rule: an experiment gives nothing, a flag gives
// its default variant.
func (w *walk) unassigned(reason abi.Reason) Decision {
	w.rule = model.None
	e := w.experiment
	if e.Kind == model.KindFlag {
		w.note(step(StepDefault, true),
			"the flag gives its default, %s", e.Variants[e.Default].Key)
	}
	return Decision{Variant: e.Default, Reason: reason, Rule: model.None}
}

func (w *walk) override(id string) (variant int, ok bool) {
	if len(w.experiment.Overrides) == 0 {
		w.note(step(StepOverride, true), "no override list")
		return model.None, false
	}
	hash := hashID(id)
	for _, o := range w.experiment.Overrides {
		if o.Hash == hash {
			w.note(step(StepOverride, true), "xxhash64(%q) = 0x%016x is on the override list: %s",
				id, hash, w.experiment.Variants[o.Variant].Key)
			return o.Variant, true
		}
	}
	w.note(step(StepOverride, true), "xxhash64(%q) = 0x%016x is not on the override list", id, hash)
	return model.None, false
}

// optedOut reports whether a segment of the experiment's unit type keeps the unit out of
// every experiment.
func (w *walk) optedOut(unit, id string) bool {
	var lists names
	hash := hashID(id)
	for _, i := range w.program.OptOut {
		s := &w.program.Segments[i]
		if s.Unit != w.experiment.Unit {
			continue
		}
		if slices.Contains(s.Hashes, hash) {
			w.note(step(StepOptOut, false), "xxhash64(%q) = 0x%016x is on the opt-out list %s",
				id, hash, s.Key)
			return true
		}
		lists = append(lists, s.Key)
	}
	if len(lists) == 0 {
		w.note(step(StepOptOut, true), "no opt-out list of %s ids", unit)
	} else {
		w.note(step(StepOptOut, true), "xxhash64(%q) = 0x%016x is not on an opt-out list (%s)",
			id, hash, lists)
	}
	return false
}

func (w *walk) excluded() abi.Reason {
	for _, x := range w.program.Exclusions {
		name, reason := StepBot, abi.ReasonBot
		if x.Kind == model.ExcludeInternal {
			name, reason = StepInternal, abi.ReasonInternal
		}
		if w.matches(name, x.Audience) {
			return reason
		}
	}
	return abi.ReasonNone
}

// matches reports whether an exclusion's audience matches, and notes it.
func (w *walk) matches(name string, audience *model.Expr) bool {
	t := w.audience(audience)
	s := step(name, t != True)
	s.Expression, s.Tests = w.format(audience), w.tests
	w.note(s, "%s: %s", s.Expression, t)
	return t == True
}

func (w *walk) heldOut(id string) bool {
	if len(w.experiment.Holdouts) == 0 {
		w.note(step(StepHoldout, true), "no holdout applies")
	}
	for _, i := range w.experiment.Holdouts {
		h := w.program.Holdouts[i]
		draw := newDraw(h.Salt(), id, High)
		held := draw.Slot < h.Slots
		s := step(StepHoldout, !held)
		s.Draw = &draw
		s.Slots = []model.Range{{From: 0, To: h.Slots}}
		w.note(s, "holdout %s has %s: %s", h.Key, ranges(s.Slots), either(held, "held out", "not held out"))
		if held {
			return true
		}
	}
	return false
}

func (w *walk) schedule() abi.Reason {
	e, now := w.experiment, model.MillisOf(w.request.Now)
	switch {
	case e.Start != 0 && now < e.Start:
		w.note(step(StepSchedule, false), "now %s is before the start, %s", moment(now), moment(e.Start))
		return abi.ReasonNotStarted
	case e.End != 0 && now >= e.End:
		w.note(step(StepSchedule, false), "now %s is not before the end, %s", moment(now), moment(e.End))
		return abi.ReasonEnded
	case e.Start == 0 && e.End == 0:
		w.note(step(StepSchedule, true), "no schedule")
	default:
		w.note(step(StepSchedule, true), "now %s is within the schedule", moment(now))
	}
	return abi.ReasonNone
}

// prerequisites reports whether other experiments and flags give what this one requires.
// Each is decided in full for the same request.
func (w *walk) prerequisites() bool {
	if len(w.experiment.Prerequisites) == 0 {
		w.note(step(StepPrerequisite, true), "no prerequisites")
	}
	for _, required := range w.experiment.Prerequisites {
		other := &w.program.Experiments[required.Experiment]
		d := Decide(w.program, required.Experiment, w.request)
		holds := slices.Contains(required.Variants, d.Variant)
		if w.recording {
			s := step(StepPrerequisite, holds)
			s.Prerequisite = &Prerequisite{Experiment: other.Key, Reason: d.Reason}
			for _, v := range required.Variants {
				s.Prerequisite.Required = append(s.Prerequisite.Required, other.Variants[v].Key)
			}
			given := "no variant"
			if d.Variant != model.None {
				s.Prerequisite.Variant = other.Variants[d.Variant].Key
				given = s.Prerequisite.Variant
			}
			w.note(s, "%s gives %s, reason %s; required: %s", other.Key, given, d.Reason,
				strings.Join(s.Prerequisite.Required, " or "))
		}
		if !holds {
			return false
		}
	}
	return true
}

// audience evaluates an audience, leaving its tests in w.tests. Nil matches every
// request.
func (w *walk) audience(e *model.Expr) Result {
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
