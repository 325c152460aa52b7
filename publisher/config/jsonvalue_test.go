package config

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// configOf decodes a value as the config of a variant.
func configOf(t *testing.T, value string) (string, Problems) {
	t.Helper()
	s, text, problem := newSource("x.yaml", []byte("key: a\nconfig: "+value+"\n"))
	if problem != nil {
		t.Fatal(problem)
	}
	var arm FlagArm
	problems, _ := decodeDocument(s, text, &arm)
	return string(arm.Config.Value), problems
}

func TestConfigIsCanonicalJSON(t *testing.T) {
	for _, c := range []struct{ yaml, want string }{
		{"", "null"}, {"~", "null"}, {"null", "null"}, {"true", "true"}, {"False", "false"},
		{"yes", `"yes"`}, {"on", `"on"`}, {"''", `""`}, {"'5'", `"5"`}, {`"1e5"`, `"1e5"`},
		{"5", "5"}, {"-0", "-0"}, {"1.10", "1.10"}, {"1e5", "1e5"}, {"-2.5E-3", "-2.5E-3"},
		{"123456789012345678901234567890", "123456789012345678901234567890"},
		{"0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"},
		{"2026-01-01", `"2026-01-01"`}, {"1.2.3", `"1.2.3"`},
		{"{b: 1, a: {d: [], c: {}}, B: [x, 2, null]}", `{"B":["x",2,null],"a":{"c":{},"d":[]},"b":1}`},
		{"\n  b: 1\n  a:\n    - x\n    - {y: z}", `{"a":["x",{"y":"z"}],"b":1}`},
		{"|\n  two\n  lines", `"two\nlines\n"`},
		{`"<b> & \"ü\" \u2028 \x01"`, `"<b> & \"ü\" \u2028 \u0001"`},
		{"[&x {a: 1}, *x]", `[{"a":1},{"a":1}]`},
	} {
		got, problems := configOf(t, c.yaml)
		if problems != nil || got != c.want {
			t.Errorf("%s\n got %s %v\nwant %s", c.yaml, got, problems, c.want)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%s: %s is not JSON", c.yaml, got)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	for _, value := range []string{".nan", "-.inf", "0x10", "0o7", "010", "1_000", "+1", "{1: a}", "{a: 1, a: 2}", "{<<: {a: 1}}", "[*x]"} {
		if got, problems := configOf(t, value); problems == nil {
			t.Errorf("%s: %s", value, got)
		}
	}
}

func TestConfigSize(t *testing.T) {
	items := func(n int) string { return "[" + strings.Repeat("'"+strings.Repeat("x", 1_020)+"', ", n) + "]" }
	for _, c := range []struct {
		n  int
		ok bool
	}{{256, true}, {257, false}} { // of 1,023 bytes each with its comma
		if _, problems := configOf(t, items(c.n)); (problems == nil) != c.ok {
			t.Error(fmt.Sprint(c.n, " items: "), problems)
		}
	}
}
