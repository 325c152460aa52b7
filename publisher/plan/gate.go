package plan

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/config"
)

// Names of gates, in sortition.yaml and on the command line.
const (
	GateSwitch   = "switch_within_phase"
	GateControl  = "lost_control"
	GateRequired = "required"
	GateAffected = "affected"
	GatePayload  = "payload"
	GateWork     = "work"
	GateFreeze   = "freeze"
)

// GateNames lists the names of all gates.
var GateNames = []string{GateSwitch, GateControl, GateRequired, GateAffected, GatePayload, GateWork, GateFreeze}

// Breach is a gate that stops a publish, unless it is overridden.
type Breach struct {
	Gate       string `json:"gate"`
	Text       string `json:"text"`
	Overridden bool   `json:"overridden"`
}

// Check compares a plan with the gates of a project, and sets Gates. Gates in overrides are
// marked as overridden. No gate stops a publish that changes nothing. The gates that compare
// with the live revision do not stop the first publish.
func (p *Plan) Check(live *State, next State, project *config.Project, overrides []string) {
	p.Gates = []Breach{}
	if !p.Changes {
		return
	}
	g := &gates{Gates: project.Gates, plan: p, overrides: overrides}
	if live != nil {
		g.switches(live, next)
		g.controls(live, next)
		g.affected()
	}
	for _, problem := range project.MissingRequired() {
		g.breach(GateRequired, "%s: %s", problem.Pos, problem.Message)
	}
	g.costs()
	g.frozen(p.At)
}

// Stopped returns the breaches that are not overridden.
func (p *Plan) Stopped() []Breach {
	return slices.DeleteFunc(slices.Clone(p.Gates), func(b Breach) bool { return b.Overridden })
}

// Overridden returns the names of the gates that would stop the publish and are overridden.
func (p *Plan) Overridden() []string {
	var names []string
	for _, b := range p.Gates {
		if b.Overridden && !slices.Contains(names, b.Gate) {
			names = append(names, b.Gate)
		}
	}
	return names
}

type gates struct {
	config.Gates
	plan      *Plan
	overrides []string
}

func (g *gates) breach(gate, format string, args ...any) {
	g.plan.Gates = append(g.plan.Gates, Breach{gate, fmt.Sprintf(format, args...), slices.Contains(g.overrides, gate)})
}

// running returns the experiment with a key, or nil if the program does not run it.
func running(p *model.Program, key string) *model.Experiment {
	v := view{State: State{Program: p}}
	e := v.at(v.find(key))
	if e == nil || e.Killed || e.Kind != model.KindExperiment {
		return nil
	}
	return e
}

func (g *gates) switches(live *State, next State) {
	if !g.SwitchWithinPhase {
		return
	}
	for _, x := range g.plan.Experiments {
		if running(live.Program, x.Key) == nil || running(next.Program, x.Key) == nil || x.PhaseBefore != x.PhaseAfter {
			continue
		}
		for _, m := range x.Movements {
			if !m.Switch.Zero() {
				g.breach(GateSwitch, "%s: %s of its units switch to another variant within phase %d", x.Key, m.Switch, x.PhaseAfter)
			}
		}
	}
}

func (g *gates) controls(live *State, next State) {
	if !g.LostControl {
		return
	}
	before, after := view{State: *live}, view{State: next}
	for i := range live.Program.Experiments {
		key := live.Program.Experiments[i].Key
		was, is := running(live.Program, key), running(next.Program, key)
		if was == nil || is == nil {
			continue
		}
		control := before.control(was)
		switch given, now := weightOf(is, control), after.control(is); {
		case given == 0:
			g.breach(GateControl, "%s: no unit gets its control %s any more", key, control)
		case now != control:
			g.breach(GateControl, "%s: its control changes from %s to %s", key, control, now)
		}
	}
}

// weightOf returns the number of variant slots of a variant.
func weightOf(e *model.Experiment, variant string) int {
	weight, from := 0, 0
	for _, share := range e.Rules[0].Split {
		if e.Variants[share.Variant].Key == variant {
			weight += share.To - from
		}
		from = share.To
	}
	return weight
}

func (g *gates) affected() {
	limit := Share{big.NewInt(int64(g.Affected)), big.NewInt(int64(config.Everything))}
	if g.plan.Affected.compare(limit) > 0 {
		g.breach(GateAffected, "%s of the units see a change at once; the limit is %s: take smaller steps, or use a ramp",
			g.plan.Affected, g.Affected)
	}
}

func (g *gates) costs() {
	cost := g.plan.Cost.After
	if cost == nil {
		return
	}
	if config.Size(cost.Raw) > g.Payload {
		g.breach(GatePayload, "the payload has %d bytes; the limit is %s", cost.Raw, g.Payload)
	}
	if over := cost.Work.Exceeds(part(payload.MaxWork, g.Work)); over != "" {
		g.breach(GateWork, "a request can cost %s", over)
	}
}

// part returns a share of w, rounded down.
func part(w payload.Work, share config.Percent) payload.Work {
	of := func(n int) int { return int(int64(n) * int64(share) / int64(config.Everything)) }
	return payload.Work{Words: of(w.Words), Tests: of(w.Tests), Steps: of(w.Steps), Decisions: of(w.Decisions)}
}

func (g *gates) frozen(at time.Time) {
	for i := range g.Freeze {
		if g.Freeze[i].Holds(at) {
			g.breach(GateFreeze, "no publish is allowed now: %s", &g.Freeze[i])
		}
	}
}
