package config

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/route"
)

// Route is a set of paths that are touched by the same experiments and flags.
type Route struct {
	Pattern string   // a pattern from a file, or the intersection of several
	Keys    []string // of the experiments and flags, ascending

	// Combinations is the number of combinations of variants that visitors of one page can
	// get. A cache keeps a copy for each. Getting no variant counts as a value. Overrides do
	// not count. Prerequisites and audiences are ignored, so the real number may be smaller.
	Combinations int
}

// routes resolves the routes of one experiment or flag.
func (l *loader) routes(list List[At[string]]) []string {
	if n := len(list.Items); n > route.MaxPatterns {
		l.fail(list.Pos, fmt.Sprintf("there are %d routes; the limit is %d", n, route.MaxPatterns), "write one pattern that covers them, such as /product/*")
	}
	var patterns []string
	for _, item := range list.Items {
		if !item.Given() {
			continue
		}
		if err := route.Check(item.Value); err != nil {
			l.fail(item.Pos, fmt.Sprintf("%q is %v", item.Value, err), "a route is a path such as /cart, /product/:id, or /product/* for everything below it")
			continue
		}
		if slices.Contains(patterns, item.Value) {
			l.fail(item.Pos, fmt.Sprintf("the route %q appears twice", item.Value), "")
			continue
		}
		patterns = append(patterns, item.Value)
	}
	return patterns
}

// touching is an experiment or flag with the routes that it touches.
type touching struct {
	key    string
	at     Pos // of its routes
	routes []string
	layer  int // model.None for none
	values int // number of variants that a visitor can get; no variant counts as one
}

// resolveRoutes resolves the routes of live experiments and flags. It reports routes of which a
// cache would have to keep too many copies. Of several routes with the same first experiment or
// flag, it reports the one with the most copies.
func (l *loader) resolveRoutes() {
	all := l.touching()
	var table route.Table
	for i, t := range all {
		for _, pattern := range t.routes {
			if err := table.Add(pattern, i); err != nil {
				l.fail(t.at, err.Error(), "")
			}
		}
	}
	classes, err := table.Classes()
	if err != nil {
		l.fail(Pos{File: ExperimentsDir}, err.Error(), "")
		return
	}
	limit := DefaultCombinations
	replace(&limit, l.project.File.Combinations)
	worst := map[Pos]Route{}
	for _, class := range classes {
		here := make([]touching, len(class.Entries))
		for i, entry := range class.Entries {
			here[i] = all[entry]
		}
		r := Route{class.Pattern, keysOf(here, func(t touching) string { return t.key }), copies(here)}
		l.project.Routes = append(l.project.Routes, r)
		if at := here[0].at; r.Combinations > max(limit, worst[at].Combinations) {
			worst[at] = r
		}
	}
	for at, r := range worst {
		l.fail(at, fmt.Sprintf("a cache would have to keep %s copies of each page at %s; the limit is %d", countText(r.Combinations), r.Pattern, limit),
			fmt.Sprintf("the page is touched by %s\nput them into one layer, so that a visitor is in only one of them; list fewer routes; or raise max_combinations_per_route in %s",
				strings.Join(r.Keys, ", "), ProjectFile))
	}
}

// touching returns the live experiments and flags, sorted by key.
func (l *loader) touching() []touching {
	var all []touching
	add := func(t touching, status Status) {
		if status == Paused {
			t.values = 1
		}
		if status.Live() {
			all = append(all, t)
		}
	}
	for _, e := range l.project.Experiments {
		add(touching{e.Key, e.file.Routes.Pos, e.Routes, e.Layer, 1 + weighted(e.Variants)}, e.Status)
	}
	for _, f := range l.project.Flags {
		add(touching{f.Key, f.file.Routes.Pos, f.Routes, model.None, f.values()}, f.Status)
	}
	slices.SortFunc(all, func(a, b touching) int { return strings.Compare(a.key, b.key) })
	return all
}

// weighted returns the number of variants that a draw can give.
func weighted(variants []Variant) int {
	n := 0
	for _, v := range variants {
		if v.Weight > 0 {
			n++
		}
	}
	return n
}

// values returns the number of variants that units get by a rule or by default.
func (f *Flag) values() int {
	given := map[int]bool{f.Default: true}
	for _, r := range f.Rules {
		if r.Largest() > 0 {
			for _, s := range r.Split {
				given[s.Variant] = true
			}
		}
	}
	return len(given)
}

// copies returns the number of combinations of values. Experiments of one layer are not
// independent: a visitor is in one of them or in none. The result is at most math.MaxInt.
func copies(here []touching) int {
	product := 1
	byLayer := map[int]int{}
	for _, t := range here {
		if t.layer == model.None {
			product = multiply(product, t.values)
		} else {
			byLayer[t.layer] += t.values - 1
		}
	}
	for _, assigned := range byLayer {
		product = multiply(product, 1+assigned)
	}
	return product
}

func multiply(a, b int) int {
	if a > math.MaxInt/b {
		return math.MaxInt
	}
	return a * b
}

// countText returns a number of copies as text. [math.MaxInt] stands for all numbers too large for
// int.
func countText(n int) string {
	if n == math.MaxInt {
		return "too many"
	}
	return fmt.Sprint(n)
}
