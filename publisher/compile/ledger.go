package compile

import (
	"cmp"
	"maps"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Ledger holds the allocations and operations of the live bundle. Compiling against it
// moves as few units as the new configuration allows. It is nil before the first publish.
type Ledger struct {
	Allocations map[string]Allocation // by key of experiment or flag
	model.Ledger

	used map[string]int // by key: the highest phase that a withdrawn program used
}

// Allocation holds the slots and splits of one experiment or flag.
type Allocation struct {
	Kind  model.Kind
	Unit  string // unit type
	Salt  string
	Layer string // key; empty without a layer
	Phase int    // from 1
	Rules []RuleAllocation
}

// RuleAllocation holds the slots and the split of one rule.
type RuleAllocation struct {
	Slots []model.Range // in the order of positions
	Split []VariantShare
}

// VariantShare is a [model.Share] that names its variant by key, because indexes change when a
// file lists its variants in another order.
type VariantShare struct {
	To      int
	Variant string
}

// LedgerOf returns the ledger of a live program.
func LedgerOf(p *model.Program) *Ledger {
	ledger := &Ledger{Allocations: make(map[string]Allocation, len(p.Experiments)), Ledger: p.Ledger}
	for i := range p.Experiments {
		e := &p.Experiments[i]
		a := Allocation{Kind: e.Kind, Unit: p.Units[e.Unit], Salt: e.Salt, Phase: e.Phase}
		if e.Layer != model.None {
			a.Layer = p.Layers[e.Layer].Key
		}
		for _, r := range e.Rules {
			split := make([]VariantShare, len(r.Split))
			for i, s := range r.Split {
				split[i] = VariantShare{To: s.To, Variant: e.Variants[s.Variant].Key}
			}
			a.Rules = append(a.Rules, RuleAllocation{Slots: r.Slots, Split: split})
		}
		ledger.Allocations[e.Key] = a
	}
	return ledger
}

// WithoutOperations returns the ledger without kills and ramp clocks. It returns nil for a
// nil ledger.
func (l *Ledger) WithoutOperations() *Ledger {
	if l == nil {
		return nil
	}
	files := *l
	files.Kills, files.Clocks = nil, nil
	return &files
}

// claims has the claims of experiments on layers, by key of the layer and of the experiment.
type claims map[string]map[string]*claim

func (c claims) of(layer, key string) *claim {
	if c[layer] == nil {
		c[layer] = map[string]*claim{}
	}
	if c[layer][key] == nil {
		c[layer][key] = &claim{key: key}
	}
	return c[layer][key]
}

// claims returns a claim for each experiment that has or had slots. The claims ask for no slots
// yet.
func (l *Ledger) claims() claims {
	all := claims{}
	for key, a := range l.Allocations {
		if a.Layer != "" && len(a.Rules) > 0 {
			all.of(a.Layer, key).owned = a.Rules[0].Slots
		}
	}
	for _, r := range l.Rests {
		c := all.of(r.Layer, r.Key)
		c.resting = append(c.resting, r)
	}
	return all
}

// left returns the former experiments and flags of the next program. The function phase returns
// the phase of a key in that program, and 0 if the program does not have it.
func (l *Ledger) left(phase func(key string) int, now model.Millis) []model.Former {
	last := maps.Clone(l.used)
	if last == nil {
		last = map[string]int{}
	}
	for key, a := range l.Allocations {
		last[key] = max(last[key], a.Phase)
	}
	var former []model.Former
	for _, f := range l.Former {
		if f.Phase > phase(f.Key) && f.Phase >= last[f.Key] {
			former = append(former, f)
			delete(last, f.Key)
		}
	}
	for key, used := range last {
		if used > phase(key) {
			former = append(former, model.Former{Key: key, Phase: used, Left: now})
		}
	}
	slices.SortFunc(former, func(a, b model.Former) int { return cmp.Or(cmp.Compare(b.Left, a.Left), cmp.Compare(a.Key, b.Key)) })
	former = former[:min(len(former), model.MaxFormer)]
	slices.SortFunc(former, func(a, b model.Former) int { return cmp.Compare(a.Key, b.Key) })
	return former
}

// nextPhase returns the phase for a new allocation of an experiment or flag.
func (l *Ledger) nextPhase(key string) int {
	last := max(l.used[key], l.Allocations[key].Phase)
	i, found := slices.BinarySearchFunc(l.Former, key, func(f model.Former, key string) int { return cmp.Compare(f.Key, key) })
	if found {
		last = max(last, l.Former[i].Phase)
	}
	return last + 1
}

// drawsAlike reports whether a and b draw the same slots for every unit: they hash the ids
// of the same unit type under the same salt.
func (a Allocation) drawsAlike(b Allocation) bool {
	return a.Kind == b.Kind && a.Unit == b.Unit && a.Salt == b.Salt
}
