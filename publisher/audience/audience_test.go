package audience

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

var testAttributes = []model.Attribute{
	{Name: "age", Type: model.Number},
	{Name: "app_version", Type: model.Version},
	{Name: "country", Type: model.String},
	{Name: "home", Type: model.String},
	{Name: "last_seen", Type: model.Time},
	{Name: "limit", Type: model.Number},
	{Name: "logged_in", Type: model.Bool},
	{Name: "min_version", Type: model.Version},
	{Name: "signed_up", Type: model.Time},
	{Name: "staff", Type: model.Bool},
	{Name: "tags", Type: model.StringList},
	{Name: "wishes", Type: model.StringList},
}

func testScope(t *testing.T) *Scope {
	t.Helper()
	s := NewScope(testAttributes, []string{"beta", "staff"})
	s.Define("adults", mustCompile(t, s, "age >= 18"))
	s.Define("both", mustCompile(t, s, `logged_in && country == "US"`))
	s.Define("broken", nil)
	return s
}

func mustCompile(t *testing.T, s *Scope, text string) *model.Expr {
	t.Helper()
	x, mistake := Parse(text)
	if mistake != nil {
		t.Fatalf("Parse(%s): %+v", text, *mistake)
	}
	expr, mistakes := s.Compile(x)
	if mistakes != nil {
		t.Fatalf("Compile(%s): %+v", text, mistakes)
	}
	return expr
}

// show writes an expression in a short form.
func show(e *model.Expr) string {
	args := make([]string, len(e.Args))
	for i, a := range e.Args {
		args[i] = show(a)
	}
	attr := ""
	if e.Attr < len(testAttributes) {
		attr = testAttributes[e.Attr].Name
	}
	switch e.Op {
	case model.OpAnd:
		return "(and " + strings.Join(args, " ") + ")"
	case model.OpOr:
		return "(or " + strings.Join(args, " ") + ")"
	case model.OpNot:
		return "(not " + args[0] + ")"
	case model.OpSegment:
		return fmt.Sprintf("segment:%d", e.Segment)
	case model.OpPresent:
		return "present:" + attr
	case model.OpTrue:
		return "true:" + attr
	case model.OpElapsed:
		return fmt.Sprintf("%s elapsed %s", attr, time.Duration(e.Elapsed)*time.Millisecond)
	case model.OpSame, model.OpBefore, model.OpBeforeEq:
		op := map[model.Op]string{model.OpSame: "=", model.OpBefore: "<", model.OpBeforeEq: "<="}[e.Op]
		return attr + " " + op + " :" + testAttributes[e.Other].Name
	}
	names := map[model.Op]string{
		model.OpIn: "in", model.OpHas: "has", model.OpPrefix: "prefix", model.OpSuffix: "suffix",
		model.OpContains: "contains", model.OpMatches: "matches", model.OpEqual: "=", model.OpLess: "<", model.OpLessEq: "<=",
	}
	if e.Strings != nil {
		return attr + " " + names[e.Op] + " " + strings.Join(e.Strings, ",")
	}
	return attr + " " + names[e.Op] + " " + e.Value.Text
}

