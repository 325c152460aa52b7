package config

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/route"
)

// Route is a set of paths that the same experiments and flags touch.
type Route struct {
	Pattern string   // one that a file has, or what several have in common
	Keys    []string // of the experiments and flags, ascending

	// Combinations is the number of combinations of variants that visitors of one page
	// can be given, of which each is a copy for a cache. To be given none is a value like
	// a variant. Who is listed in overrides does not count, and prerequisites and
	// audiences are taken to keep nothing apart, so that it may be fewer in truth.
	Combinations int
}

// routes resolves the routes of one experiment or flag.
func (l *loader) routes(list List[At[string]]) []string {
	if n := len(list.Items); n > route.MaxPatterns {
		l.fail(list.Pos, fmt.Sprintf("there are %d routes, more than %d", n, route.MaxPatterns), "write one pattern above them, such as /product/*")
	}
	var patterns []string
	for _, item := range list.Items {
		if !item.Given() {
			continue
		}
		if err := route.Check(item.Value); err != nil {
			l.fail(item.Pos, fmt.Sprintf("%q is %v", item.Value, err), "a route is a path: /cart, /product/:id, or /product/* with all below it")
			continue
		}
		if slices.Contains(patterns, item.Value) {
			l.fail(item.Pos, fmt.Sprintf("the route %q is here twice", item.Value), "")
			continue
		}
		patterns = append(patterns, item.Value)
	}
	return patterns
}

// touching is what an experiment or flag does to its routes.
type touching struct {
	key    string
	at     Pos // of its routes
	routes []string
	layer  int // model.None for none
	values int // that a visitor can be given, of which one may be none
}

// resolveRoutes finds the routes of what is live, and reports those of which a cache
// would have to keep too many copies: for each first experiment of a page the worst.
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
		l.fail(at, fmt.Sprintf("a cache would keep %s copies of each page at %s, more than %d", countless(r.Combinations), r.Pattern, limit),
			fmt.Sprintf("it is touched by %s\nput them into one layer, so that a visitor is in one of them; name fewer routes; or raise max_combinations_per_route in %s",
				strings.Join(r.Keys, ", "), ProjectFile))
	}
}

// touching lists what is live, sorted by key.
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
		add(touching{e.Key, e.File.Routes.Pos, e.Routes, e.Layer, 1 + weighted(e.Variants)}, e.Status)
	}
	for _, f := range l.project.Flags {
		add(touching{f.Key, f.File.Routes.Pos, f.Routes, model.None, f.values()}, f.Status)
	}
	slices.SortFunc(all, func(a, b touching) int { return strings.Compare(a.key, b.key) })
	return all
}

// weighted is the number of variants that a draw can give.
func weighted(variants []Variant) int {
	n := 0
	for _, v := range variants {
		if v.Weight > 0 {
			n++
		}
	}
	return n
}

// values is the number of variants that anybody is given by a rule, or by default.
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

// copies multiplies the values of those that are independent. Experiments of one layer
// are not: a visitor is in one of them or in none. It is math.MaxInt if it is more.
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

// countless is a number for people.
func countless(n int) string {
	if n == math.MaxInt {
		return "countless"
	}
	return fmt.Sprint(n)
}
