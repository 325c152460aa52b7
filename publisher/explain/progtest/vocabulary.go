package progtest

import (
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/sortition-dev/sortition/bundle/model"
)

const (
	maxOfType     = 3  // attributes of one type
	maxSegmentIDs = 40 // ids of one segment
)

// vocabulary makes everything that experiments refer to.
func (g *generator) vocabulary() {
	p, rng := g.program, g.rng
	p.Units = []string{"user", "device", "org"}[:1+rng.IntN(maxUnits)]
	for t := model.String; t <= model.StringList; t++ {
		for i := range 1 + rng.IntN(maxOfType) {
			p.Attributes = append(p.Attributes, model.Attribute{Name: fmt.Sprintf("%s_%d", t, i), Type: t})
		}
	}
	rng.Shuffle(len(p.Attributes), func(i, j int) {
		p.Attributes[i], p.Attributes[j] = p.Attributes[j], p.Attributes[i]
	})
	g.list(maxSegments, 65, func() { p.Segments = append(p.Segments, g.segment(len(p.Segments))) })
	for i := range rng.IntN(maxLayers + 1) {
		p.Layers = append(p.Layers, model.Layer{Key: fmt.Sprintf("layer_%d", i)})
	}
	g.holdouts()
	p.OptOut = g.subset(len(p.Segments), 30)
	for _, kind := range []model.ExclusionKind{model.ExcludeBot, model.ExcludeInternal} {
		if g.chance(25) {
			p.Exclusions = append(p.Exclusions, model.Exclusion{Kind: kind, Audience: g.expr(2)})
		}
	}
}

func (g *generator) segment(i int) model.Segment {
	s := model.Segment{Key: fmt.Sprintf("segment_%d", i), Unit: g.rng.IntN(len(g.program.Units))}
	for range g.rng.IntN(maxSegmentIDs + 1) {
		s.Hashes = append(s.Hashes, xxhash.Sum64String(knownID(g.rng)))
	}
	slices.Sort(s.Hashes)
	s.Hashes = slices.Compact(s.Hashes)
	return s
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
