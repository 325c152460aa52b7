package workload

import (
	"fmt"
	"math/rand/v2"
)

// requests is the number of different users of a workload. There are several, so that no
// contestant answers from a cache of its last result.
const requests = 64

const (
	countries        = 40
	countriesInSet   = 5
	minorVersions    = 50
	requestedVersion = 25 // the minor version of every user
)

var platforms = []string{"ios", "android", "web"}

func country(i int) string { return string([]byte{'A' + byte(i/26), 'A' + byte(i%26)}) }

var uniformAttributes = []Attribute{{"country", String}, {"platform", String}, {"app_version", Version}}

// One is W1: one experiment with three conditions. Every request meets all of them, so every
// decision does all of the work and ends with the split.
func One() *Workload {
	w := &Workload{
		Name:       "W1",
		Attributes: uniformAttributes,
		Experiments: []Experiment{{Key: "checkout_button", Any: [][]Test{{
			{Attribute: "country", Op: In, Strings: []string{"CA", "DE", "FR", "GB", "US"}},
			{Attribute: "platform", Op: In, Strings: []string{"ios"}},
			{Attribute: "app_version", Op: VersionAtLeast, Text: "1.23.12"},
		}}}},
	}
	for i := range requests {
		w.Requests = append(w.Requests, user(i, "GB", "ios"))
	}
	return w
}

// Many is W2: n experiments of the shape of W1. A request matches about 2 % of them.
func Many(n int) *Workload {
	rng := rand.New(rand.NewPCG(2, uint64(n)))
	w := &Workload{Name: fmt.Sprintf("W2 N=%d", n), Attributes: uniformAttributes}
	for i := range n {
		set := make([]string, countriesInSet)
		for j, c := range rng.Perm(countries)[:countriesInSet] {
			set[j] = country(c)
		}
		w.Experiments = append(w.Experiments, Experiment{Key: fmt.Sprintf("experiment_%06d", i), Any: [][]Test{{
			{Attribute: "country", Op: In, Strings: set},
			{Attribute: "platform", Op: In, Strings: []string{platforms[rng.IntN(len(platforms))]}},
			{Attribute: "app_version", Op: VersionAtLeast, Text: fmt.Sprintf("1.%d.%d", rng.IntN(minorVersions), rng.IntN(20))},
		}}})
	}
	for i := range requests {
		w.Requests = append(w.Requests, user(i, country(rng.IntN(countries)), platforms[rng.IntN(len(platforms))]))
	}
	return w
}

// Site is W2 with routes, before and after a change of one experiment. Experiments share pages and
// have pages of their own, some below a language.
func Site(n int, changed bool) *Workload {
	w := Many(n)
	for i := range w.Experiments {
		e := &w.Experiments[i]
		e.Routes = []string{fmt.Sprintf("/shop/department-%d/*", i%97), fmt.Sprintf("/shop/product-%d", i)}
		if i%3 == 0 {
			e.Routes = append(e.Routes, fmt.Sprintf("/:language/campaign-%d", i))
		}
	}
	if changed {
		w.Experiments[0].Any[0][1].Strings = platforms[:2]
	}
	return w
}

func user(i int, country, platform string) Request {
	return Request{ID: fmt.Sprintf("user-%d", 1_000_000+i), Values: []Value{
		{Name: "country", Type: String, String: country},
		{Name: "platform", Type: String, String: platform},
		{Name: "app_version", Type: Version, String: fmt.Sprintf("1.%d.%d", requestedVersion, i%20)},
	}}
}
