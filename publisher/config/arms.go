package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
)

// MaxOverrides is the largest number of overrides of one experiment or flag. For more units,
// authors use a segment.
const MaxOverrides = 10_000

// arm is a variant of an experiment or a flag as it is written.
type arm struct {
	key, name At[string]
	config    At[JSON]
	weight    Percent
}

// variants checks and resolves the variants at a place. There must be at least least of them.
func (l *loader) variants(at Pos, arms []arm, least int) []Variant {
	switch n := len(arms); {
	case n < least && at != Pos{}:
		l.fail(at, fmt.Sprintf("too few variants: %d; the minimum is %d", n, least), "")
	case n > model.MaxVariants:
		l.fail(at, fmt.Sprintf("there are %d variants; the limit is %d", n, model.MaxVariants), "")
	}
	out := make([]Variant, 0, len(arms))
	for _, a := range arms {
		l.checkKey(a.key, "a variant")
		l.checkText(a.name, "the name", MaxNameLength)
		if a.key.Given() && slices.ContainsFunc(out, func(v Variant) bool { return v.Key == a.key.Value }) {
			l.fail(a.key.Pos, fmt.Sprintf("the variant %q appears twice", a.key.Value), "give each variant its own key")
		}
		v := Variant{Key: a.key.Value, Name: orDefault(a.name, a.key.Value), Weight: a.weight, Config: "null"}
		if a.config.Given() {
			v.Config = string(a.config.Value)
		}
		out = append(out, v)
	}
	return out
}

func variantKeys(variants []Variant) []string {
	return keysOf(variants, func(v Variant) string { return v.Key })
}

// variant returns the index of a variant by its key. If variants is nil, their own mistakes
// have been reported, and variant reports nothing.
func (l *loader) variant(key At[string], variants []Variant) int {
	if variants == nil {
		return model.None
	}
	return l.lookup(key, "variant", "variants", variantKeys(variants))
}

// checkSum reports weights that do not add up to 100 %. The problem is at the place at. The
// key of each entry is that of its variant.
func (l *loader) checkSum(at Pos, weights []Entry[At[Percent]]) {
	sum := Percent(0)
	parts := make([]string, len(weights))
	for i, w := range weights {
		if !w.Value.Given() {
			return // reported already, and the sum is unknown
		}
		sum += w.Value.Value
		parts[i] = fmt.Sprintf("%s %s", w.Key.Value, w.Value.Value)
	}
	hint := strings.Join(parts, ", ") + "; they must add up to 100%"
	switch {
	case len(weights) == 0:
	case sum < Everything:
		l.fail(at, fmt.Sprintf("the weights add up to %s, %s too little", sum, Everything-sum), hint)
	case sum > Everything:
		l.fail(at, fmt.Sprintf("the weights add up to %s, %s too much", sum, sum-Everything), hint)
	}
}

// overrides resolves override lists. A unit may appear once in all of them.
func (l *loader) overrides(m Map[List[At[ID]]], variants []Variant) []Override {
	var out []Override
	first := map[ID]At[string]{}
	for _, e := range m.Entries {
		index := l.variant(e.Key, variants)
		for _, id := range e.Value.Items {
			l.checkID(id)
			before, twice := first[id.Value]
			switch {
			case !id.Given() || index < 0:
			case twice && before.Value == e.Key.Value:
				l.fail(id.Pos, fmt.Sprintf("the unit %q appears twice", id.Value), "")
			case twice:
				l.fail(id.Pos, fmt.Sprintf("the unit %q has overrides for two variants, %q and %q", id.Value, before.Value, e.Key.Value), "a unit can have one override")
			default:
				first[id.Value] = e.Key
				out = append(out, Override{ID: string(id.Value), Variant: index})
			}
		}
	}
	if len(out) > MaxOverrides {
		l.fail(m.Pos, fmt.Sprintf("there are %d overrides; the limit is %d", len(out), MaxOverrides), "put the units in a segment, and write a flag rule for it")
	}
	slices.SortFunc(out, func(a, b Override) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
