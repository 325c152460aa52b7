package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/publish"
	"github.com/sortition-dev/sortition/publisher/revision"
)

// operation is a change of what is live that waits for no directory.
type operation struct {
	action audit.Action
	change func(key string, now time.Time) compile.Operation
	ahead  func(key string, now time.Time) compile.Operation // of what only a canary has; nil if it has to be live everywhere
	done   string                                            // what has been done, for example "killed"
}

// operate carries out an operation on one experiment or flag and publishes what comes of
// it. If another publisher is faster, it is carried out on what that one published.
func (f *revisionFlags) operate(cmd *cobra.Command, op operation, args []string) error {
	if f.message == "" {
		return errors.New("say why, for the audit log: --message 'errors at checkout'")
	}
	key, dir := args[0], "."
	if len(args) > 1 {
		dir = args[1]
	}
	p, err := f.open(cmd, dir, config.LoadTarget)
	if err != nil {
		return err
	}
	var program *model.Program
	var over *revision.Revision // the canary that this ends
	p.Action = op.action
	p.Build = func(live *revision.Revision) (*publish.Built, error) {
		if live == nil {
			return nil, fmt.Errorf("nothing is live in %s yet", p.Environment)
		}
		if over = nil; live.Stable != nil {
			over = live
		}
		settled, change := live.Settled(), op.change
		if op.ahead != nil && settled.Program.Find(key) == nil && live.Program.Find(key) != nil {
			change = op.ahead
		}
		payload, patched, err := compile.Patch(settled.Payload, change(key, p.Now()))
		if err != nil && over != nil {
			err = fmt.Errorf("%w in revision %d, which all hosts go back to: to end the canary, publisher canary abort", err, live.Stable.Number())
		}
		if err != nil {
			return nil, err
		}
		program = patched
		return &publish.Built{Payload: payload}, nil
	}
	result, err := p.publish(cmd)
	if err != nil {
		return err
	}
	if over != nil {
		fmt.Fprintf(cmd.ErrOrStderr(), "the canary of revision %d is over: every host goes back to revision %d, with this change\n",
			over.Number(), over.Stable.Number())
	}
	return writeOperated(cmd.OutOrStdout(), f.format, op, key, program, result)
}

// operated is the JSON form of what came of an operation.
type operated struct {
	Published   bool        `json:"published"` // false if it had been done already
	Environment string      `json:"environment"`
	Epoch       uint64      `json:"epoch"`
	Revision    uint64      `json:"revision"`
	Head        audit.Head  `json:"head"` // of the audit log
	Key         string      `json:"key"`
	Killed      bool        `json:"killed"` // or paused by the directory
	Paused      bool        `json:"paused"` // its ramp
	Ramps       []rampState `json:"ramps"`
}

// rampState is where the ramp of a rule is, and what is to come if it is not paused.
type rampState struct {
	Rule    int         `json:"rule"` // from 1
	Traffic string      `json:"traffic"`
	Next    []stepState `json:"next"`
}

type stepState struct {
	At      time.Time `json:"at"`
	Traffic string    `json:"traffic"`
}

func writeOperated(w io.Writer, format string, op operation, key string, p *model.Program, r *publish.Result) error {
	m, clock := r.Manifest, p.Ledger.Clock(key)
	o := operated{
		Published: r.Published, Environment: m.Environment, Epoch: m.Epoch, Revision: m.Revision, Head: audit.HeadOf(m),
		Key: key, Paused: clock != nil && clock.Stopped, Ramps: []rampState{},
	}
	e := p.Find(key)
	if e != nil {
		o.Killed, o.Ramps = e.Killed, rampStates(e, clock)
	}
	if format == "json" {
		return writeJSON(w, o)
	}
	if r.Published {
		fmt.Fprintf(w, "%s %s: revision %d of %s\n", op.done, key, m.Revision, m.Environment)
	} else {
		fmt.Fprintf(w, "%s %s before: revision %d of %s is live\n", op.done, key, m.Revision, m.Environment)
	}
	switch {
	case e == nil:
		fmt.Fprintf(w, "it is not part of what is live\n")
	case e.Killed && e.Kind == model.KindFlag:
		fmt.Fprintf(w, "it gives everybody %s\n", e.Variants[e.Default].Key)
	case e.Killed:
		fmt.Fprintf(w, "it assigns nobody\n")
	}
	for _, s := range o.Ramps {
		writeRamp(w, e, o.Paused, s)
	}
	return nil
}

func writeRamp(w io.Writer, e *model.Experiment, paused bool, s rampState) {
	if e.Kind == model.KindFlag {
		fmt.Fprintf(w, "rule %d: ", s.Rule)
	}
	fmt.Fprintf(w, "traffic %s", s.Traffic)
	if paused {
		fmt.Fprint(w, " until the ramp is resumed")
	}
	for _, next := range s.Next {
		fmt.Fprintf(w, ", %s from %s on", next.Traffic, next.At.Format(time.RFC3339))
	}
	fmt.Fprintln(w)
}

// rampStates says where ramps are that go by a clock.
func rampStates(e *model.Experiment, clock *model.Clock) []rampState {
	states := []rampState{}
	if clock == nil {
		return states
	}
	for _, ramp := range clock.Ramps {
		rule := e.Rules[ramp.Rule]
		state := rampState{Rule: ramp.Rule + 1, Traffic: config.Percent(rule.Traffic).String(), Next: []stepState{}}
		for _, s := range rule.Ramp {
			state.Next = append(state.Next, stepState{time.UnixMilli(s.At).UTC(), config.Percent(s.Traffic).String()})
		}
		states = append(states, state)
	}
	return states
}
