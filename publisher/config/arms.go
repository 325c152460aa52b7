package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
)

// MaxOverrides is the number of units that one experiment or flag may give a fixed
// variant. For more, a segment is made.
const MaxOverrides = 10_000

// arm is a variant of an experiment or a flag as it is written.
type arm struct {
	key, name At[string]
	config    At[JSON]
	weight    Percent
}

// variants checks and resolves the variants at a place. There must be at least the
// given number.
func (l *loader) variants(at Pos, arms []arm, least int) []Variant {
	switch n := len(arms); {
	case n < least && at != Pos{}:
		l.fail(at, fmt.Sprintf("there is %d variant, and at least %d are needed", n, least), "")
	case n > model.MaxVariants:
		l.fail(at, fmt.Sprintf("there are %d variants, more than %d", n, model.MaxVariants), "")
	}
	out := make([]Variant, 0, len(arms))
	for _, a := range arms {
		l.checkKey(a.key, "a variant")
		l.checkText(a.name, "the name", MaxNameLength)
		if a.key.Given() && slices.ContainsFunc(out, func(v Variant) bool { return v.Key == a.key.Value }) {
			l.fail(a.key.Pos, fmt.Sprintf("the variant %q is here twice", a.key.Value), "give each variant its own key")
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

// variant gives the index of a variant by its key. Of variants that are nil nothing is
// known, and nothing reported.
func (l *loader) variant(key At[string], variants []Variant) int {
	if variants == nil {
		return model.None
	}
	return l.lookup(key, "variant", "variants", variantKeys(variants))
}

// checkSum reports weights that do not add up to 100 %, at a place. Each weight has the
// key of its variant.
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
	hint := strings.Join(parts, ", ") + "; weights add up to 100%"
	switch {
	case len(weights) == 0:
	case sum < Everything:
		l.fail(at, fmt.Sprintf("the weights add up to %s: %s are missing", sum, Everything-sum), hint)
	case sum > Everything:
		l.fail(at, fmt.Sprintf("the weights add up to %s: %s too much", sum, sum-Everything), hint)
	}
}

// overrides resolves override lists. A unit may be in one of them, once.
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
				l.fail(id.Pos, fmt.Sprintf("the unit %q is here twice", id.Value), "")
			case twice:
				l.fail(id.Pos, fmt.Sprintf("the unit %q is given two variants, %q and %q", id.Value, before.Value, e.Key.Value), "a unit has one override")
			default:
				first[id.Value] = e.Key
				out = append(out, Override{ID: string(id.Value), Variant: index})
			}
		}
	}
	if len(out) > MaxOverrides {
		l.fail(m.Pos, fmt.Sprintf("there are %d overrides, more than %d", len(out), MaxOverrides), "make a segment and a flag rule for it")
	}
	slices.SortFunc(out, func(a, b Override) int { return cmp.Compare(a.ID, b.ID) })
	return out
}