var translations = []struct{ text, want string }{
	{`country == "US"`, `country in US`},
	{`"US" == country`, `country in US`},
	{`country != 'US'`, `(not country in US)`},
	{`country in ["US", "GB", "US"]`, `country in GB,US`},
	{`!(country in ["US"])`, `(not country in US)`},
	{`country.startsWith("U")`, `country prefix U`},
	{`country.endsWith("S")`, `country suffix S`},
	{`country.contains("it's \"x\"")`, `country contains it's "x"`},

	{`country.matches("^U")`, `country matches ^U`},
	{`country.matches("^(?i:us|gb)?$")`, `country matches ^(?i:us|gb)?$`},
	{`!country.matches(r"[A-Z]\w\b")`, `(not country matches [A-Z]\w\b)`},
	{`country.matches("\"x\"|\\x{1f600}")`, `country matches "x"|\x{1f600}`},

	{`age == 18`, `age = 18`},
	{`age != 18.5`, `(not age = 18.5)`},
	{`age < 18`, `age < 18`},
	{`age <= 18u`, `age <= 18`},
	{`age <= -0x10`, `age <= -16`},
	{`age > 18`, `(not age <= 18)`},
	{`age >= -18`, `(not age < -18)`},
	{`18 < age`, `(not age <= 18)`},
	{`18 >= age`, `age <= 18`},
	{`!(age > 18)`, `age <= 18`},
	{`age in [1, 2.5, 1.0]`, `(or age = 1 age = 2.5)`},
	{`age in [1]`, `age = 1`},

	{`logged_in`, `true:logged_in`},
	{`!logged_in`, `(not true:logged_in)`},
	{`logged_in == true`, `true:logged_in`},
	{`logged_in == false`, `(not true:logged_in)`},
	{`logged_in != true`, `(not true:logged_in)`},
	{`false != logged_in`, `true:logged_in`},
	{`!!logged_in`, `true:logged_in`},

	{`app_version > version("1.23.12")`, `(not app_version <= 1.23.12)`},
	{`version(app_version) >= version("v2-beta")`, `(not app_version < v2-beta)`},
	{`version("2.0") == version(app_version)`, `app_version = 2.0`},
	{`app_version in [version("1.0"), version("1")]`, `app_version = 1.0`},
	{`signed_up < timestamp("2026-01-01T00:00:00Z")`, `signed_up < 2026-01-01T00:00:00Z`},
	{`timestamp(signed_up) >= timestamp("2026-01-01T00:00:00+01:00")`, `(not signed_up < 2026-01-01T00:00:00+01:00)`},

	{`"beta" in tags`, `tags has beta`},
	{`overlaps(tags, ["b", "a"])`, `tags has a,b`},
	{`tags.exists(t, t in ["b", "a"])`, `tags has a,b`},
	{`tags.exists(country, country == "a")`, `tags has a`},

	{`country == home`, `country = :home`},
	{`home != country`, `(not home = :country)`},
	{`age == limit`, `age = :limit`},
	{`age != limit`, `(not age = :limit)`},
	{`age < limit`, `age < :limit`},
	{`age <= limit`, `age <= :limit`},
	{`age > limit`, `limit < :age`},
	{`age >= limit`, `limit <= :age`},
	{`app_version >= min_version`, `min_version <= :app_version`},
	{`version(min_version) < version(app_version)`, `min_version < :app_version`},
	{`app_version == min_version`, `app_version = :min_version`},
	{`signed_up < last_seen`, `signed_up < :last_seen`},
	{`!(timestamp(signed_up) != last_seen)`, `signed_up = :last_seen`},

	{`daysSince(signed_up) >= 30`, `signed_up elapsed 720h0m0s`},
	{`daysSince(signed_up) > 30`, `signed_up elapsed 744h0m0s`},
	{`daysSince(signed_up) < 30`, `(not signed_up elapsed 720h0m0s)`},
	{`daysSince(signed_up) <= 30`, `(not signed_up elapsed 744h0m0s)`},
	{`daysSince(signed_up) == 1`, `(and signed_up elapsed 24h0m0s (not signed_up elapsed 48h0m0s))`},
	{`daysSince(signed_up) != 1`, `(or (not signed_up elapsed 24h0m0s) signed_up elapsed 48h0m0s)`},
	{`30 <= daysSince(signed_up)`, `signed_up elapsed 720h0m0s`},
	{`1 > daysSince(timestamp(signed_up))`, `(not signed_up elapsed 24h0m0s)`},
	{`daysSince(signed_up) >= 0`, `signed_up elapsed 0s`},
	{`daysSince(signed_up) == -1`, `(and signed_up elapsed -24h0m0s (not signed_up elapsed 0s))`},
	{`!(-2 < daysSince(signed_up))`, `(not signed_up elapsed -24h0m0s)`},

	{`present(tags)`, `present:tags`},
	{`segment("staff")`, `segment:1`},
	{`audience("adults")`, `(not age < 18)`},
	{`!audience("adults") && audience("both")`, `(and age < 18 true:logged_in country in US)`},

	{`logged_in && age < 1 && "x" in tags`, `(and true:logged_in age < 1 tags has x)`},
	{`logged_in || (age < 1 || "x" in tags)`, `(or true:logged_in age < 1 tags has x)`},
	{`logged_in && (age < 1 || "x" in tags)`, `(and true:logged_in (or age < 1 tags has x))`},
	{"logged_in // members\n && age < 1", `(and true:logged_in age < 1)`},
}

