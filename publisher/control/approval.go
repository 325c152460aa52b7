package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/publisher/plan"
)

// maxReason leaves room for the name of a gate in a line of the audit log.
const maxReason = bundle.MaxMessageLength - 64

// Approval is part of the input of every call whose plan somebody has to approve.
type Approval struct {
	// Overrides names the gates that do not stop the plan. Reason says why, for the audit log; it
	// is demanded with overrides and refused without.
	Overrides []string `json:"overrides"`
	Reason    string   `json:"reason"`

	// Approve is asked about a plan that no gate stops, also one that changes nothing. It is asked
	// again if another publisher was faster, because the plan is another one then. Nil approves.
	Approve func(context.Context, *plan.Plan) (bool, error) `json:"-"`
}

// check finds what is wrong with the input before anything is done.
func (a *Approval) check() error {
	for _, name := range a.Overrides {
		if !slices.Contains(plan.GateNames, name) {
			return unknown("overrides", fmt.Sprintf("there is no gate %q", name), name, "gates", plan.GateNames)
		}
	}
	switch {
	case len(a.Overrides) > 0 && strings.TrimSpace(a.Reason) == "":
		return invalid("reason", "say why the gate is overridden: the audit log keeps it")
	case len(a.Overrides) == 0 && a.Reason != "":
		return invalid("reason", "it says why a gate is overridden, and no gate is")
	case len(a.Reason) > maxReason:
		return invalid("reason", "at most %d bytes", maxReason)
	}
	return nil
}

// approve returns nil if the plan may be published: no gate stops it, and who is asked agrees.
func (a *Approval) approve(ctx context.Context, p *plan.Plan) error {
	if stopped := p.Stopped(); len(stopped) > 0 {
		return &Refused{Plan: p, Gates: stopped}
	}
	if a.Approve == nil {
		return nil
	}
	approved, err := a.Approve(ctx, p)
	if err == nil && !approved {
		err = &Refused{Plan: p, Declined: true}
	}
	return err
}

// noted are the overridden gates with the reason, as the audit log keeps them.
func (a *Approval) noted(p *plan.Plan) []string {
	var lines []string
	for _, gate := range p.Overridden() {
		lines = append(lines, gate+": "+a.Reason)
	}
	return lines
}
