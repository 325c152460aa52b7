// Package plan computes what a publish will change before it is made: the experiments and
// flags, the exact shares of units that get another variant, warnings, costs, and the gates
// that stop it.
//
// [Compare] is a pure function of two states and a time. Shares of units are counted on slots
// and are exact. Slots do not tell how many requests an audience matches. Where an audience
// changes, the plan says how the new audience relates to the old one, and what units that
// newly match or no longer match get. [Replay] estimates their number from recorded requests.
//
// This package is internal to Sortition and may change without notice.
package plan

import (
	"bytes"
	"cmp"
	"math/big"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// Format is the version of the JSON form of a plan.
const Format = 1

// State is one side of a comparison: a revision, or the directory before it is published.
type State struct {
	Environment string // that it is of, or is for
	Revision    uint64 // 0 for what is not published
	Program     *model.Program
	Declaration *declaration.Declaration // nil if it is not known
	Declared    []byte                   // its encoding, if that has been made
	Payload     *payload.Reader          // which [Compare] and [Plan.Check] may do without

	// For [MeasureCosts]: how the payload was packed, and what packs it. Both may be nil.
	Packed  *bundle.Payload
	Packing *bundle.Packing
}

// Plan says what a publish changes.
type Plan struct {
	Format      int                  `json:"format"`
	At          time.Time            `json:"at"`               // the time for which schedules and ramps are evaluated
	Environment string               `json:"environment"`      // that is published to
	Revision    uint64               `json:"live_revision"`    // 0 if nothing is live
	Of          string               `json:"live_environment"` // of the live revision; empty if nothing is live
	Next        uint64               `json:"next_revision"`    // that already has the next payload; 0 if none has
	NextOf      string               `json:"next_environment"` // of the next revision
	Changes     bool                 `json:"changes"`          // there is something to publish
	Experiments []Change             `json:"experiments"`      // experiments and flags that change, by key
	Other       []declaration.Change `json:"other"`            // what they refer to

	// Affected is the share of units that see a change, of the units that match all
	// audiences. It is an upper bound for all other units.
	Affected Share `json:"affected"`

	Warnings []Warning `json:"warnings"` // what may be a mistake, new or not
	Cost     Costs     `json:"cost"`
	Power    []Power   `json:"power"`    // of the experiments that change, where it is known
	Requests *Requests `json:"requests"` // the estimate on recorded requests; null without
	Gates    []Breach  `json:"gates"`    // gates that stop this publish, or are overridden
	Kept     []string  `json:"kept"`     // operations that stay in force, and those that end; see [Kept]
	Unknown  []string  `json:"unknown"`  // what the plan could not find out
}

// Change is what happens to one experiment or flag.
type Change struct {
	Key         string               `json:"key"`
	Kind        string               `json:"kind"` // "experiment" or "flag"
	Action      declaration.Action   `json:"action"`
	PhaseBefore int                  `json:"phase_before"` // 0 if it was not live
	PhaseAfter  int                  `json:"phase_after"`  // 0 if it will not be live
	Details     []declaration.Detail `json:"details"`
	Movements   []Movement           `json:"movements"` // empty if no unit gets another variant
	Affected    Share                `json:"affected"`  // units that see a change: the largest share of all movements
	Exposed     *Exposed             `json:"exposed"`   // units that were exposed lately; null if that is not known
	Notes       []string             `json:"notes"`
}

// Compare returns the plan that leads from live, which is nil if nothing is live, to next,
// as of a time. The programs must be valid. That of next has its audiences as expressions,
// unless next is a revision.
func Compare(live *State, next State, at time.Time) *Plan {
	c := comparison{next: view{State: next}, now: model.MillisOf(at)}
	if next.Revision != 0 {
		next.Program = withTerms(next)
		c.next = restore(next, next.Program, nil)
	}
	p := &Plan{
		Format: Format, At: at.UTC(), Environment: next.Environment, NextOf: next.Environment,
		Changes: live == nil || !bytes.Equal(live.Payload.Raw(), next.Payload.Raw()),
		Unknown: []string{},
	}
	if live == nil {
		live = &State{Program: new(model.Program), Declaration: new(declaration.Declaration)}
	}
	p.Revision, p.Of, p.Next = live.Revision, live.Environment, next.Revision
	c.live = restore(*live, next.Program, &c.next)
	if live.Declaration == nil {
		p.Unknown = append(p.Unknown, "the live revision has no declaration: what its files and audiences said is not known")
	}
	p.Experiments, p.Other = c.changes()
	p.Changes = p.Changes || len(p.Experiments) > 0 || len(p.Other) > 0
	p.Affected = c.affected(p.Experiments)
	p.Warnings = c.warnings()
	p.Kept = Kept(live.Program, next.Program)
	return p
}

// Difference returns the plan without what matters only for a publish.
func (p *Plan) Difference() *Plan {
	d := *p
	d.Warnings, d.Kept = []Warning{}, []string{}
	return &d
}

// comparison is a plan in the making.
type comparison struct {
	live, next view
	now        model.Millis
}

// changes lists the experiments and flags that change, and everything else that does.
func (c *comparison) changes() ([]Change, []declaration.Change) {
	told := map[string]declaration.Change{}
	other := []declaration.Change{}
	if c.live.Declaration != nil && c.next.Declaration != nil {
		for _, change := range declaration.Compare(c.live.Declaration, c.next.Declaration) {
			if change.What == "experiment" || change.What == "flag" {
				told[change.Key] = change
			} else {
				other = append(other, change)
			}
		}
	}
	changes := []Change{}
	for _, key := range c.keys(told) {
		change, is := told[key]
		b, a := c.live.find(key), c.next.find(key)
		differs := c.differs(b, a)
		if x := c.change(key, change, b, a, differs); is || differs || len(x.Notes) > 0 {
			changes = append(changes, x)
		}
	}
	return changes, other
}

// keys are those of all experiments and flags that are live, will be, or have changed.
func (c *comparison) keys(told map[string]declaration.Change) []string {
	var keys []string
	for key := range told {
		keys = append(keys, key)
	}
	for _, v := range []*view{&c.live, &c.next} {
		for i := range v.Program.Experiments {
			keys = append(keys, v.Program.Experiments[i].Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// change tells of the experiment or flag with the indexes b before and a after, of which
// one may be model.None, or both where the directory alone knows of it. It is told whether they
// assign variants differently.
func (c *comparison) change(key string, told declaration.Change, b, a int, differs bool) Change {
	x := Change{
		Key: key, Kind: told.What, Action: told.Action, Details: told.Details,
		Movements: []Movement{}, Affected: Share{new(big.Int), big.NewInt(1)}, Notes: []string{},
	}
	if x.Details == nil {
		x.Details = []declaration.Detail{}
	}
	before, after := c.live.at(b), c.next.at(a)
	if before != nil {
		x.Kind, x.PhaseBefore, x.Action = before.Kind.String(), before.Phase, cmp.Or(x.Action, declaration.Removed)
	}
	if after != nil {
		x.Kind, x.PhaseAfter, x.Action = after.Kind.String(), after.Phase, cmp.Or(told.Action, declaration.Added)
	}
	var sets []ruleSet
	if differs {
		sets = c.ruleSets(key, before, after)
	}
	if before != nil && after != nil {
		x.Action = declaration.Changed
		x.Notes = append(x.Notes, c.audienceNotes(key, before, after)...)
		x.Notes = append(x.Notes, c.applicationNotes(before, after)...)
		sets = append(sets, c.rematched(key, before, after)...)
	}
	for _, set := range sets {
		m := c.movement(b, a, set)
		if len(m.Flows) == 0 && (x.Kind == model.KindFlag.String() || set.match != Matched) {
			continue
		}
		x.Movements = append(x.Movements, m)
		if affected := m.affected(c.usual(key)); affected.compare(x.Affected) > 0 {
			x.Affected = affected
		}
	}
	return x
}

// ruleSet says which rules of a flag count: those for everybody, and one more.
type ruleSet struct {
	match         Match
	number        int // of the one, from 1; 0 for none
	before, after []int
}

// ruleSets are the cases that differ: for an experiment there is one. A flag's units are
// told apart by the rule whose audience they match.
func (c *comparison) ruleSets(key string, before, after *model.Experiment) []ruleSet {
	if kindOf(before, after) == model.KindExperiment {
		return []ruleSet{{match: Matched, before: []int{0}, after: []int{0}}}
	}
	count := 0
	for _, e := range []*model.Experiment{before, after} {
		if e != nil {
			count = max(count, len(e.Rules))
		}
	}
	has := func(e *model.Experiment, i int) bool { return e != nil && i < len(e.Rules) }
	open := func(i int) (b, a bool) {
		b, a = has(before, i) && before.Rules[i].Audience == nil, has(after, i) && after.Rules[i].Audience == nil
		switch {
		case !has(after, i):
			a = b
		case !has(before, i) || c.unknown(key):
			b = a
		}
		return b, a
	}
	set := func(number int) ruleSet {
		s := ruleSet{match: Matched, number: number}
		for i := range count {
			b, a := open(i)
			if b || i == number-1 {
				s.before = append(s.before, i)
			}
			if a || i == number-1 {
				s.after = append(s.after, i)
			}
		}
		return s
	}
	sets := []ruleSet{set(0)}
	for i := range count {
		if b, a := open(i); !b || !a {
			sets = append(sets, set(i+1))
		}
	}
	return sets
}

func (c *comparison) movement(b, a int, rules ruleSet) Movement {
	before := sideOf(c.live.Program, b, c.now, rules.before)
	after := sideOf(c.next.Program, a, c.now, rules.after)
	if b == model.None {
		before.holdouts = after.holdouts
	}
	if a == model.None {
		after.holdouts = before.holdouts
	}
	m := movement(before, after)
	m.Match, m.Rule = rules.match, rules.number
	return m
}

func kindOf(before, after *model.Experiment) model.Kind {
	if after != nil {
		return after.Kind
	}
	return before.Kind
}

// affectedOf is the denominator of Plan.Affected.
const affectedOf = 1_000_000_000_000

// affected is the chance that a unit which all audiences match is affected by at least one
// change, rounded down. Draws are independent, but in a layer a unit is in one
// experiment at most: there the shares add up.
func (c *comparison) affected(changes []Change) Share {
	byLayer := map[string]*big.Rat{}
	for _, x := range changes {
		group := "key/" + x.Key
		e, p := c.next.at(c.next.find(x.Key)), c.next.Program
		if e == nil {
			e, p = c.live.at(c.live.find(x.Key)), c.live.Program
		}
		if e != nil && e.Layer != model.None {
			group = "layer/" + p.Layers[e.Layer].Key
		}
		if byLayer[group] == nil {
			byLayer[group] = new(big.Rat)
		}
		byLayer[group].Add(byLayer[group], x.Affected.Rat())
	}
	one, of := big.NewRat(1, 1), big.NewInt(affectedOf)
	spared := new(big.Int).Set(of)
	for _, share := range byLayer {
		left := new(big.Rat).Sub(one, share)
		if left.Sign() <= 0 {
			return Share{of, of}
		}
		spared.Mul(spared, left.Num())
		spared.Add(spared, new(big.Int).Sub(left.Denom(), big.NewInt(1)))
		spared.Quo(spared, left.Denom())
	}
	return Share{new(big.Int).Sub(of, spared), of}
}
