package compile

import "github.com/sortition-dev/sortition/bundle/model"

// Ledger is what the live bundle says about allocation, by key of experiment or flag.
// Compiling against it moves as few units as the new configuration allows. A nil or
// empty Ledger is that of a first publish.
type Ledger map[string]Allocation

// Allocation is what one experiment or flag has been given.
type Allocation struct {
	Kind  model.Kind
	Unit  string // unit type
	Salt  string
	Layer string // key; empty without a layer
	Epoch int    // from 1
	Rules []RuleAllocation
}

// RuleAllocation is what one rule has been given.
type RuleAllocation struct {
	Slots []model.Range // in the order of positions
	Split []VariantShare
}

// VariantShare is a model.Share that names its variant by key: indexes change when a
// file lists its variants in another order.
type VariantShare struct {
	To      int
	Variant string
}

// LedgerOf reads the ledger of a program that is live.
func LedgerOf(p *model.Program) Ledger {
	ledger := make(Ledger, len(p.Experiments))
	for i := range p.Experiments {
		e := &p.Experiments[i]
		a := Allocation{Kind: e.Kind, Unit: p.Units[e.Unit], Salt: e.Salt, Epoch: e.Epoch}
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
		ledger[e.Key] = a
	}
	return ledger
}

// inLayer is what the experiment owns of the layer. It is nothing if the experiment is
// new, or had another layer.
func (l Ledger) inLayer(key, layer string) []model.Range {
	a, ok := l[key]
	if !ok || a.Layer != layer || len(a.Rules) == 0 {
		return nil
	}
	return a.Rules[0].Slots
}

// draws reports whether a draws the same lots as b: the same units under the same salt.
func (a Allocation) draws(b Allocation) bool {
	return a.Kind == b.Kind && a.Unit == b.Unit && a.Salt == b.Salt
}
