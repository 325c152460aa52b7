package compile

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
)

// maxFactors is how many factors there can be: each at least doubles the variants.
var maxFactors = bits.Len(model.MaxVariants) - 1

// inheritance says in which variants a live one lives on.
type inheritance struct {
	variants []int // by index, ascending
	renamed  bool  // none of them has its key
}

// heirs gives the inheritance of each variant of a live split. A variant lives on in the
// one with its key. Where a factor has been added, that changes every key: a variant then
// lives on in all those that have its levels of the other factors. Where a factor has
// been removed, all those that differ in it alone live on in one. The number of factors
// is 0 if the keys are not made of levels.
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

// levelCount is the number of levels that every key of a split has, or 0 if they differ.
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

// bestMatch guesses which of the factors on the longer side are those on the shorter: the
// ones by which most live variants have heirs; of equals, the first.
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

// matchBy finds the heirs of live variants if the factors whose bits are set are those
// kept: of the live keys if factors have been removed, of the new ones otherwise.
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

// project leaves only those levels in a key whose bit is set.
func project(key string, kept uint) string {
	var levels []string
	for i, level := range strings.Split(key, config.LevelSeparator) {
		if kept>>i&1 == 1 {
			levels = append(levels, level)
		}
	}
	return strings.Join(levels, config.LevelSeparator)
}
