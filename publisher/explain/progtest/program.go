package progtest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Sizes of generated programs. Most are small, so that many fit into a test; some are
// large enough that their clauses fill several 64-bit words.
const (
	maxExperiments = 160
	maxLayers      = 4
	maxUnits       = 3
	maxSegments    = 3
	maxVariants    = 6
	maxFlagRules   = 4
	maxCuts        = 24
	maxOverrides   = 8
)

// another has the chances in percent that an experiment is followed by another.
var another = []int{85, 85, 90, 98}

func (g *generator) experiments() {
	free := make([][]model.Range, len(g.program.Layers))
	for i := range free {
		free[i] = g.pieces(maxCuts)
	}
	percent := pick(g.rng, another)
	g.list(maxExperiments, percent, func() {
		e := g.experiment(fmt.Sprintf("key_%03d", len(g.program.Experiments)))
		if e.Kind == model.KindFlag {
			g.flagRules(&e)
		} else {
			g.experimentRule(&e, free)
		}
		g.program.Experiments = append(g.program.Experiments, e)
	})
}

// experiment makes everything but the rules, which still need a layer.
func (g *generator) experiment(key string) model.Experiment {
	rng, p := g.rng, g.program
	e := model.Experiment{
		Key: key, Salt: key, Unit: rng.IntN(len(p.Units)), Phase: 1 + rng.IntN(3),
		Layer: model.None, Default: model.None, Killed: g.chance(5),
	}
	if g.chance(20) {
		e.Salt = pick(rng, []string{"shared salt", "日本", key + "/2"})
	}
	if g.chance(20) {
		e.Start = model.MillisOf(pick(rng, timePool))
	}
	if g.chance(20) {
		e.End = model.MillisOf(pick(rng, timePool))
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
	for range 1 + g.rng.IntN(maxOverrides) {
		list = append(list, model.Override{
			Hash: xxhash.Sum64String(knownID(g.rng)), Variant: g.rng.IntN(variants),
		})
	}
	slices.SortFunc(list, func(a, b model.Override) int { return cmp.Compare(a.Hash, b.Hash) })
	return slices.CompactFunc(list, func(a, b model.Override) bool { return a.Hash == b.Hash })
}

func (g *generator) flagRules(e *model.Experiment) {
	e.Rules = []model.Rule{g.rule(g.ownSlots(), len(e.Variants))}
	g.list(maxFlagRules-1, 60, func() {
		e.Rules = append(e.Rules, g.rule(g.ownSlots(), len(e.Variants)))
	})
}

func (g *generator) experimentRule(e *model.Experiment, free [][]model.Range) {
	slots := g.ownSlots()
	if len(free) > 0 && g.chance(70) {
		e.Layer = g.rng.IntN(len(free))
		n := min(g.rng.IntN(8), len(free[e.Layer])) // none at all: traffic 0
		slots, free[e.Layer] = free[e.Layer][:n:n], free[e.Layer][n:]
	}
	e.Rules = []model.Rule{g.rule(slots, len(e.Variants))}
}

// ownSlots are the slots of a draw that nobody shares: usually all of them.
func (g *generator) ownSlots() []model.Range {
	if !g.chance(15) {
		return []model.Range{{From: 0, To: model.Slots}}
	}
	p := g.pieces(4)
	return p[:max(1, len(p)/2)]
}

// pieces cuts all slots into at most n ranges, in random order.
func (g *generator) pieces(n int) []model.Range {
	var ranges []model.Range
	from := 0
	for _, to := range g.cuts(n - 1) {
		ranges = append(ranges, model.Range{From: from, To: to})
		from = to
	}
	g.rng.Shuffle(len(ranges), func(i, j int) { ranges[i], ranges[j] = ranges[j], ranges[i] })
	return ranges
}

// cuts are at most n+1 numbers, ascending, of which the last is model.Slots.
func (g *generator) cuts(n int) []int {
	cuts := []int{model.Slots}
	for range n {
		cuts = append(cuts, 1+g.rng.IntN(model.Slots))
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

func (g *generator) rule(slots []model.Range, variants int) model.Rule {
	r := model.Rule{Slots: slots}
	for _, s := range slots {
		r.Traffic += s.To - s.From
	}
	if g.chance(20) {
		r.Ramp = g.ramp(r.Traffic)
	}
	if g.chance(60) {
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
