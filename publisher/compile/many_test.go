package compile

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// manyExperiments is a program of n experiments as a large company has them: many
// attributes and values, of which some are in most audiences and most in few.
func manyExperiments(n int) *model.Program {
	const attributes, values, versions = 100, 40, 300
	rng := rand.New(rand.NewPCG(11, 11))
	popular := rand.NewZipf(rng, 1.1, 1, attributes-1)
	valueOf := rand.NewZipf(rng, 1.1, 1, values-1)
	p := &model.Program{Units: []string{"user"}}
	types := []model.Type{model.Version, model.String, model.String, model.Number, model.String, model.Bool}
	for i := range attributes {
		p.Attributes = append(p.Attributes, model.Attribute{Name: fmt.Sprintf("attribute_%d", i), Type: types[i%len(types)]})
	}
	test := func(attribute int) *model.Expr {
		e := &model.Expr{Attr: attribute}
		switch p.Attributes[attribute].Type {
		case model.String:
			e.Op = model.OpIn
			for range 1 + rng.IntN(4) {
				e.Strings = append(e.Strings, fmt.Sprintf("value_%d", valueOf.Uint64()))
			}
			slices.Sort(e.Strings)
			e.Strings = slices.Compact(e.Strings)
		case model.Version:
			v := rng.IntN(versions)
			text := fmt.Sprintf("%d.%d.%d", 1+v/100, v/10%10, v%10)
			key, _ := assign.VersionKey(text)
			e.Op, e.Value = model.OpLess, model.Value{Version: key, Text: text}
			return &model.Expr{Op: model.OpNot, Args: []*model.Expr{e}}
		case model.Number:
			number := rng.IntN(100)
			key, _ := assign.NumberKey(float64(number))
			e.Op, e.Value = model.OpLess, model.Value{Ordered: key, Text: fmt.Sprint(number)}
		default:
			e.Op = model.OpTrue
		}
		return e
	}
	for i := range n {
		audience := &model.Expr{Op: model.OpOr}
		for range 1 + rng.IntN(4)/3 {
			and := &model.Expr{Op: model.OpAnd}
			for range 1 + rng.IntN(4) {
				and.Args = append(and.Args, test(int(popular.Uint64())))
			}
			audience.Args = append(audience.Args, and)
		}
		key := fmt.Sprintf("experiment_%05d", i)
		p.Experiments = append(p.Experiments, model.Experiment{
			Key: key, Salt: key, Layer: model.None, Default: model.None, Phase: 1,
			Variants: []model.Variant{
				{Key: "control", Name: "Control", Config: `{"enabled":false}`},
				{Key: "treatment", Name: "Treatment", Config: fmt.Sprintf(`{"enabled":true,"experiment":%d}`, i)},
			},
			Rules: []model.Rule{{
				Audience: audience, Slots: everySlot(), Traffic: model.Slots,
				Split: []model.Share{{To: model.Slots / 2, Variant: 0}, {To: model.Slots, Variant: 1}},
			}},
		})
	}
	return p
}
