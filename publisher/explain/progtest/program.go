// Package progtest makes random programs and random requests for them, for tests that
// hold one evaluator against another. Everything follows from the random source: the
// same seed gives the same programs and requests.
package progtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Sizes of generated programs. Most are small, so that many fit into a test; some are
// large enough that their clauses fill several 64-bit words.
const (
	smallProgram  = 12
	mediumProgram = 48
	largeProgram  = 160

	maxLayers    = 4
	maxUnits     = 3
	maxSegments  = 3
	maxVariants  = 6
	maxFlagRules = 4
	maxCuts      = 8
)

type generator struct {
	rng       *rand.Rand
	program   *model.Program
	audiences []*model.Expr // made so far, to be used again
}

// Program makes a valid program.
func Program(rng *rand.Rand) *model.Program {
	g := generator{rng: rng, program: &model.Program{Environment: "test"}}
	g.vocabulary()
	g.experiments()
	return g.program
}

// chance is true in percent of 100 calls.
func (g *generator) chance(percent int) bool { return g.rng.IntN(100) < percent }

func pick[T any](rng *rand.Rand, pool []T) T { return pool[rng.IntN(len(pool))] }

func (g *generator) vocabulary() {
	p, rng := g.program, g.rng
	p.Units = []string{"user", "device", "org"}[:1+rng.IntN(maxUnits)]
	for t := model.String; t <= model.StringList; t++ {
		for i := range 1 + rng.IntN(3) {
			p.Attributes = append(p.Attributes, model.Attribute{Name: fmt.Sprintf("%s_%d", t, i), Type: t})
		}
	}
	rng.Shuffle(len(p.Attributes), func(i, j int) {
		p.Attributes[i], p.Attributes[j] = p.Attributes[j], p.Attributes[i]
	})
	for i := range rng.IntN(maxSegments + 1) {
		p.Segments = append(p.Segments, g.segment(i))
	}
	for i := range rng.IntN(maxLayers + 1) {
		p.Layers = append(p.Layers, model.Layer{Key: fmt.Sprintf("layer_%d", i)})
	}
	g.holdouts()
	p.OptOut = g.subset(len(p.Segments), 30)
	for _, kind := range []model.ExclusionKind{model.ExcludeBot, model.ExcludeInternal} {
		if g.chance(40) {
			p.Exclusions = append(p.Exclusions, model.Exclusion{Kind: kind, Audience: g.expr(2)})
		}
	}
}

// holdouts makes a global one and one for each layer, or only some of them.
func (g *generator) holdouts() {
	keys := []string{"global"}
	for _, l := range g.program.Layers {
		keys = append(keys, "layer/"+l.Key)
	}
	for _, i := range g.subset(len(keys), 50) {
		slots := pick(g.rng, []int{0, 1, 100, 500, 2_000, 5_000, model.Slots})
		g.program.Holdouts = append(g.program.Holdouts, model.Holdout{Key: keys[i], Slots: slots})
	}
}

// subset takes each of the numbers below n in percent of 100 calls.
func (g *generator) subset(n, percent int) []int {
	var list []int
	for i := range n {
		if g.chance(percent) {
			list = append(list, i)
		}
	}
	return list
}

func (g *generator) segment(i int) model.Segment {
	s := model.Segment{Key: fmt.Sprintf("segment_%d", i), Unit: g.rng.IntN(len(g.program.Units))}
	for range g.rng.IntN(40) {
		s.Hashes = append(s.Hashes, xxhash.Sum64String(knownID(g.rng)))
	}
	slices.Sort(s.Hashes)
	s.Hashes = slices.Compact(s.Hashes)
	return s
}

func (g *generator) experiments() {
	count := 1 + g.rng.IntN(smallProgram)
	switch n := g.rng.IntN(100); {
	case n < 2:
		count = 0
	case n < 7:
		count = mediumProgram + g.rng.IntN(largeProgram-mediumProgram)
	case n < 30:
		count = smallProgram + g.rng.IntN(mediumProgram-smallProgram)
	}
	free := make([][]model.Range, len(g.program.Layers))
	for i := range free {
		free[i] = g.pieces(count)
	}
	for i := range count {
		e := g.experiment(fmt.Sprintf("key_%03d", i))
		if e.Kind == model.KindFlag {
			g.flagRules(&e)
		} else {
			g.experimentRule(&e, free)
		}
		g.program.Experiments = append(g.program.Experiments, e)
	}
	g.prerequisites()
}

