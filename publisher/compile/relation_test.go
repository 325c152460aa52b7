package compile

import (
	"math/rand/v2"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/audience"
	"github.com/sortition-dev/sortition/publisher/explain"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
)

// relationProgram declares what the expressions of these tests name.
var relationProgram = &model.Program{
	Units: []string{"user", "device"},
	Attributes: []model.Attribute{
		{Name: "country", Type: model.String}, {Name: "age", Type: model.Number}, {Name: "member", Type: model.Bool},
		{Name: "tags", Type: model.StringList}, {Name: "app", Type: model.Version}, {Name: "path", Type: model.String},
	},
	Segments: []model.Segment{{Key: "staff"}, {Key: "testers"}, {Key: "kiosks", Unit: 1}},
}

// expression compiles a text; an empty one is everybody.
func expression(t *testing.T, text string) *model.Expr {
	t.Helper()
	if text == "" {
		return nil
	}
	x, mistake := audience.Parse(text)
	if mistake != nil {
		t.Fatal(mistake.Message)
	}
	e, mistakes := audience.NewScope(relationProgram.Attributes, []string{"staff", "testers", "kiosks"}).Compile(x)
	if mistakes != nil {
		t.Fatal(mistakes)
	}
	return e
}

func TestRelate(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want Relation
	}{
		{"", "", Same},
		{`country == "US"`, "", Within},
		{"", `country == "US"`, Around},
		{`country == "US" || country == "GB"`, `country in ["GB", "US"]`, Same},
		{`country == "US"`, `country in ["GB", "US"]`, Within},
		{`country == "US"`, `country == "GB"`, Apart},
		{`country == "US"`, `country != "US"`, Apart},
		{`present(country)`, `country == "US" || country != "US"`, Same},
		{`country == "US"`, `age > 18`, Overlaps},
		{`age > 18 && age < 30`, `age >= 18`, Within},
		{`age < 18`, `age >= 18`, Apart},
		{`age < 18 || age >= 18`, `present(age)`, Same},
		{`country == "US" && age > 18 || country == "US" && age <= 18`, `country == "US" && present(age)`, Same},
		{`version(app) > version("1.2")`, `version(app) >= version("1.10")`, Around},
		{`"a" in tags`, `"b" in tags`, Overlaps},
		{`"a" in tags`, `overlaps(tags, ["a", "b"])`, Within},
		{`"a" in tags`, `present(tags)`, Within},
		{`"a" in tags`, `!present(tags)`, Apart},
		{`segment("staff")`, `segment("testers")`, Overlaps},
		{`segment("staff")`, `!segment("staff")`, Apart},
		{`segment("staff") || !segment("staff")`, `segment("testers") || !segment("testers")`, Same},
		{`segment("staff") || !segment("staff")`, `segment("kiosks") || !segment("kiosks")`, Overlaps},
		{`path.startsWith("/a")`, `path.startsWith("/b")`, Unknown},
		{`path.startsWith("/a")`, `path.startsWith("/a") || member`, Within},
		{`path.startsWith("/a") && member`, `path.startsWith("/a")`, Within},
		{`path.startsWith("/a") && member`, `!member`, Apart},
		{`member`, `path.startsWith("/a") && member`, Around},
	} {
		if got := Relate(relationProgram, expression(t, c.a), expression(t, c.b)); got != c.want {
			t.Errorf("%s %s %s, want %s", c.a, got, c.b, c.want)
		}
	}
}

func TestMatchesNobody(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, `country == "US"`: false, `country == "US" && country == "GB"`: true,
		`age > 30 && age < 18`: true, `"a" in tags && !present(tags)`: true,
		`segment("staff") && !segment("testers")`:        false,
		`path.startsWith("/a") && path.startsWith("/b")`: false,
	} {
		if got := MatchesNobody(relationProgram, expression(t, text)); got != want {
			t.Errorf("%s: %t, want %t", text, got, want)
		}
	}
}

// TestRelationsHold decides requests for the audiences of random programs by the naive
// evaluator: what is said of two audiences is true of every request.
func TestRelationsHold(t *testing.T) {
	seen := map[Relation]int{}
	for seed := range uint64(150) {
		rng := rand.New(rand.NewPCG(seed, 11))
		p := progtest.Program(rng)
		audiences, _ := audiencesOf(p)
		if len(audiences) < 2 {
			continue
		}
		for range 8 {
			a, b := audiences[rng.IntN(len(audiences))], audiences[rng.IntN(len(audiences))]
			relation := Relate(p, a, b)
			seen[relation]++
			for range 40 {
				r := progtest.Request(rng, p)
				first, second := matches(p, a, r), matches(p, b, r)
				if contradicts(relation, first, second) {
					t.Fatalf("seed %d: one %s the other, and a request matches the first: %t, the second: %t\n%s\n%s", seed,
						relation, first, second, explain.Format(p, a), explain.Format(p, b))
				}
			}
		}
	}
	for r := Unknown; r <= Overlaps; r++ {
		if seen[r] == 0 {
			t.Errorf("no two audiences had the relation %q", r)
		}
	}
}

func contradicts(r Relation, first, second bool) bool {
	switch r {
	case Same:
		return first != second
	case Within:
		return first && !second
	case Around:
		return second && !first
	case Apart:
		return first && second
	}
	return false
}

// matches asks the naive evaluator whether a request is of an audience, by way of an
// experiment that everybody in it is enrolled in.
func matches(p *model.Program, audience *model.Expr, r explain.Request) bool {
	alone := *p
	alone.Units = append([]string{"asked"}, p.Units...)
	alone.Segments = nil
	for _, s := range p.Segments {
		s.Unit++
		alone.Segments = append(alone.Segments, s)
	}
	alone.Exclusions, alone.OptOut = nil, nil
	alone.Experiments = []model.Experiment{{
		Layer: model.None, Default: model.None, Variants: []model.Variant{{Key: "in"}},
		Rules: []model.Rule{{
			Audience: audience, Slots: everySlot(), Traffic: model.Slots, Split: []model.Share{{To: model.Slots}},
		}},
	}}
	units := map[string]string{"asked": "x"}
	for unit, id := range r.Units {
		units[unit] = id
	}
	r.Units = units
	return explain.Decide(&alone, 0, r).Variant == 0
}

// TestPlainAudiencesAreSatisfiable holds that no audience which looks plain matches nobody.
func TestPlainAudiencesAreSatisfiable(t *testing.T) {
	plain, others := 0, 0
	for seed := range uint64(400) {
		p := progtest.Program(rand.New(rand.NewPCG(seed, 13)))
		audiences, _ := audiencesOf(p)
		for _, e := range audiences {
			if e == nil || !satisfiable(e, map[origin]bool{}) {
				others++
				continue
			}
			plain++
			s := newSpace(p, e)
			if clauses, ok := s.clauses(e); ok && len(clauses) == 0 {
				t.Fatalf("seed %d: nobody matches %+v", seed, e)
			}
		}
	}
	if plain < 100 || others < 100 {
		t.Errorf("%d plain audiences and %d others: the test tests too little", plain, others)
	}
}
