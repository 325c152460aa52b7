package main

import (
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/abi"
)

// tally counts decisions, and what must never happen.
type tally struct {
	program  *model.Program
	units    map[string]*unit
	requests [][]int // by experiment and variant
	bots     int     // requests of bots
}

// outcome is the decision on one experiment or flag.
type outcome struct {
	variant string // key; empty if there is none
	reason  abi.Reason
}

// unit records what one visitor was given.
type unit struct {
	bot      bool
	heldOut  bool
	variants []int // by experiment: a variant's index, or model.None
	changed  []bool
	layers   []int // by layer: an experiment's index, or model.None
	overlaps []bool
}

func newTally(p *model.Program) *tally {
	t := &tally{program: p, units: make(map[string]*unit), requests: make([][]int, len(p.Experiments))}
	for i := range p.Experiments {
		t.requests[i] = make([]int, len(p.Experiments[i].Variants))
	}
	return t
}

// add counts the outcomes of one request of a unit: one for each experiment and flag, in the
// program's order.
func (t *tally) add(id string, outcomes []outcome) {
	u := t.units[id]
	if u == nil {
		u = &unit{
			variants: absent(len(t.program.Experiments)), changed: make([]bool, len(t.program.Experiments)),
			layers: absent(len(t.program.Layers)), overlaps: make([]bool, len(t.program.Layers)),
		}
		t.units[id] = u
	}
	bot := false
	for i, o := range outcomes {
		bot = bot || o.reason == abi.ReasonBot
		u.heldOut = u.heldOut || o.reason == abi.ReasonHoldout
		if o.variant != "" {
			t.assigned(u, i, o.variant)
		}
	}
	if bot {
		t.bots++
		u.bot = true
	}
}

func (t *tally) assigned(u *unit, i int, key string) {
	e := &t.program.Experiments[i]
	v := variantIndex(e, key)
	t.requests[i][v]++
	if e.Kind == model.KindFlag {
		// A flag's rules may depend on attributes that change from request to request.
		u.variants[i] = v
		return
	}
	if u.variants[i] != model.None && u.variants[i] != v {
		u.changed[i] = true
	}
	u.variants[i] = v
	if e.Layer == model.None {
		return
	}
	if u.layers[e.Layer] != model.None && u.layers[e.Layer] != i {
		u.overlaps[e.Layer] = true
	}
	u.layers[e.Layer] = i
}

func variantIndex(e *model.Experiment, key string) int {
	for v := range e.Variants {
		if e.Variants[v].Key == key {
			return v
		}
	}
	panic("replay: the host gave a variant that the program does not have: " + e.Key + "/" + key)
}

func absent(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = model.None
	}
	return list
}