// experiment makes everything but the rules, which still need a layer.
func (g *generator) experiment(key string) model.Experiment {
	rng, p := g.rng, g.program
	e := model.Experiment{
		Key: key, Salt: key, Unit: rng.IntN(len(p.Units)), Epoch: 1 + rng.IntN(3),
		Layer: model.None, Default: model.None, Killed: g.chance(5),
	}
	if g.chance(20) {
		e.Salt = pick(rng, []string{"shared salt", "日本", key + "/2"})
	}
	if g.chance(20) {
		e.Start = pick(rng, timePool).UnixMilli()
	}
	if g.chance(20) {
		e.End = pick(rng, timePool).UnixMilli()
	}
	for i := range 1 + rng.IntN(maxVariants) {
		e.Variants = append(e.Variants, model.Variant{
			Key: "v" + strconv.Itoa(i), Name: pick(rng, stringPool), Config: pick(rng, configPool),
		})
	}
	if g.chance(30) {
		e.Overrides = g.overrides(len(e.Variants))
	}
	if g.chance(25) {
		e.Kind = model.KindFlag
		e.Default = rng.IntN(len(e.Variants))
	} else {
		e.Holdouts = g.subset(len(p.Holdouts), 30)
	}
	return e
}

func (g *generator) overrides(variants int) []model.Override {
	var list []model.Override
	for range 1 + g.rng.IntN(8) {
		list = append(list, model.Override{
			Hash: xxhash.Sum64String(knownID(g.rng)), Variant: g.rng.IntN(variants),
		})
	}
	slices.SortFunc(list, func(a, b model.Override) int {
		if a.Hash < b.Hash {
			return -1
		}
		return 1
	})
	return slices.CompactFunc(list, func(a, b model.Override) bool { return a.Hash == b.Hash })
}

func (g *generator) flagRules(e *model.Experiment) {
	for range 1 + g.rng.IntN(maxFlagRules) {
		e.Rules = append(e.Rules, g.rule(g.ownSlots(), len(e.Variants)))
	}
}

func (g *generator) experimentRule(e *model.Experiment, free [][]model.Range) {
	slots := g.ownSlots()
	if len(free) > 0 && g.chance(70) {
		e.Layer = g.rng.IntN(len(free))
		n := min(g.rng.IntN(4), len(free[e.Layer])) // none at all: traffic 0
		slots, free[e.Layer] = free[e.Layer][:n:n], free[e.Layer][n:]
	}
	e.Rules = []model.Rule{g.rule(slots, len(e.Variants))}
}

// ownSlots are the slots of a lot that nobody shares: usually all of them.
func (g *generator) ownSlots() []model.Range {
	if g.chance(85) {
		return []model.Range{{From: 0, To: model.Slots}}
	}
	return g.pieces(3)[:2]
}

// pieces cuts all slots into at least the given number of ranges, in random order.
func (g *generator) pieces(atLeast int) []model.Range {
	var ranges []model.Range
	from := 0
	for _, to := range g.cuts(atLeast + g.rng.IntN(maxCuts)) {
		ranges = append(ranges, model.Range{From: from, To: to})
		from = to
	}
	g.rng.Shuffle(len(ranges), func(i, j int) { ranges[i], ranges[j] = ranges[j], ranges[i] })
	return ranges
}

// cuts are n+1 distinct numbers in order, the last of which is model.Slots.
func (g *generator) cuts(n int) []int {
	cuts := []int{model.Slots}
	for len(cuts) <= n {
		if c := 1 + g.rng.IntN(model.Slots-1); !slices.Contains(cuts, c) {
			cuts = append(cuts, c)
		}
	}
	slices.Sort(cuts)
	return cuts
}

func (g *generator) rule(slots []model.Range, variants int) model.Rule {
	r := model.Rule{Slots: slots}
	for _, s := range slots {
		r.Traffic += s.To - s.From
	}
	if g.chance(20) {
		r.Ramp = g.ramp(r.Traffic)
	}
	if g.chance(40) {
		r.Traffic = g.rng.IntN(r.Traffic + 1)
	}
	if g.chance(80) {
		r.Audience = g.audience()
	}
	for _, to := range g.cuts(g.rng.IntN(variants + 2)) {
		r.Split = append(r.Split, model.Share{To: to, Variant: g.rng.IntN(variants)})
	}
	return r
}
