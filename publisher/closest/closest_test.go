package closest

import "testing"

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0},
		{"kitten", "sitting", 3}, {"ab", "ba", 1}, {"abcd", "acbd", 1}, {"ü", "u", 1},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestHint(t *testing.T) {
	names := []string{"platform", "country", "age"}
	for _, c := range []struct {
		word  string
		known []string
		want  string
	}{
		{"contry", names, `did you mean "country"?`},
		{"Country", names, `did you mean "country"?`},
		{"paltform", names, `did you mean "platform"?`},
		{"of", []string{"on", "off", "if"}, `did you mean "off"?`},
		{"a", []string{"b", ""}, "attributes: b"},
		{"browser", names, "attributes: age, country, platform"},
		{"browser", nil, "no attributes are declared"},
		{"zzzzzz", []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}, ""},
	} {
		if got := Hint(c.word, "attributes", c.known); got != c.want {
			t.Errorf("Hint(%q) = %q, want %q", c.word, got, c.want)
		}
	}
}
