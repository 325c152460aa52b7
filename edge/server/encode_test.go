package server

import (
	"encoding/json"
	"testing"
)

func TestAppendString(t *testing.T) {
	for _, s := range []string{"", "plain", `"\`, "\x00\x1f\n\t\x7f", "é世🎲", "\xff a \xc3", "\u2028\ufffd", "</script>"} {
		var got string
		text := appendString(nil, s)
		if err := json.Unmarshal(text, &got); err != nil {
			t.Errorf("%q: %s: %v", s, text, err)
			continue
		}
		var want string
		marshalled, _ := json.Marshal(s)
		_ = json.Unmarshal(marshalled, &want)
		if got != want {
			t.Errorf("%q: got %q, want %q", s, got, want)
		}
	}
}
