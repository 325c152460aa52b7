package compile

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
)

var firstStep = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// drawEnrolment draws a traffic of at most room, or a ramp to it.
func drawEnrolment(t *rapid.T, room int) config.Enrolment {
	shares := rapid.SliceOfN(rapid.IntRange(0, room), 1, 4).Draw(t, "traffic")
	slices.Sort(shares)
	if len(shares) == 1 {
		return config.Enrolment{Traffic: config.Percent(shares[0])}
	}
	var r config.Enrolment
	for i, share := range shares {
		r.Ramp = append(r.Ramp, config.Step{At: firstStep.AddDate(0, 0, i), Traffic: config.Percent(share)})
	}
	return r
}

// testFactors have level keys of their own, so that no level is taken for another's.
var testFactors = []config.Factor{
	{Key: "color", Levels: []config.Level{{Key: "red"}, {Key: "green"}, {Key: "blue"}}},
	{Key: "size", Levels: []config.Level{{Key: "s"}, {Key: "l"}}},
	{Key: "text", Levels: []config.Level{{Key: "short"}, {Key: "long"}, {Key: "none"}}},
}

// drawFactors draws some of testFactors with some of their levels. Weights are whole
// tenths, so that their products are whole slots.
func drawFactors(t *rapid.T) []config.Factor {
	var factors []config.Factor
	for _, f := range testFactors {
		if rapid.Bool().Draw(t, f.Key) {
			levels := rapid.Permutation(f.Levels).Draw(t, "levels")[:rapid.IntRange(2, len(f.Levels)).Draw(t, "number of levels")]
			left := 10
			for i := range levels {
				tenths := left
				if i < len(levels)-1 {
					tenths = rapid.IntRange(0, left).Draw(t, "weight")
				}
				levels[i].Weight = config.Percent(tenths * model.Slots / 10)
				left -= tenths
			}
			factors = append(factors, config.Factor{Key: f.Key, Levels: levels})
		}
	}
	return factors
}

// product makes the variants of factors.
func product(factors []config.Factor) []config.Variant {
	variants := []config.Variant{{Weight: config.Everything}}
	for _, f := range factors {
		var longer []config.Variant
		for _, v := range variants {
			for _, level := range f.Levels {
				longer = append(longer, config.Variant{
					Key:    strings.TrimPrefix(v.Key+config.LevelSeparator+level.Key, config.LevelSeparator),
					Weight: v.Weight * level.Weight / config.Everything,
				})
			}
		}
		variants = longer
	}
	return variants
}

// drawExperiment draws the next state of an experiment.
func drawExperiment(t *rapid.T, key string, layer, room int) *config.Experiment {
	e := &config.Experiment{
		Key: key, Salt: key, Layer: layer, Enrolment: drawEnrolment(t, room),
		Status: rapid.SampledFrom([]config.Status{config.Running, config.Paused, config.Stopped}).Draw(t, key),
	}
	if e.Factors = drawFactors(t); e.Factors != nil {
		e.Variants = product(e.Factors)
		return e
	}
	keys, weights := drawWeights(t, []string{"a", "b", "c", "d"})
	for i, k := range keys {
		e.Variants = append(e.Variants, config.Variant{Key: k, Weight: config.Percent(weights[i])})
	}
	return e
}

// TestNobodyMoves publishes one random state of a project after another: with more
// traffic and less, ramps, experiments that come and go, variants, factors and levels.
// It looks at every slot there is, and hence at every unit that there could be.
func TestNobodyMoves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := &model.Program{}
		files, phases, now := map[string]*config.Experiment{}, map[string]int{}, firstStep
		for range rapid.IntRange(2, 5).Draw(t, "publishes") {
			now = now.AddDate(0, 0, rapid.IntRange(0, 20).Draw(t, "days that pass"))
			p := drawProject(t)
			program, err := Program(p, LedgerOf(before), now)
			if err != nil {
				if p.Rest == 0 || !strings.Contains(err.Error(), " rest until ") {
					t.Fatal(err)
				}
				continue // publish something else
			}
			until := model.MillisOf(now) + model.Millis(p.Rest.Milliseconds())
			checkRest(t, layerOf(t, before), layerOf(t, program), model.MillisOf(now), until)
			earlier := files
			files = map[string]*config.Experiment{}
			for _, e := range p.Experiments {
				files[e.Key] = e
			}
			for i := range program.Experiments {
				e := &program.Experiments[i]
				checkRamp(t, e)
				if was := before.Find(e.Key); was != nil {
					checkPositions(t, was, e)
					checkVariants(t, was, e, earlier[e.Key], files[e.Key])
				} else if e.Phase != phases[e.Key]+1 {
					t.Fatalf("%s begins in phase %d, its last one was %d", e.Key, e.Phase, phases[e.Key])
				}
				phases[e.Key] = e.Phase
			}
			if again, err := Program(p, LedgerOf(program), now.AddDate(1, 0, 0)); err != nil || !reflect.DeepEqual(again, program) {
				t.Fatalf("published again a year later, %v:\n%+v\n%+v", err, program, again)
			}
			before = program
		}
	})
}

