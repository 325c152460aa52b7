package config

import (
	"encoding/json"
	"math/big"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sortition-dev/sortition/bundle/model"
)

func TestFactors(t *testing.T) {
	p, problems := load(t, map[string]string{
		ProjectFile: baseProject,
		"experiments/checkout.yaml": `key: checkout
owner: me
hypothesis: It helps.
status: draft
factors:
  - key: label
    levels:
      - {key: short, weight: 60%, config: Buy}
      - {key: long, weight: 40%, config: {text: Buy now, size: 2}}
  - key: color
    levels:
      - {key: blue, weight: 33.34%}
      - {key: green, weight: 33.33%, config: "#0f0"}
      - {key: deep_red, weight: 33.33%, config: [1, 0, 0]}
overrides: {long-green: [qa-1]}
`,
		"flags/menu.yaml": `key: menu
owner: me
status: running
factors:
  - {key: side, levels: [{key: left, weight: 25%}, {key: right, weight: 75%}]}
default: right
rules:
  - {audience: logged_in, variant: left}
  - {traffic: 10%, split: {left: 90%, right: 10%}}
  - {}
`,
	})
	if problems != nil {
		t.Fatal(problems)
	}
	checkout, menu := p.Experiments[0], p.Flags[0]
	want := []Variant{
		{"short-blue", "short-blue", 2_000, `{"color":null,"label":"Buy"}`},
		{"short-green", "short-green", 2_000, `{"color":"#0f0","label":"Buy"}`},
		{"short-deep_red", "short-deep_red", 2_000, `{"color":[1,0,0],"label":"Buy"}`},
		{"long-blue", "long-blue", 1_334, `{"color":null,"label":{"size":2,"text":"Buy now"}}`},
		{"long-green", "long-green", 1_333, `{"color":"#0f0","label":{"size":2,"text":"Buy now"}}`},
		{"long-deep_red", "long-deep_red", 1_333, `{"color":[1,0,0],"label":{"size":2,"text":"Buy now"}}`},
	}
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"variants", checkout.Variants, want},
		{"control", checkout.Control, 0},
		{"overrides", checkout.Overrides, []Override{{"qa-1", 4}}},
		{"factors", checkout.Factors[0], Factor{"label", []Level{{"short", 6_000, `"Buy"`}, {"long", 4_000, `{"size":2,"text":"Buy now"}`}}}},
		{"flag variants", menu.Variants, []Variant{{"left", "left", 2_500, `{"side":null}`}, {"right", "right", 7_500, `{"side":null}`}}},
		{"flag default", menu.Default, 1},
		{"rule with a variant", menu.Rules[0].Split, []Share{{0, Everything}}},
		{"rule with a split", menu.Rules[1].Split, []Share{{0, 9_000}, {1, 1_000}}},
		{"rule of the factors", menu.Rules[2].Split, []Share{{0, 2_500}, {1, 7_500}}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.what, c.got, c.want)
		}
	}
}

// drawFactors draws up to eight factors that make at most model.MaxVariants variants.
func drawFactors(t *rapid.T) []Factor {
	var factors []Factor
	for i := range rapid.IntRange(1, 8).Draw(t, "factors") {
		room := model.MaxVariants / combinations(factors)
		if room < 2 {
			break
		}
		f := Factor{Key: string(rune('a' + i))}
		left := Everything
		for range rapid.IntRange(1, min(room, 6)-1).Draw(t, "levels") {
			weight := Percent(rapid.IntRange(0, int(left)).Draw(t, "weight"))
			left -= weight
			f.Levels = append(f.Levels, Level{Key: string(rune('a' + len(f.Levels))), Weight: weight, Config: "null"})
		}
		f.Levels = append(f.Levels, Level{Key: "z", Weight: left, Config: "null"})
		factors = append(factors, f)
	}
	return factors
}

// TestWeightsAreExact compares each weight with the product as a fraction, and lists the
// levels in another order.
func TestWeightsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		factors := drawFactors(t)
		l := &loader{}
		variants := l.combine(Pos{}, factors)
		if len(l.problems) > 0 || len(variants) != combinations(factors) {
			t.Fatalf("%d variants of %d combinations: %v", len(variants), combinations(factors), l.problems)
		}
		sum := Percent(0)
		weightOf := map[string]Percent{}
		for i, v := range variants {
			exact := big.NewRat(model.Slots, 1)
			for _, level := range levelsOf(factors, i) {
				exact.Mul(exact, big.NewRat(int64(level.Weight), model.Slots))
			}
			off := new(big.Rat).Sub(exact, big.NewRat(int64(v.Weight), 1))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
				t.Fatalf("%s has %d slots, and %s are exact", v.Key, v.Weight, exact.FloatString(3))
			}
			sum += v.Weight
			weightOf[v.Key] = v.Weight
			if !json.Valid([]byte(v.Config)) {
				t.Fatalf("%s is not JSON", v.Config)
			}
		}
		if sum != Everything || len(weightOf) != len(variants) {
			t.Fatalf("the weights add up to %s, and %d of %d keys are distinct", sum, len(weightOf), len(variants))
		}
		for _, f := range factors {
			slices.Reverse(f.Levels)
		}
		for _, v := range l.combine(Pos{}, factors) {
			if v.Weight != weightOf[v.Key] {
				t.Fatalf("%s has %s, and %s in another order of levels", v.Key, v.Weight, weightOf[v.Key])
			}
		}
	})
}

// TestMembersAreSorted has factors whose keys begin alike.
func TestMembersAreSorted(t *testing.T) {
	var factors []Factor
	var levels []Level
	for _, key := range []string{"b", "a_b", "a", "a-b", "a0", "ab"} {
		factors = append(factors, Factor{Key: key})
		levels = append(levels, Level{Config: "1"})
	}
	if got, want := joined(factors, levels), `{"a":1,"a-b":1,"a0":1,"a_b":1,"ab":1,"b":1}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
