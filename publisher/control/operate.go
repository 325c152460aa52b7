package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/plan"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// OperateInput names what an operation changes. A message is demanded.
type OperateInput struct {
	Signing
	Key string // of an experiment or flag that is live
}

// JumpInput names the ramp that [Workspace.JumpRamp] sets, and the step.
type JumpInput struct {
	OperateInput
	To compile.Target // the zero value is the next step
}

// Operated is what came of an operation. Published is false if it had been done before.
type Operated struct {
	Made
	Key    string      `json:"key"`
	Kind   string      `json:"kind,omitempty"`  // experiment or flag; empty if it is not live
	Killed bool        `json:"killed"`          // or paused by the directory
	Gives  string      `json:"gives,omitempty"` // the variant that a killed flag gives everybody
	Paused bool        `json:"paused"`          // its ramp
	Ramps  []RampState `json:"ramps"`

	// EndedCanary is the revision whose canary the operation ended; 0 if there was none. Every host
	// goes back to Stable, with the change.
	EndedCanary uint64 `json:"ended_canary,omitempty"`
	Stable      uint64 `json:"stable,omitempty"`
}

// RampState is where the ramp of a rule is, and what follows if it is not paused.
type RampState struct {
	Rule    int        `json:"rule"` // from 1
	Traffic string     `json:"traffic"`
	Next    []RampStep `json:"next"`
}

// RampStep is a step of a ramp that is to come.
type RampStep struct {
	At      time.Time `json:"at"`
	Traffic string    `json:"traffic"`
}

// Kill stops an experiment or flag on every host: the experiment assigns nobody, and the flag gives
// its default, until [Workspace.UndoKill]. It ends a canary.
func (w *Workspace) Kill(ctx context.Context, in OperateInput) (*Operated, error) {
	return w.operate(ctx, in, kill)
}

// UndoKill takes a kill back.
func (w *Workspace) UndoKill(ctx context.Context, in OperateInput) (*Operated, error) {
	return w.operate(ctx, in, undoKill)
}

// PauseRamp stops the clock of the ramps of an experiment or flag.
func (w *Workspace) PauseRamp(ctx context.Context, in OperateInput) (*Operated, error) {
	return w.operate(ctx, in, pauseRamp)
}

// ResumeRamp lets the clock of paused ramps go on.
func (w *Workspace) ResumeRamp(ctx context.Context, in OperateInput) (*Operated, error) {
	return w.operate(ctx, in, resumeRamp)
}

// JumpRamp begins a step of a ramp now.
func (w *Workspace) JumpRamp(ctx context.Context, in JumpInput) (*Operated, error) {
	return w.operate(ctx, in.OperateInput, jumpRamp(in.To))
}

// PlanKill says what [Workspace.Kill] would change. It writes nothing.
func (w *Workspace) PlanKill(ctx context.Context, in OperateInput) (*plan.Plan, error) {
	return w.planOperation(ctx, in, kill)
}

// PlanUndoKill says what [Workspace.UndoKill] would change. It writes nothing.
func (w *Workspace) PlanUndoKill(ctx context.Context, in OperateInput) (*plan.Plan, error) {
	return w.planOperation(ctx, in, undoKill)
}

// PlanPauseRamp says what [Workspace.PauseRamp] would change. It writes nothing.
func (w *Workspace) PlanPauseRamp(ctx context.Context, in OperateInput) (*plan.Plan, error) {
	return w.planOperation(ctx, in, pauseRamp)
}

// PlanResumeRamp says what [Workspace.ResumeRamp] would change. It writes nothing.
func (w *Workspace) PlanResumeRamp(ctx context.Context, in OperateInput) (*plan.Plan, error) {
	return w.planOperation(ctx, in, resumeRamp)
}

// PlanJumpRamp says what [Workspace.JumpRamp] would change. It writes nothing.
func (w *Workspace) PlanJumpRamp(ctx context.Context, in JumpInput) (*plan.Plan, error) {
	return w.planOperation(ctx, in.OperateInput, jumpRamp(in.To))
}

// operation is a change of what is live that does not read the experiments of the directory.
type operation struct {
	action audit.Action
	change func(key string, now time.Time) compile.Operation

	// ahead is the change of what only the hosts of a canary have; nil if it must be live
	// everywhere.
	ahead func(key string, now time.Time) compile.Operation
}

var (
	kill       = operation{audit.Kill, compile.Kill, compile.KillAhead}
	undoKill   = operation{action: audit.UndoKill, change: func(key string, _ time.Time) compile.Operation { return compile.UndoKill(key) }}
	pauseRamp  = operation{action: audit.PauseRamp, change: compile.PauseRamp}
	resumeRamp = operation{action: audit.ResumeRamp, change: compile.ResumeRamp}
)

