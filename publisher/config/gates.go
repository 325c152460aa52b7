package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Gates are what a publish must not do. Each has the name of its key in sortition.yaml,
// by which a publish can override it.
type Gates struct {
	SwitchWithoutEpoch bool     // no unit of a running experiment switches variant without a new epoch
	LostControl        bool     // no running experiment loses its control
	Required           []string // of RequiredFields: what live experiments and flags must say
	Affected           Percent  // of units that see something else at once, at most
	Payload            Size     // of the raw payload, at most
	Work               Percent  // of payload.MaxWork, at most
	Freeze             []Freeze // when nothing is published
}

// Things that a gate may require to be said.
const (
	RequireOwner         = "owner"
	RequireHypothesis    = "hypothesis"
	RequirePrimaryMetric = "primary_metric"
)

// RequiredFields are all of them, and required unless the file says otherwise.
var RequiredFields = []string{RequireOwner, RequireHypothesis, RequirePrimaryMetric}

// Limits of the gates that the file does not set.
const (
	// DefaultAffected lets an experiment of two variants start for everybody.
	DefaultAffected = Everything / 2

	// DefaultPayload is a quarter of what a payload may be: hosts on small machines hold
	// it once for each instance of the core.
	DefaultPayload = 32 * mebibyte

	// DefaultWork leaves as much again for what is to come.
	DefaultWork = Everything / 2
)

// MaxFreezes is the number of times of freeze: enough for each day of a year.
const MaxFreezes = 366

func (l *loader) resolveGates() {
	g := &l.project.Gates
	*g = Gates{
		SwitchWithoutEpoch: true, LostControl: true, Required: RequiredFields,
		Affected: DefaultAffected, Payload: DefaultPayload, Work: DefaultWork,
	}
	f := l.project.File.Gates
	if f == nil {
		return
	}
	replace(&g.SwitchWithoutEpoch, f.SwitchWithoutEpoch)
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
		l.fail(f.Freeze.Pos, fmt.Sprintf("there are %d times of freeze, more than %d", n, MaxFreezes), "say by days of the week what comes back every week")
	}
	for _, entry := range f.Freeze.Items {
		if freeze, ok := l.freeze(entry); ok {
			g.Freeze = append(g.Freeze, freeze)
		}
	}
}

// replace sets what the file gives.
func replace[T any](to *T, given At[T]) {
	if given.Given() {
		*to = given.Value
	}
}

// Unstated lists what the gates require and experiments and flags that are to be
// published do not say, sorted by place. The primary metric is required of running
// experiments, of flags only an owner.
func (p *Project) Unstated() Problems {
	var missing Problems
	require := func(what string, at Pos, key, form string) {
		if slices.Contains(p.Gates.Required, what) {
			missing = append(missing, Problem{at, fmt.Sprintf("%s does not say its %s", key, strings.ReplaceAll(what, "_", " ")),
				"write " + form + ", or take it out of gates: {required: [...]} in " + ProjectFile})
		}
	}
	for _, e := range p.Experiments {
		at := e.File.Key.Pos
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
			require(RequireOwner, f.File.Key.Pos, f.Key, "owner: ...")
		}
	}
	return missing.sorted()
}
