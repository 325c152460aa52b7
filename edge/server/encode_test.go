package server

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/sortition-dev/sortition/edge/host"
	"github.com/sortition-dev/sortition/wasm/abi"
)

func TestAppendAnswer(t *testing.T) {
	decisions := []host.Decision{
		{Experiment: "a", Variant: "on", Name: "On \"now\"\n", Config: `{"x":[1,null]}`, Reason: abi.ReasonSplit},
		{Experiment: "b", Reason: abi.ReasonLayer},
		{Experiment: "c"},
		{Experiment: "d", Variant: "v", Name: "é\x00\x7f<\u2028", Config: `null`, Reason: abi.ReasonOverride},
	}
	a := map[string]any{"experiment_id": "a", "variant_id": "on", "variant_name": "On \"now\"\n",
		"config": map[string]any{"x": []any{1.0, nil}}}
	d := map[string]any{"experiment_id": "d", "variant_id": "v", "variant_name": "é\x00\x7f<\u2028", "config": nil}
	withReason := func(m map[string]any, reason string) map[string]any {
		copied := map[string]any{"reason": reason}
		for k, v := range m {
			copied[k] = v
		}
		return copied
	}
	tests := []struct {
		name      string
		decisions []host.Decision
		reasons   bool
		want      []any
	}{
		{"nothing", nil, false, []any{}},
		{"without reasons", decisions, false, []any{a, d}},
		{"with reasons", decisions, true, []any{
			withReason(a, "split"),
			map[string]any{"experiment_id": "b", "variant_id": nil, "reason": "layer"},
			map[string]any{"experiment_id": "c", "variant_id": nil, "reason": "unknown_experiment"},
			withReason(d, "override"),
		}},
		{"nothing assigned, without reasons", decisions[1:3], false, []any{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := appendAnswer(nil, test.decisions, 1<<63, true, test.reasons)
			var got struct {
				Assignments []any       `json:"assignments"`
				Revision    json.Number `json:"revision"`
				Stale       bool        `json:"stale"`
			}
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if !reflect.DeepEqual(got.Assignments, test.want) {
				t.Errorf("\n got %v\nwant %v", got.Assignments, test.want)
			}
			if got.Revision != "9223372036854775808" || !got.Stale {
				t.Errorf("revision %v, stale %v", got.Revision, got.Stale)
			}
		})
	}
}

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