func jumpRamp(to compile.Target) operation {
	return operation{action: audit.JumpRamp, change: func(key string, now time.Time) compile.Operation {
		return compile.JumpRamp(key, to, now)
	}}
}

// patched is what an operation makes of what is live.
type patched struct {
	program *model.Program
	payload []byte
	over    *revision.Revision // whose canary it ends; nil if there is none
}

func (op *operation) patch(key string, live *revision.Revision, environment string, now time.Time) (*patched, error) {
	if live == nil {
		return nil, nothingLive(environment)
	}
	p := &patched{}
	if live.Stable != nil {
		p.over = live
	}
	settled, change := live.Settled(), op.change
	if op.ahead != nil && settled.Program.Find(key) == nil && live.Program.Find(key) != nil {
		change = op.ahead
	}
	var err error
	p.payload, p.program, err = compile.Patch(settled.Payload, change(key, now))
	switch {
	case err == nil:
	case p.over == nil && settled.Program.Find(key) == nil:
		err = &Invalid{Problem: err.Error()} // it names nothing that is live
	case errors.Is(err, compile.ErrNoStep):
		err = &Invalid{Field: "to", Problem: err.Error()}
	case p.over != nil:
		err = fmt.Errorf("%w in revision %d, which every host goes back to; to end the canary, use publisher canary abort", err, live.Stable.Number())
	}
	return p, err
}

// operate carries out an operation and publishes what comes of it. If another publisher is faster,
// it is carried out on what that one published.
func (w *Workspace) operate(ctx context.Context, in OperateInput, op operation) (*Operated, error) {
	if in.Message == "" {
		return nil, invalid("message", "say why, for the audit log")
	}
	p, err := w.publication(ctx, config.LoadTarget, in.Signing)
	if err != nil {
		return nil, err
	}
	var after *patched
	p.Action = op.action
	p.Build = func(live *revision.Revision) (*publish.Built, error) {
		var err error
		if after, err = op.patch(in.Key, live, p.Environment, p.Now()); err != nil {
			return nil, err
		}
		return &publish.Built{Payload: after.payload}, nil
	}
	made, _, err := p.publish(ctx)
	if err != nil {
		return nil, err
	}
	o := operatedOn(in.Key, after.program)
	o.Made = *made
	if after.over != nil {
		o.EndedCanary, o.Stable = after.over.Number(), after.over.Stable.Number()
	}
	return o, nil
}

func (w *Workspace) planOperation(ctx context.Context, in OperateInput, op operation) (*plan.Plan, error) {
	r, live, err := w.live(ctx, config.LoadTarget)
	if err != nil {
		return nil, err
	}
	now := w.options.Now()
	after, err := op.patch(in.Key, live, r.project.Environment, now)
	if err != nil {
		return nil, err
	}
	before, err := stateOf(ctx, r, live)
	if err != nil {
		return nil, err
	}
	state, err := stateOf(ctx, r, live.Settled())
	if err != nil {
		return nil, err
	}
	if state.Payload, err = payload.NewReader(after.payload); err != nil {
		return nil, err
	}
	state.Program = after.program // its audiences are those of the revision, which the plan looks up
	planned := plan.Compare(before, *state, now)
	planned.Next = 0
	return planned, nil
}

// operatedOn is how an experiment or flag stands.
func operatedOn(key string, p *model.Program) *Operated {
	clock := p.Ledger.Clock(key)
	o := &Operated{Key: key, Paused: clock != nil && clock.Stopped, Ramps: []RampState{}}
	e := p.Find(key)
	if e == nil {
		return o
	}
	o.Kind, o.Killed, o.Ramps = e.Kind.String(), e.Killed, rampStates(e, clock)
	if e.Kind == model.KindFlag && e.Killed {
		o.Gives = e.Variants[e.Default].Key
	}
	return o
}

// rampStates says where the ramps are that a clock drives.
func rampStates(e *model.Experiment, clock *model.Clock) []RampState {
	states := []RampState{}
	if clock == nil {
		return states
	}
	for _, ramp := range clock.Ramps {
		rule := e.Rules[ramp.Rule]
		state := RampState{Rule: ramp.Rule + 1, Traffic: config.Percent(rule.Traffic).String(), Next: []RampStep{}}
		for _, s := range rule.Ramp {
			state.Next = append(state.Next, RampStep{s.At.Time(), config.Percent(s.Traffic).String()})
		}
		states = append(states, state)
	}
	return states
}