// drawProject draws a project with one experiment without a layer and three in one.
func drawProject(t *rapid.T) *config.Project {
	p := &config.Project{
		Units: []string{"user"}, Layers: []config.Layer{{Key: "layer"}},
		Rest: rapid.SampledFrom([]config.Period{config.DefaultRest, config.DefaultRest / 2, 0}).Draw(t, "rest"),
	}
	p.Experiments = append(p.Experiments, drawExperiment(t, "alone", model.None, model.Slots))
	room := model.Slots
	for _, key := range []string{"a", "b", "c"} {
		e := drawExperiment(t, key, 0, room)
		if e.Status.Live() {
			room -= e.Largest().Slots()
		}
		p.Experiments = append(p.Experiments, e)
	}
	return p
}

// layerOf is the one layer of a program.
func layerOf(t *rapid.T, p *model.Program) *layerAt {
	given := map[string][]model.Range{}
	for _, e := range p.Experiments {
		if e.Layer != model.None {
			given[e.Key] = e.Rules[0].Slots
		}
	}
	return newLayerAt(t, given, p.Ledger.Rests)
}

// trafficAt is the traffic of a rule some days after the first step; -1 is before it.
func trafficAt(r *model.Rule, days int) int {
	traffic := r.Traffic
	for _, step := range r.Ramp {
		if step.At <= model.MillisOf(firstStep.AddDate(0, 0, days)) {
			traffic = step.Traffic
		}
	}
	return traffic
}

// checkRamp follows a rule through time: nobody is enrolled before the first step, and
// whoever is enrolled stays so.
func checkRamp(t *rapid.T, e *model.Experiment) {
	r := &e.Rules[0]
	if len(r.Ramp) > 0 && r.Traffic != 0 {
		t.Fatalf("%s has a traffic of %d before its ramp", e.Key, r.Traffic)
	}
	for days := range 4 {
		if before, after := trafficAt(r, days-1), trafficAt(r, days); after < before || after > countSlots(r.Slots) {
			t.Fatalf("%s: the traffic is %d, and then %d of %d slots", e.Key, before, after, countSlots(r.Slots))
		}
	}
}

// checkPositions compares who is enrolled before and after a publish, at any time: where
// traffic grew, nobody left, and where it shrank, nobody came.
func checkPositions(t *rapid.T, before, after *model.Experiment) {
	for days := -1; days < 4; days++ {
		was := slices.Collect(eachSlot(before.Rules[0].Slots))[:trafficAt(&before.Rules[0], days)]
		is := slices.Collect(eachSlot(after.Rules[0].Slots))[:trafficAt(&after.Rules[0], days)]
		if n := min(len(was), len(is)); !slices.Equal(was[:n], is[:n]) {
			t.Fatalf("%s: other units are enrolled on day %d than were", after.Key, days)
		}
	}
}

// checkVariants compares the variant of every slot before and after a publish. No more
// slots change than variants lose weight; where factors come or go, than the levels of
// the other factors do.
func checkVariants(t *rapid.T, before, after *model.Experiment, was, is *config.Experiment) {
	a, b := variantsOf(t, before), variantsOf(t, after)
	if same := slices.Equal(a, b); same && after.Phase != before.Phase || !same && after.Phase != before.Phase+1 {
		t.Fatalf("%s: the phase was %d and is %d; the variants are the same: %t", after.Key, before.Phase, after.Phase, same)
	}
	if len(was.Factors) > 0 && len(is.Factors) > 0 && len(was.Factors) != len(is.Factors) {
		kept := []string{}
		for _, f := range was.Factors {
			if slices.ContainsFunc(is.Factors, func(g config.Factor) bool { return g.Key == f.Key }) {
				kept = append(kept, f.Key)
			}
		}
		if len(kept) < min(len(was.Factors), len(is.Factors)) {
			return // some were exchanged, and all is drawn anew
		}
		a, b = reduce(a, was.Factors, kept), reduce(b, is.Factors, kept)
	}
	weights := map[string]int{}
	for _, v := range b {
		weights[v]++
	}
	lost, changed := 0, 0
	for v, weight := range counts(a) {
		lost += max(0, weight-weights[v])
	}
	for slot := range a {
		if a[slot] != b[slot] {
			changed++
		}
	}
	if changed != lost {
		t.Fatalf("%s: %d slots changed, where variants lost %d", after.Key, changed, lost)
	}
	for _, v := range is.Variants {
		if got := counts(variantsOf(t, after))[v.Key]; got != v.Weight.Slots() {
			t.Fatalf("%s: %s has %d slots, wants %d", after.Key, v.Key, got, v.Weight.Slots())
		}
	}
}

// variantsOf lists the key of each slot's variant.
func variantsOf(t *rapid.T, e *model.Experiment) []string {
	keys := make([]string, len(e.Variants))
	for i, v := range e.Variants {
		keys[i] = v.Key
	}
	return ownersOf(t, e.Rules[0].Split, keys)
}

// reduce leaves the levels of some factors in the keys.
func reduce(keys []string, factors []config.Factor, kept []string) []string {
	known := map[string]string{}
	reduced := make([]string, len(keys))
	for i, key := range keys {
		if known[key] == "" {
			var levels []string
			for f, level := range strings.Split(key, config.LevelSeparator) {
				if slices.Contains(kept, factors[f].Key) {
					levels = append(levels, level)
				}
			}
			known[key] = strings.Join(levels, config.LevelSeparator)
		}
		reduced[i] = known[key]
	}
	return reduced
}

func counts(keys []string) map[string]int {
	n := map[string]int{}
	for _, key := range keys {
		n[key]++
	}
	return n
}