func TestTranslation(t *testing.T) {
	s := testScope(t)
	for _, c := range translations {
		if got := show(mustCompile(t, s, c.text)); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestMistakes(t *testing.T) {
	s := testScope(t)
	for _, c := range []struct {
		text string // ‸ marks where the mistake is
		want string
	}{
		{`‸`, `the expression is empty: remove it to match every request`},
		{`age ==‸`, `the expression ends too early`},
		{`age >= 18 ‸and logged_in`, `"and" is not an operator: write &&`},
		{`logged_in ‸OR age < 1`, `"OR" is not an operator: write ||`},
		{`‸not logged_in`, `"not" is not an operator: write !`},
		{`age ‸= 18`, `"=" is not an operator: write ==`},
		{`age ‸<> 18`, `"<>" is not an operator: write !=`},
		{`logged_in ‸& logged_in`, `"&" is not an operator: write &&`},
		{`(logged_in‸`, `a ")" is missing`},
		{`logged_in‸)`, `")" has no opening bracket`},
		{`country == ‸"US`, "the string is not closed, or contains an unknown escape: close it with \", and write a backslash as \\\\"},
		{`logged_in ‸# x`, `unexpected "#"`},
		{`age == 5 ‸6`, `unexpected "6"`},
		{"age ==\n  5 ‸6", `unexpected "6"`},

		{`‸contry == "US"`, `unknown attribute "contry": did you mean "country"?`},
		{`‸browser == "x"`, `unknown attribute "browser"`},
		{`‸country`, `country is a string, but an audience must be true or false: compare it: country == "x", or present(country)`},
		{`logged_in && ‸true`, `true does not depend on the request: remove it; to match nobody, set traffic to 0%`},
		{`‸5`, `5 is not true or false: compare an attribute with it`},
		{`country == ‸18`, `country is a string, but 18 is a number: write it in quotes: "18"`},
		{`age >= ‸"18"`, `age is a number, but "18" is a string: write the number without quotes`},
		{`app_version > ‸"1.2"`, `app_version is a version, but "1.2" is a string: write version("1.2")`},
		{`signed_up > ‸"2026-01-01T00:00:00Z"`, `signed_up is a time, but "2026-01-01T00:00:00Z" is a string: write timestamp("2026-01-01T00:00:00Z")`},
		{`version(‸country) > version("1.2")`, `version() needs a version, but country is a string: declare it as country: version`},
		{`country > ‸version("1.2")`, `country is a string, but version("1.2") is a version: declare it as country: version`},
		{`app_version > version(‸"latest")`, `"latest" is not a version: a version looks like "1.23.12" or "2.0.0-beta.1"`},
		{`signed_up > timestamp(‸"yesterday")`, `"yesterday" is not a time: a time looks like "2026-01-31T12:00:00Z"`},
		{`signed_up > timestamp(‸"2026-01-31T12:00:00,5Z")`, `"2026-01-31T12:00:00,5Z" is not a time: a time looks like "2026-01-31T12:00:00Z"`},
		{`country ‸< "US"`, `country is a string, and < does not apply to it: if it is a version or a time, declare it as one`},
		{`tags ‸== "x"`, `tags is a list of strings, and == does not apply to it: test what it contains: "x" in tags`},
		{`age ‸== age`, `this compares age with itself: to test whether a request has it, write present(age)`},
		{`version(app_version) ‸< app_version`, `this compares app_version with itself: to test whether a request has it, write present(app_version)`},
		{`age == ‸country`, `age is a number, but country is a string: declare both with the same type`},
		{`signed_up < ‸version(app_version)`, `signed_up is a time, but app_version is a version: declare both with the same type`},
		{`country ‸>= home`, `country is a string, and >= does not apply to it: if both are versions or times, declare them as such`},
		{`logged_in ‸== staff`, `logged_in is a bool, and bools cannot be compared with each other: to test whether both are equal, write logged_in && staff || !logged_in && !staff`},
		{`tags ‸!= wishes`, `tags is a list of strings, and lists cannot be compared with each other: send the answer as a bool attribute`},
		{`‸1 == 1`, `this compares two literals: one side must be an attribute`},
		{`age == ‸9007199254740993`, `9007199254740993 cannot be represented exactly: numbers are IEEE 754 doubles: integers are exact up to 9007199254740992`},

		{`country in ‸[]`, `the list is empty, so this is never true`},
		{`country in ["US", ‸5]`, `country is a string, but 5 is a number: write it in quotes: "5"`},
		{`country in ["US", ‸age]`, `a list can contain only literals`},
		{`"US" in ‸country`, `country is a string, but "in" needs a list: write "US" in [country], or use ==`},
		{`country ‸in tags`, `"in" needs a literal before a list attribute: send the answer as a bool attribute`},
		{`‸5 in tags`, `5 is a number, but tags is a list of strings: write it in quotes: "5"`},
		{`‸tags in ["a"]`, `tags is a list of strings, and "in" does not apply to it: write overlaps(tags, [...])`},
		{`‸logged_in in [true]`, `logged_in is a bool, and "in" does not apply to it: write logged_in or !logged_in`},

		{`country.matches(‸"(U")`, `missing closing ): "(U"`},
		{`country.matches(‸"(?=U)")`, `"(?=" looks ahead or behind, which RE2 does not support`},
		{`country.matches(‸"")`, `matches("") is true for every string: write present(country)`},
		{`country.matches(‸".*")`, `every string matches the pattern: write present(country)`},
		{`country.matches(‸"a^b")`, `no string matches the pattern`},
		{`country.matches(‸home)`, `matches() takes a string in quotes`},
		{`‸tags.matches("^U")`, `tags is a list of strings, but matches() needs a string: write "^U" in tags`},
		{`‸matches(country, "^U")`, `matches() must be called on an attribute: write attribute.matches(...)`},

		{`‸daysSince(signed_up)`, `daysSince() must be compared with a whole number: write, for example, daysSince(signed_up) >= 30`},
		{`‸daysSince(signed_up) in [1, 2]`, `daysSince() must be compared with a whole number: write, for example, daysSince(signed_up) >= 30`},
		{`daysSince(signed_up) > ‸daysSince(last_seen)`, `daysSince() must be compared with a whole number: write, for example, daysSince(signed_up) >= 30`},
		{`daysSince(signed_up) > ‸age`, `daysSince() must be compared with a whole number: write, for example, daysSince(signed_up) >= 30`},
		{`daysSince(signed_up) > ‸30.5`, `30.5 is not a whole number of days: write, for example, daysSince(signed_up) >= 30`},
		{`‸"30" < daysSince(signed_up)`, `"30" is not a whole number of days: write, for example, daysSince(signed_up) >= 30`},
		{`daysSince(signed_up) > ‸1000001`, `1000001 is not between -1000000 and 1000000 days`},
		{`daysSince(signed_up) > ‸30u`, `30u is not a whole number of days: write, for example, daysSince(signed_up) >= 30`},
		{`daysSince(‸age) > 30`, `daysSince() needs a time, but age is a number: declare it as age: time`},
		{`daysSince(‸timestamp("2026-01-01T00:00:00Z")) > 30`, `daysSince() takes a time attribute, not a literal: compare an attribute with it, or use start and end`},
		{`‸daysSince() > 30`, `daysSince() takes one time attribute: write, for example, daysSince(signed_up) >= 30`},
		{`daysSince(signed_up) ‸+ 1 > 2`, `arithmetic is not supported: send the result as an attribute`},
		{`‸age.startsWith("1")`, `age is a number, but startsWith() needs a string`},
		{`country.startsWith(‸"")`, `startsWith("") is true for every string: write present(country)`},
		{`‸startsWith(country, "U")`, `startsWith() must be called on an attribute: write attribute.startsWith(...)`},
		{`country.‸size() > 2`, `unknown function size(): functions: audience, contains, daysSince, endsWith, exists, matches, overlaps, present, segment, startsWith, timestamp, version`},
		{`‸presnt(country)`, `unknown function presnt(): did you mean "present"?`},
		{`age ‸+ 1 > 2`, `arithmetic is not supported: send the result as an attribute`},
		{`logged_in ‸? logged_in : logged_in`, `the conditional a ? b : c is not supported: write a && b || !a && c`},
		{`device‸.os == "ios"`, `attributes have no fields: declare it as a separate attribute, for example device_os`},
		{`(age ‸> 1) == logged_in`, `a comparison of conditions is not supported: use &&, || and !`},
		{`segment(‸"bet")`, `unknown segment "bet": did you mean "beta"?`},
		{`segment(‸country)`, `segment() takes a string in quotes`},
		{`audience(‸"adult")`, `unknown audience "adult": did you mean "adults"?`},
		{`tags.exists(t, t.‸startsWith("a"))`, `exists() supports only tests of an element against strings: write tags.exists(t, t in ["a", "b"]), or overlaps(tags, ["a", "b"])`},
		{`‸overlaps(country, "a")`, `overlaps() takes a list attribute and a list of strings: write overlaps(tags, ["a", "b"])`},
		{`overlaps(‸country, ["a"])`, `country is a string, but overlaps() needs a list: write country in [...]`},
		{`‸version("1.2")`, `version() is not true or false: compare an attribute with it`},
	} {
		before, after, _ := strings.Cut(c.text, "‸")
		m := firstMistake(t, s, before+after)
		if m == nil {
			t.Errorf("%s: no mistake", c.text)
			continue
		}
		got := m.Message
		if m.Hint != "" {
			got += ": " + m.Hint
		}
		if got != c.want || m.Offset != len([]rune(before)) {
			t.Errorf("%s\n got %d %s\nwant %d %s", c.text, m.Offset, got, len([]rune(before)), c.want)
		}
	}
}

func firstMistake(t *testing.T, s *Scope, text string) *Mistake {
	t.Helper()
	x, mistake := Parse(text)
	if mistake != nil {
		return mistake
	}
	expr, mistakes := s.Compile(x)
	if len(mistakes) == 0 {
		return nil
	}
	if expr != nil {
		t.Errorf("%s: an expression in spite of mistakes", text)
	}
	return &mistakes[0]
}

func TestAllMistakesAtOnce(t *testing.T) {
	s := testScope(t)
	x, mistake := Parse(`contry == "US" && age > "x" || !(tags && segment("y"))`)
	if mistake != nil {
		t.Fatal(mistake)
	}
	_, mistakes := s.Compile(x)
	var at []int
	for _, m := range mistakes {
		at = append(at, m.Offset)
	}
	if got, want := fmt.Sprint(at), "[0 24 33 49]"; got != want {
		t.Errorf("mistakes at %s, want %s", got, want)
	}
}

func TestBrokenAudienceIsReportedOnlyOnce(t *testing.T) {
	x, mistake := Parse(`audience("broken") && logged_in`)
	if mistake != nil {
		t.Fatal(mistake)
	}
	if expr, mistakes := testScope(t).Compile(x); expr != nil || mistakes != nil {
		t.Errorf("got %v, %v; want nothing: the mistake is in the named audience", expr, mistakes)
	}
}

func TestReferences(t *testing.T) {
	x, mistake := Parse(`audience("a") || !(logged_in && audience("b")) || segment("c")`)
	if mistake != nil {
		t.Fatal(mistake)
	}
	if got, want := fmt.Sprint(x.References()), "[{a 9} {b 41}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLimits(t *testing.T) {
	s := testScope(t)
	deep := func(n int) string { return strings.Repeat("!(logged_in && ", n) + "logged_in" + strings.Repeat(")", n) }
	list := func(n int) string { return `country in ["US"` + strings.Repeat(`, "US"`, n-1) + "]" }
	chain := func(n int) string { return "age < 1" + strings.Repeat(" || age < 1", n-1) }

	s.Define("large", mustCompile(t, s, chain(2_000)))
	s.Define("deep", mustCompile(t, s, deep(MaxDepth/2-1)))

	for _, ok := range []string{list(MaxList), deep(MaxDepth/2 - 1), strings.Repeat("(", MaxDepth) + "logged_in" + strings.Repeat(")", MaxDepth)} {
		mustCompile(t, s, ok)
	}
	for _, c := range []struct{ name, text, want string }{
		{"length", "age < 1" + strings.Repeat(" ", MaxLength), "the expression has 32775 characters; the limit is 32768"},
		{"list", list(MaxList + 1), "the list has 1001 values; the limit is 1000"},
		{"depth", deep(MaxDepth / 2), "the expression is nested more than 32 levels deep, including named audiences"},
		{"depth by name", `!(logged_in || audience("deep"))`, "the expression is nested more than 32 levels deep, including named audiences"},
		{"size by name", strings.Repeat(`audience("large") || `, 5) + "logged_in", "the expression has more than 10000 tests and values, including named audiences"},
		{"parentheses", strings.Repeat("(", 2_000) + "logged_in", "the expression is nested too deeply"},
		{"operators", strings.Repeat("logged_in == ", 1_000) + "true", "the expression is nested too deeply"},
		{"fields", "a" + strings.Repeat(".a", 2_000), "the expression is nested too deeply"},
		{"nots", strings.Repeat("!(", 2_000) + "a", "the expression is nested too deeply"},
	} {
		m := firstMistake(t, s, c.text)
		switch {
		case m == nil:
			t.Errorf("%s: no mistake", c.name)
		case c.want != "" && m.Message != c.want:
			t.Errorf("%s: %q, want %q", c.name, m.Message, c.want)
		}
	}
}
