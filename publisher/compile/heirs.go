package compile

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
)

// maxFactors is the largest possible number of factors: each at least doubles the variants.
var maxFactors = bits.Len(model.MaxVariants) - 1

// inheritance says which new variants continue a live one.
type inheritance struct {
	variants []int // by index, ascending
	renamed  bool  // none of them has the key of the live variant
}

// heirs returns the inheritance of each variant of a live split. The heir of a variant is the
// variant with the same key. Adding or removing a factor changes every key. After a factor is
// added, the heirs of a variant are all variants with its levels of the other factors. After a
// factor is removed, variants that differ only in it have one heir. The number of factors is 0
// if keys do not consist of levels.
func heirs(live []VariantShare, keys []string, factors int) map[string]inheritance {
	result := map[string]inheritance{}
	for _, s := range live {
		if i := slices.Index(keys, s.Variant); i >= 0 {
			result[s.Variant] = inheritance{variants: []int{i}}
		}
	}
	before := levelCount(live)
	if factors == 0 || before == 0 || before > maxFactors || before == factors {
		return result
	}
	return bestMatch(live, keys, before, factors)
}

// levelCount returns the number of levels in every key of a split, or 0 if the numbers differ.
func levelCount(split []VariantShare) int {
	count := 0
	for i, s := range split {
		n := strings.Count(s.Variant, config.LevelSeparator) + 1
		if i > 0 && n != count {
			return 0
		}
		count = n
	}
	return count
}

// bestMatch guesses which factors of the side with more factors are those of the other side. It
// chooses the factors that give the most live variants heirs, and the first choice among equals.
func bestMatch(live []VariantShare, keys []string, before, after int) map[string]inheritance {
	var best map[string]inheritance
	for kept := uint(0); kept < 1<<max(before, after); kept++ {
		if bits.OnesCount(kept) != min(before, after) {
			continue
		}
		if match := matchBy(kept, live, keys, before > after); best == nil || len(match) > len(best) {
			best = match
		}
	}
	return best
}

// matchBy returns the heirs of live variants if the factors whose bits are set are kept. They are
// factors of the live keys if factors were removed, and of the new keys otherwise.
func matchBy(kept uint, live []VariantShare, keys []string, removed bool) map[string]inheritance {
	known := map[string][]int{}
	for i, key := range keys {
		if !removed {
			key = project(key, kept)
		}
		known[key] = append(known[key], i)
	}
	match := map[string]inheritance{}
	for _, s := range live {
		key := s.Variant
		if removed {
			key = project(key, kept)
		}
		if variants := known[key]; variants != nil {
			match[s.Variant] = inheritance{variants: variants, renamed: true}
		}
	}
	return match
}

// project returns a key with only the levels whose bits are set.
func project(key string, kept uint) string {
	var levels []string
	for i, level := range strings.Split(key, config.LevelSeparator) {
		if kept>>i&1 == 1 {
			levels = append(levels, level)
		}
	}
	return strings.Join(levels, config.LevelSeparator)
}
