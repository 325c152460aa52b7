package config

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
)

// LevelSeparator joins the keys of levels to the key of a variant. The key of a level cannot
// contain it, so the key of a variant can be split into its levels again.
const LevelSeparator = "-"

// Factor is one of the things that a multivariate test varies.
type Factor struct {
	Key    string
	Levels []Level // two or more; their weights add up to 100 %
}

// Level is a value of a factor.
type Level struct {
	Key    string
	Weight Percent
	Config string // canonical JSON; "null" if the file has none
}

// factors checks and resolves the factors of a file, and the variants that they produce. It
// returns nil for both after a mistake.
func (l *loader) factors(list List[FactorEntry]) ([]Factor, []Variant) {
	before := len(l.problems)
	if len(list.Items) == 0 {
		l.fail(list.Pos, "there are no factors", "write factors: [{key: color, levels: [...]}, ...]")
	}
	factors := make([]Factor, len(list.Items))
	for i, f := range list.Items {
		l.checkKey(f.Key, "a factor")
		if f.Key.Given() && slices.ContainsFunc(factors[:i], func(x Factor) bool { return x.Key == f.Key.Value }) {
			l.fail(f.Key.Pos, fmt.Sprintf("the factor %q appears twice", f.Key.Value), "give each factor its own key")
		}
		factors[i] = Factor{Key: f.Key.Value, Levels: l.levels(f)}
	}
	if n := combinations(factors); n > model.MaxVariants {
		l.fail(list.Pos, fmt.Sprintf("the factors produce more than %d variants", model.MaxVariants), "remove levels, or test the factors in separate experiments")
	}
	if len(l.problems) > before || !allGiven(list) {
		return nil, nil
	}
	return factors, l.combine(list.Pos, factors)
}

// allGiven reports whether no part of the factors is missing. A missing part has been reported
// already.
func allGiven(list List[FactorEntry]) bool {
	for _, f := range list.Items {
		for _, v := range f.Levels.Items {
			if !v.Key.Given() || !v.Weight.Given() {
				return false
			}
		}
		if !f.Key.Given() || len(f.Levels.Items) == 0 {
			return false
		}
	}
	return true
}

func (l *loader) levels(f FactorEntry) []Level {
	if f.Levels.Pos != (Pos{}) && len(f.Levels.Items) < 2 {
		l.fail(f.Levels.Pos, "a factor needs at least 2 levels", "with one level nothing varies: remove the factor")
	}
	levels := make([]Level, 0, len(f.Levels.Items))
	weights := make([]Entry[At[Percent]], len(f.Levels.Items))
	for i, v := range f.Levels.Items {
		weights[i] = Entry[At[Percent]]{v.Key, v.Weight}
		if l.checkKey(v.Key, "a level") && strings.Contains(v.Key.Value, LevelSeparator) {
			l.fail(v.Key.Pos, fmt.Sprintf("%q cannot be the key of a level: dashes separate the levels in the key of a variant", v.Key.Value),
				fmt.Sprintf("write %q", strings.ReplaceAll(v.Key.Value, LevelSeparator, "_")))
		}
		if v.Key.Given() && slices.ContainsFunc(levels, func(x Level) bool { return x.Key == v.Key.Value }) {
			l.fail(v.Key.Pos, fmt.Sprintf("the level %q appears twice", v.Key.Value), "give each level its own key")
		}
		level := Level{Key: v.Key.Value, Weight: v.Weight.Value, Config: "null"}
		if v.Config.Given() {
			level.Config = string(v.Config.Value)
		}
		levels = append(levels, level)
	}
	l.checkSum(f.Levels.Pos, weights)
	return levels
}

// combinations returns the number of variants that factors produce. If they are more than
// [model.MaxVariants], it returns some number above that.
func combinations(factors []Factor) int {
	n := 1
	for _, f := range factors {
		if n *= len(f.Levels); n > model.MaxVariants {
			break
		}
	}
	return n
}

// combine returns a variant for each combination of levels. The first variant has the first
// level of each factor, and the levels of the last factor change fastest.
func (l *loader) combine(at Pos, factors []Factor) []Variant {
	variants := make([]Variant, combinations(factors))
	for i := range variants {
		levels := levelsOf(factors, i)
		key := strings.Join(keysOf(levels, func(v Level) string { return v.Key }), LevelSeparator)
		config := joined(factors, levels)
		switch {
		case len(key) > model.MaxKeyLength:
			l.fail(at, fmt.Sprintf("the key of the variant %s… is %d characters long; the limit is %d", key[:shownKey], len(key), model.MaxKeyLength),
				"give the levels shorter keys")
			return nil
		case len(config) > model.MaxConfigSize:
			l.fail(at, fmt.Sprintf("the config of the variant %s is %d bytes long as JSON; the limit is %d", key, len(config), model.MaxConfigSize),
				"store large content elsewhere, and put its address here")
			return nil
		}
		variants[i] = Variant{Key: key, Name: key, Config: config}
	}
	weigh(variants, factors)
	return variants
}

// shownKey is the number of characters that an error shows of a key that is too long.
const shownKey = 32

// levelsOf returns the levels of the variant with the given index.
func levelsOf(factors []Factor, variant int) []Level {
	levels := make([]Level, len(factors))
	for i := len(factors) - 1; i >= 0; i-- {
		n := len(factors[i].Levels)
		levels[i] = factors[i].Levels[variant%n]
		variant /= n
	}
	return levels
}

// joined returns a JSON object with the config of each level under the key of its factor.
func joined(factors []Factor, levels []Level) string {
	members := make([]string, len(factors))
	for i, f := range factors {
		members[i] = fmt.Sprintf("%q:%s", f.Key, levels[i].Config)
	}
	slices.Sort(members) // sorts by key: the closing quote is less than any character of a key
	return "{" + strings.Join(members, ",") + "}"
}

// weigh sets the weight of each variant to the product of its levels' weights, in whole slots
// that add up to [model.Slots]. It rounds each product down and gives the remaining slots to
// the variants with the largest remainders. Among equal remainders the first key wins, so the
// order of levels does not matter.
func weigh(variants []Variant, factors []Factor) {
	left := Everything
	lost, order := make([]*big.Int, len(variants)), make([]int, len(variants))
	unit := new(big.Int).Exp(big.NewInt(model.Slots), big.NewInt(int64(len(factors)-1)), nil)
	for i := range variants {
		product := big.NewInt(1)
		for _, level := range levelsOf(factors, i) {
			product.Mul(product, big.NewInt(int64(level.Weight)))
		}
		slots, remainder := new(big.Int).QuoRem(product, unit, new(big.Int))
		variants[i].Weight = Percent(slots.Int64())
		left -= variants[i].Weight
		lost[i], order[i] = remainder, i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(lost[b].Cmp(lost[a]), strings.Compare(variants[a].Key, variants[b].Key))
	})
	for _, i := range order[:left] {
		variants[i].Weight++
	}
}
