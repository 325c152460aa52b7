package workload

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// The realistic configuration. It has many attributes, of which a request has few; attributes
// and values that are as unevenly popular as in practice; alternatives; segments; and tests
// that no index can hold.
const (
	realisticAttributes = 200
	requestAttributes   = 12
	versionThresholds   = 500
	segmentCount        = 20
	segmentSize         = 500
	userCount           = 100_000

	alternativePercent = 30 // experiments with an "or"
	residualPercent    = 5  // with a test of a prefix or a substring
	segmentPercent     = 10
	versionPercent     = 40

	zipfExponent = 1.1
)

type realistic struct {
	rng       *rand.Rand
	w         *Workload
	popular   *rand.Zipf // ranks of attributes
	values    *rand.Zipf // ranks of values
	threshold []string
}

// Realistic makes a realistic configuration of n experiments.
func Realistic(n int) *Workload {
	rng := rand.New(rand.NewPCG(3, uint64(n)))
	g := &realistic{
		rng: rng, w: &Workload{Name: fmt.Sprintf("realistic N=%d", n)},
		popular: rand.NewZipf(rng, zipfExponent, 1, realisticAttributes-1),
		values:  rand.NewZipf(rng, zipfExponent, 1, countries-1),
	}
	for i := range versionThresholds {
		g.threshold = append(g.threshold, fmt.Sprintf("%d.%d.%d", 1+i/100, i/10%10, i%10))
	}
	g.vocabulary()
	for i := range n {
		g.w.Experiments = append(g.w.Experiments, g.experiment(i))
	}
	for range requests {
		g.w.Requests = append(g.w.Requests, g.request())
	}
	return g.w
}

// The attributes by rank: experiments test the first most often. Two have a special meaning;
// the others repeat these types.
const (
	versionAttribute = 0
	pathAttribute    = 3
)

var typePattern = []Type{String, String, Number, String, Bool}

func (g *realistic) vocabulary() {
	for i := range realisticAttributes {
		a := Attribute{Name: fmt.Sprintf("attribute_%d", i), Type: typePattern[i%len(typePattern)]}
		switch i {
		case versionAttribute:
			a = Attribute{"app_version", Version}
		case pathAttribute:
			a = Attribute{"path", String}
		}
		g.w.Attributes = append(g.w.Attributes, a)
	}
	for i := range segmentCount {
		s := Segment{Key: fmt.Sprintf("segment_%d", i)}
		for _, user := range g.rng.Perm(userCount)[:segmentSize] {
			s.IDs = append(s.IDs, userID(user))
		}
		slices.Sort(s.IDs)
		g.w.Segments = append(g.w.Segments, s)
	}
}

func userID(i int) string { return fmt.Sprintf("user-%06d", i) }

func (g *realistic) chance(percent int) bool { return g.rng.IntN(100) < percent }

func (g *realistic) experiment(i int) Experiment {
	e := Experiment{Key: fmt.Sprintf("experiment_%06d", i)}
	e.Any = append(e.Any, g.tests())
	if g.chance(alternativePercent) {
		for range 1 + g.rng.IntN(2) {
			e.Any = append(e.Any, g.tests())
		}
	}
	if g.chance(residualPercent) {
		t := Test{Attribute: g.w.Attributes[pathAttribute].Name, Op: HasPrefix, Text: "/" + g.value()}
		if g.chance(50) {
			t.Op, t.Text = Contains, g.value()+"/"
		}
		e.Any[0] = append(e.Any[0], t)
	}
	if g.chance(segmentPercent) {
		e.Any[0] = append(e.Any[0], Test{Op: InSegment, Text: g.w.Segments[g.rng.IntN(segmentCount)].Key})
	}
	return e
}

// tests makes a conjunction of one to three tests of different attributes, and for some
// experiments a test of the version.
func (g *realistic) tests() []Test {
	var tests []Test
	if g.chance(versionPercent) {
		tests = append(tests, Test{
			Attribute: g.w.Attributes[versionAttribute].Name, Op: VersionAtLeast,
			Text: g.threshold[g.rng.IntN(versionThresholds)],
		})
	}
	used := map[int]bool{versionAttribute: true, pathAttribute: true}
	for range 1 + g.rng.IntN(3) {
		at := int(g.popular.Uint64())
		if used[at] {
			continue
		}
		used[at] = true
		tests = append(tests, g.test(g.w.Attributes[at]))
	}
	if len(tests) == 0 {
		tests = append(tests, g.test(g.w.Attributes[1]))
	}
	return tests
}

func (g *realistic) test(a Attribute) Test {
	t := Test{Attribute: a.Name}
	switch a.Type {
	case String:
		t.Op = In
		for range 1 + g.rng.IntN(4) {
			t.Strings = append(t.Strings, g.value())
		}
		slices.Sort(t.Strings)
		t.Strings = slices.Compact(t.Strings)
	case Number:
		t.Op, t.Number = NumberAtLeast, float64(g.rng.IntN(100))
		if g.chance(50) {
			t.Op = NumberBelow
		}
	case Bool:
		t.Op = IsTrue
	}
	return t
}

func (g *realistic) value() string { return country(int(g.values.Uint64())) }

func (g *realistic) request() Request {
	r := Request{ID: userID(g.rng.IntN(userCount))}
	chosen := map[int]bool{versionAttribute: true, pathAttribute: true}
	for len(chosen) < requestAttributes {
		chosen[int(g.popular.Uint64())] = true
	}
	for at, a := range g.w.Attributes {
		if !chosen[at] {
			continue
		}
		v := Value{Name: a.Name, Type: a.Type}
		switch {
		case at == pathAttribute:
			v.String = "/" + g.value() + "/" + g.value() + "/" + g.value()
		case a.Type == Version:
			v.String = g.threshold[g.rng.IntN(versionThresholds)]
		case a.Type == String:
			v.String = g.value()
		case a.Type == Number:
			v.Number = float64(g.rng.IntN(100))
		case a.Type == Bool:
			v.Bool = g.chance(50)
		}
		r.Values = append(r.Values, v)
	}
	return r
}
