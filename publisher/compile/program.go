package compile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// Program compiles a project against the ledger of the live bundle. Experiments and
// flags that are drafts or stopped are left out; paused ones have their kill switch on.
// Operations are kept: see [Kill] and [PauseRamp].
//
// The same project, ledger and time give the same program. The time decides which slots
// have rested long enough, and until when slots that are given up now rest. It has no other
// effect.
func Program(p *config.Project, live *Ledger, now time.Time) (*model.Program, error) {
	if live == nil {
		live = &Ledger{}
	}
	c := compiler{project: p, live: live, now: now, required: map[string][]config.Prerequisite{}}
	rests, err := c.allocateLayers()
	if err != nil {
		return nil, err
	}
	program := &model.Program{
		Applications: p.Applications,
		Units:        p.Units,
		Attributes:   p.Attributes,
		Holdouts:     c.holdouts(),
		OptOut:       p.OptOut,
		Exclusions:   p.Exclusions,
	}
	for _, s := range p.Segments {
		program.Segments = append(program.Segments, model.Segment{Key: s.Key, Unit: s.Unit, Hashes: hashIDs(s.IDs)})
	}
	for _, l := range p.Layers {
		program.Layers = append(program.Layers, model.Layer{Key: l.Key})
	}
	program.Experiments = make([]model.Experiment, 0, len(p.Experiments)+len(p.Flags))
	for _, e := range p.Experiments {
		if e.Status.Live() {
			program.Experiments = append(program.Experiments, c.experiment(e))
		}
	}
	for _, f := range p.Flags {
		if f.Status.Live() {
			program.Experiments = append(program.Experiments, c.flag(f))
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	slices.SortFunc(program.Experiments, func(a, b model.Experiment) int { return cmp.Compare(a.Key, b.Key) })
	if err := c.requirePrerequisites(program.Experiments); err != nil {
		return nil, err
	}
	program.Ledger.Rests = rests
	program.Ledger.Former = live.left(func(key string) int {
		if e := program.Find(key); e != nil {
			return e.Phase
		}
		return 0
	}, millis(now))
	keepOperations(program, live)
	return program, nil
}

type compiler struct {
	project       *config.Project
	live          *Ledger
	now           time.Time
	owned         map[string][]model.Range         // by key of an experiment in a layer
	layerHoldouts []int                            // by layer: index into the program's holdouts, or model.None
	required      map[string][]config.Prerequisite // by key of the experiment or flag that requires them
	err           error                            // the first
}

// holdouts returns the global holdout and those of the layers, and fills layerHoldouts.
func (c *compiler) holdouts() []model.Holdout {
	var list []model.Holdout
	if h := c.project.Holdout; h != nil {
		list = append(list, model.Holdout{Key: config.GlobalHoldout, Slots: h.Traffic.Slots()})
	}
	for _, l := range c.project.Layers {
		index := model.None
		if l.Holdout != nil {
			index = len(list)
			list = append(list, model.Holdout{Key: layerHoldoutPrefix + l.Key, Slots: l.Holdout.Traffic.Slots()})
		}
		c.layerHoldouts = append(c.layerHoldouts, index)
	}
	return list
}

// layerHoldoutPrefix and the key of a layer are the key of the layer's holdout.
const layerHoldoutPrefix = "layer/"

// heldOutBy returns the holdouts that apply to an experiment.
func (c *compiler) heldOutBy(e *config.Experiment) []int {
	var holdouts []int
	if e.Holdout {
		holdouts = append(holdouts, 0) // the global one is the first
	}
	if e.Layer != model.None && c.layerHoldouts[e.Layer] != model.None {
		holdouts = append(holdouts, c.layerHoldouts[e.Layer])
	}
	return holdouts
}

// requirePrerequisites fills the prerequisites of experiments, which are sorted by key.
func (c *compiler) requirePrerequisites(experiments []model.Experiment) error {
	for i := range experiments {
		e := &experiments[i]
		for _, p := range c.required[e.Key] {
			index, live := slices.BinarySearchFunc(experiments, p.Key, func(e model.Experiment, key string) int { return cmp.Compare(e.Key, key) })
			if !live {
				return fmt.Errorf("%s requires %s, which is not live: set its status to running, or remove the prerequisite", e.Key, p.Key)
			}
			e.Prerequisites = append(e.Prerequisites, model.Prerequisite{Experiment: index, Variants: p.Variants})
		}
	}
	return nil
}

// allocateLayers fills owned. It returns the slots that rest afterwards, also in layers that the
// project no longer has.
func (c *compiler) allocateLayers() ([]model.Rest, error) {
	claims := c.live.claims()
	for _, e := range c.project.Experiments {
		if e.Status.Live() && e.Layer != model.None {
			claims.of(c.project.Layers[e.Layer].Key, e.Key).slots = e.Largest().Slots()
		}
	}
	now := millis(c.now)
	until := now + model.Millis(c.project.Rest.Milliseconds())
	c.owned = map[string][]model.Range{}
	var rests []model.Rest
	for _, layer := range slices.Sorted(maps.Keys(claims)) {
		given, resting, err := allocateLayer(layer, slices.Collect(maps.Values(claims[layer])), now, until)
		if err != nil {
			return nil, err
		}
		for key, ranges := range given {
			if ranges != nil { // nil in a layer that the experiment has left
				c.owned[key] = ranges
			}
		}
		rests = append(rests, resting...)
	}
	slices.SortStableFunc(rests, func(a, b model.Rest) int { return cmp.Compare(a.Key, b.Key) })
	return rests, nil
}

func (c *compiler) experiment(e *config.Experiment) model.Experiment {
	x := model.Experiment{
		Key: e.Key, Kind: model.KindExperiment, Unit: e.Unit, Salt: e.Salt, Layer: e.Layer,
		Killed: e.Status == config.Paused, Default: model.None,
		Start: millis(e.Start), End: millis(e.End),
		Applications: e.Applications,
		Holdouts:     c.heldOutBy(e),
		Variants:     variants(e.Variants),
		Overrides:    c.overrides(e.Key, e.Overrides),
		Routes:       e.Routes,
		Sticky:       e.Sticky,
	}
	c.required[e.Key] = e.Prerequisites
	slots := everySlot()
	if e.Layer != model.None {
		slots = c.owned[e.Key]
	}
	weights := make([]int, len(e.Variants))
	for i, v := range e.Variants {
		weights[i] = v.Weight.Slots()
	}
	x.Rules = []model.Rule{rule(e.Audience, slots, e.Enrolment)}
	c.split(&x, len(e.Factors), [][]int{weights})
	return x
}

func (c *compiler) flag(f *config.Flag) model.Experiment {
	x := model.Experiment{
		Key: f.Key, Kind: model.KindFlag, Unit: f.Unit, Salt: f.Salt, Layer: model.None,
		Killed: f.Status == config.Paused, Default: f.Default,
		Applications: f.Applications,
		Variants:     variants(f.Variants),
		Overrides:    c.overrides(f.Key, f.Overrides),
		Routes:       f.Routes,
	}
	c.required[f.Key] = f.Prerequisites
	weights := make([][]int, len(f.Rules))
	for i, r := range f.Rules {
		weights[i] = make([]int, len(f.Variants))
		for _, s := range r.Split {
			weights[i][s.Variant] = s.Weight.Slots()
		}
		x.Rules = append(x.Rules, rule(r.Audience, everySlot(), r.Enrolment))
	}
	c.split(&x, len(f.Factors), weights)
	return x
}

// rule is a rule without its split.
func rule(audience *model.Expr, slots []model.Range, r config.Enrolment) model.Rule {
	x := model.Rule{Audience: audience, Slots: slots, Traffic: r.Traffic.Slots()}
	for _, s := range r.Ramp {
		x.Ramp = append(x.Ramp, model.Step{At: millis(s.At), Traffic: s.Traffic.Slots()})
	}
	return x
}

// split sets the split of each rule and the phase. A rule keeps as much as possible of the
// split that the rule at its index has in the live bundle. An experiment that draws with
// another salt or for another unit than before starts from a plain split. The number
// of factors is 0 where variants are listed.
func (c *compiler) split(x *model.Experiment, factors int, weights [][]int) {
	keys := make([]string, len(x.Variants))
	for i, v := range x.Variants {
		keys[i] = v.Key
	}
	live, known := c.live.Allocations[x.Key]
	kept := known && live.drawsAlike(Allocation{Kind: x.Kind, Unit: c.project.Units[x.Unit], Salt: x.Salt})
	anew := known && !kept
	for i := range x.Rules {
		if !kept || i >= len(live.Rules) {
			x.Rules[i].Split = newSplit(weights[i])
			continue
		}
		var moved bool
		split := live.Rules[i].Split
		x.Rules[i].Split, moved = resplit(split, heirs(split, keys, factors), weights[i])
		anew = anew || moved
	}
	switch {
	case !known, anew:
		x.Phase = c.live.nextPhase(x.Key)
	default:
		x.Phase = live.Phase
	}
}

// overrides hashes the ids. Two ids with one hash could not be told apart at the edge.
func (c *compiler) overrides(key string, list []config.Override) []model.Override {
	var hashed []model.Override
	ids := make(map[uint64]string, len(list))
	for _, o := range list {
		h := assign.IDHash(o.ID)
		if other, taken := ids[h]; taken && c.err == nil {
			c.err = fmt.Errorf("%s: the overrides of %q and %q have the same hash: remove one of the ids", key, other, o.ID)
		}
		ids[h] = o.ID
		hashed = append(hashed, model.Override{Hash: h, Variant: o.Variant})
	}
	slices.SortFunc(hashed, func(a, b model.Override) int { return cmp.Compare(a.Hash, b.Hash) })
	return hashed
}

func variants(list []config.Variant) []model.Variant {
	all := make([]model.Variant, len(list))
	for i, v := range list {
		all[i] = model.Variant{Key: v.Key, Name: v.Name, Config: v.Config}
	}
	return all
}

func hashIDs(ids []string) []uint64 {
	hashes := make([]uint64, len(ids))
	for i, id := range ids {
		hashes[i] = assign.IDHash(id)
	}
	slices.Sort(hashes)
	return slices.Compact(hashes)
}

func everySlot() []model.Range { return []model.Range{{From: 0, To: model.Slots}} }

func millis(t time.Time) model.Millis {
	if t.IsZero() {
		return 0
	}
	return model.MillisOf(t)
}
