package config

import (
	"strings"
	"testing"
)

// TestLocate finds a word of a scalar's value in its writing.
func TestLocate(t *testing.T) {
	const word = "HERE"
	for _, c := range []struct{ name, yaml string }{ // ‸ marks the place
		{"plain", "audience: a && ‸HERE && b"},
		{"plain, first", "audience: ‸HERE"},
		{"plain, wide characters", "audience: 日本 ü ‸HERE"},
		{"plain, more lines", "audience: a\n  b\n    ‸HERE\nkey: k"},
		{"plain, blank line", "audience: a\n\n\n  b ‸HERE\nkey: k"},
		{"single quotes, spaces at the end", "audience: 'a   \n  ‸HERE'\nkey: k"},
		{"plain, in a flow mapping", "{key: k, audience: a && ‸HERE}"},
		{"single quotes", "audience: 'it''s ''‸HERE'' '"},
		{"single quotes, more lines", "audience: 'a\n  b''c ‸HERE'"},
		{"double quotes", `audience: "a \"b\" \\ \u00fc\x41\t‸HERE"`},
		{"double quotes, more lines", "audience: \"a\n  b \\\"c\\\"\n\n  ‸HERE\""},
		{"double quotes, continued", "audience: \"a && \\\n  ‸HERE\""},
		{"double quotes, continued before", "audience: \"a && \\\n  b && ‸HERE\""},
		{"literal", "audience: |\n  a\n    b\n\n  c ‸HERE\n"},
		{"literal, first", "audience: |-  # comment\n\n  ‸HERE\n"},
		{"literal, deep", "metrics:\n  primary: x\naudience: |+\n      a\n      ‸HERE\n"},
		{"folded", "audience: >\n  a\n  b ‸HERE\n"},
		{"folded, blank line", "audience: >-\n  a\n\n  ‸HERE\n"},
		{"folded, blank lines", "audience: >-\n  a\n\n\n\n  b\n  ‸HERE\n"},
		{"carriage returns", "key: k\r\naudience: |\r\n  a\r\n  b ‸HERE\r\n"},
		{"byte order mark", "\ufeffaudience: a ‸HERE"},
		{"alias", "key: &x a ‸HERE\naudience: *x\n"},

		{"folded, indented: the start", "audience: ‸>-\n  a\n    b\n  HERE\n"},
		{"indentation indicator: the start", "audience: ‸|2\n    a HERE\n"},
	} {
		before, _, ok := strings.Cut(strings.TrimPrefix(c.yaml, "\ufeff"), "‸")
		s, text, problem := newSource("x.yaml", []byte(strings.Replace(c.yaml, "‸", "", 1)))
		if !ok || problem != nil {
			t.Fatalf("%s: %v", c.name, problem)
		}
		var doc ExperimentFile
		decodeDocument(s, text, &doc)
		offset := strings.Index(doc.Audience.Value, word)
		if offset < 0 {
			t.Errorf("%s: the value is %q", c.name, doc.Audience.Value)
			continue
		}
		lines := strings.Split(before, "\n")
		want := s.pos(len(lines), len([]rune(lines[len(lines)-1]))+1)
		got := s.locate(doc.Audience.Pos, doc.Audience.Value, len([]rune(doc.Audience.Value[:offset])))
		if got != want {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
}
