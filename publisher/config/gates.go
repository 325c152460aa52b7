package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Gates are the conditions that stop a publish. The name of a gate is its key in
// sortition.yaml; a publish overrides a gate by its name.
type Gates struct {
	SwitchWithinPhase bool     // no unit of a running experiment switches variant within a phase
	LostControl       bool     // no running experiment loses its control
	Required          []string // those of RequiredFields that live experiments and flags must set
	Affected          Percent  // largest share of units that a publish may affect
	Payload           Size     // largest size of the raw payload
	Work              Percent  // largest share of payload.MaxWork
	Freeze            []Freeze // periods in which nothing is published
}

// Fields that the gate "required" can list.
const (
	RequireOwner         = "owner"
	RequireHypothesis    = "hypothesis"
	RequirePrimaryMetric = "primary_metric"
)

// RequiredFields lists all of these fields. All are required unless the file says otherwise.
var RequiredFields = []string{RequireOwner, RequireHypothesis, RequirePrimaryMetric}

// Default limits of the gates.
const (
	// DefaultAffected lets an experiment of two variants start for everybody.
	DefaultAffected = Everything / 2

	// DefaultPayload is a quarter of the largest size of a payload. Hosts hold a payload
	// once for each instance of the core, which matters on small machines.
	DefaultPayload = 32 * mebibyte

	// DefaultWork leaves half of the limit for future experiments.
	DefaultWork = Everything / 2
)

// MaxFreezes is the largest number of freezes: enough for each day of a year.
const MaxFreezes = 366

func (l *loader) resolveGates() {
	g := &l.project.Gates
	*g = Gates{
		SwitchWithinPhase: true, LostControl: true, Required: RequiredFields,
		Affected: DefaultAffected, Payload: DefaultPayload, Work: DefaultWork,
	}
	f := l.project.File.Gates
	if f == nil {
		return
	}
	replace(&g.SwitchWithinPhase, f.SwitchWithinPhase)
	replace(&g.LostControl, f.LostControl)
	replace(&g.Affected, f.Affected)
	replace(&g.Payload, f.Payload)
	replace(&g.Work, f.Work)
	if f.Required.Pos != (Pos{}) {
		g.Required = nil
		for _, field := range f.Required.Items {
			if l.lookup(field, "requirement", "requirements", RequiredFields) != model.None {
				g.Required = append(g.Required, field.Value)
			}
		}
	}
	if n := len(f.Freeze.Items); n > MaxFreezes {
		l.fail(f.Freeze.Pos, fmt.Sprintf("there are %d freezes; the limit is %d", n, MaxFreezes), "use days for a freeze that repeats every week")
	}
	for _, entry := range f.Freeze.Items {
		if freeze, ok := l.freeze(entry); ok {
			g.Freeze = append(g.Freeze, freeze)
		}
	}
}

// replace sets *to if the file gives a value.
func replace[T any](to *T, given At[T]) {
	if given.Given() {
		*to = given.Value
	}
}

// MissingRequired returns a problem for each field that the gates require and that an experiment or
// flag in the program does not set, sorted by place. The primary metric is required of running
// experiments only. Of flags only the owner is required.
func (p *Project) MissingRequired() Problems {
	var missing Problems
	require := func(what string, at Pos, key, form string) {
		if slices.Contains(p.Gates.Required, what) {
			missing = append(missing, Problem{at, fmt.Sprintf("%s has no %s", key, strings.ReplaceAll(what, "_", " ")),
				"write " + form + ", or remove it from gates: {required: [...]} in " + ProjectFile})
		}
	}
	for _, e := range p.Experiments {
		at := e.Pos
		if e.Status.Live() && e.Owner == "" {
			require(RequireOwner, at, e.Key, "owner: ...")
		}
		if e.Status.Live() && e.Hypothesis == "" {
			require(RequireHypothesis, at, e.Key, "hypothesis: ...")
		}
		if e.Status == Running && e.Primary == "" {
			require(RequirePrimaryMetric, at, e.Key, "metrics: {primary: ...}")
		}
	}
	for _, f := range p.Flags {
		if f.Status.Live() && f.Owner == "" {
			require(RequireOwner, f.Pos, f.Key, "owner: ...")
		}
	}
	return missing.sorted()
}
