package progtest

import (
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
)

const (
	maxPrerequisites = 3 // of one experiment

	// maxWalks bounds the decisions that an evaluator without memory makes for one, which
	// grow exponentially with the depth of the chain.
	maxWalks = 64
)

// prerequisites lets experiments and flags require others, in chains of any depth that
// is allowed, without a cycle: each requires only those that come before it in a random
// order.
func (g *generator) prerequisites() {
	all := g.program.Experiments
	depth := make([]int, len(all))
	walks := make([]int, len(all))
	var earlier []int
	for _, i := range g.rng.Perm(len(all)) {
		walks[i] = 1
		if g.chance(25) {
			for range 1 + g.rng.IntN(maxPrerequisites) {
				other, ok := g.required(earlier, depth)
				if !ok || walks[i]+walks[other] > maxWalks {
					continue
				}
				depth[i] = max(depth[i], depth[other]+1)
				walks[i] += walks[other]
				all[i].Prerequisites = append(all[i].Prerequisites, model.Prerequisite{
					Experiment: other, Variants: g.someOf(len(all[other].Variants)),
				})
			}
		}
		earlier = append(earlier, i)
	}
}

// required picks an experiment that another may require: the one at the end of the
// longest chain, often, so that long chains occur.
func (g *generator) required(earlier, depth []int) (int, bool) {
	allowed := slices.DeleteFunc(slices.Clone(earlier), func(i int) bool {
		return depth[i] >= model.MaxPrerequisiteDepth
	})
	if len(allowed) == 0 {
		return 0, false
	}
	if g.chance(50) {
		return slices.MaxFunc(allowed, func(a, b int) int { return depth[a] - depth[b] }), true
	}
	return pick(g.rng, allowed), true
}

// someOf takes most of the numbers below n, at least one.
func (g *generator) someOf(n int) []int {
	list := g.subset(n, 75)
	if len(list) == 0 {
		list = []int{g.rng.IntN(n)}
	}
	return list
}
