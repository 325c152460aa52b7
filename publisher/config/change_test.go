package config

import (
	"errors"
	"testing"
	"time"
)

func TestRewrite(t *testing.T) {
	const flag = `# The line of the team.

key: a # name
# how it stands
status: running # now

variants:
  # the new one
  - {key: on, config: true} # yes
  - key: off
    config: {color: 'blue', size: 1}

default: "off"
rules:
  # half of them
  - traffic: 50%
    variant: on
`
	for _, test := range []struct {
		name    string
		in      string
		changes []Change
		want    string
	}{
		{"a scalar keeps its comment", "key: a # name\nstatus: running # now\n",
			[]Change{{Path: []any{"status"}, Value: "paused"}}, "key: a # name\nstatus: paused # now\n"},
		{"an equal value stays as it is written", flag, []Change{{Path: []any{"default"}, Value: "off"}}, flag},
		{"deep in blocks and brackets", flag, []Change{
			{Path: []any{"variants", 1, "config", "size"}, Value: 2},
			{Path: []any{"rules", 0, "traffic"}, Value: Percent(2500)},
		}, `# The line of the team.

key: a # name
# how it stands
status: running # now

variants:
  # the new one
  - {key: on, config: true} # yes
  - key: off
    config: {color: 'blue', size: 2}

default: "off"
rules:
  # half of them
  - traffic: 25%
    variant: on
`},
		{"a key takes its place", "key: a\n\n# how it stands\nstatus: running\nrules: []\n",
			[]Change{{Path: []any{"owner"}, Value: "ann@shop.example"}},
			"key: a\nowner: ann@shop.example\n\n# how it stands\nstatus: running\nrules: []\n"},
		{"a removed key takes its comments along", "key: a\n# who\nowner: b # her\n# how\nstatus: running\n",
			[]Change{{Path: []any{"owner"}, Remove: true}}, "key: a\n# how\nstatus: running\n"},
		{"items come and go", "variants:\n  # one\n  - {key: on}\n  # two\n  - {key: off}\n",
			[]Change{{Path: []any{"variants", 0}, Remove: true}, {Path: []any{"variants", 1}, Value: Mapping{{"key", "new"}}}},
			"variants:\n  # two\n  - {key: off}\n  - {key: new}\n"},
		{"the first key of an item goes", "rules:\n  # all\n  - traffic: 50%\n    variant: on\n",
			[]Change{{Path: []any{"rules", 0, "traffic"}, Remove: true}}, "rules:\n  # all\n  - variant: on\n"},
		{"the last one leaves empty brackets", "key: a\nrules:\n  - variant: on\n",
			[]Change{{Path: []any{"rules", 0}, Remove: true}}, "key: a\nrules: []\n"},
		{"a whole list changes only where it differs", flag, []Change{{Path: []any{"variants"}, Value: []any{
			Mapping{{"key", "on"}, {"config", true}},
			Mapping{{"key", "middle"}, {"config", map[string]any{"b": nil, "a": []any{1.5, "x"}}}},
			Mapping{{"key", "off"}, {"config", Mapping{{"size", 1}, {"color", "blue"}}}},
		}}}, `# The line of the team.

key: a # name
# how it stands
status: running # now

variants:
  # the new one
  - {key: on, config: true} # yes
  - {key: middle, config: {a: [1.5, x], b: null}}
  - key: off
    config: {color: 'blue', size: 1}

default: "off"
rules:
  # half of them
  - traffic: 50%
    variant: on
`},
		{"ramp in place of traffic", "key: a\ntraffic: 50% # for now\nstatus: running\n", []Change{
			{Path: []any{"traffic"}, Remove: true},
			{Path: []any{"ramp"}, Value: []any{Mapping{{"at", time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, {"traffic", "1%"}}}},
		}, "key: a\nstatus: running\nramp:\n  - {at: 2026-03-01T00:00:00Z, traffic: 1%}\n"},
		{"a block becomes a scalar and back", "name: |\n  a\n  b\nkey: c\n", []Change{
			{Path: []any{"name"}, Value: "x: y"}, {Path: []any{"key"}, Value: Mapping{{"d", []any{[]any{1}}}}},
		}, "name: \"x: y\"\nkey: {d: [[1]]}\n"},
		{"anchors stay, in their order", "status: &s running\nkey: b\nname: &n x # it\n",
			[]Change{{Path: []any{"name"}, Value: "y"}, {Path: []any{"owner"}, Value: "me"}},
			"status: &s running\nkey: b\nname: &n y # it\nowner: me\n"},
		{"what is not laid out stays so", "\ufeffstatus:   running\r\nkey: a\r\n",
			[]Change{{Path: []any{"key"}, Value: "b"}}, "\ufeffstatus:   running\r\nkey: b\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Rewrite("flags/a.yaml", []byte(test.in), test.changes...)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.want {
				t.Errorf("%s\nwant\n%s", got, test.want)
			}
			again, err := Rewrite("flags/a.yaml", got, test.changes[len(test.changes)-1])
			if !test.changes[len(test.changes)-1].Remove && (err != nil || string(again) != string(got)) {
				t.Errorf("set once more, it is\n%s%v", again, err)
			}
		})
	}
}

func TestRewriteRefuses(t *testing.T) {
	for _, test := range []struct {
		name, in string
		change   Change
		want     error
	}{
		{"no such key", "key: a\n", Change{Path: []any{"owner", "name"}, Value: 1}, ErrNoValue},
		{"nothing to remove", "key: a\n", Change{Path: []any{"owner"}, Remove: true}, ErrNoValue},
		{"behind the last item", "rules: [a]\n", Change{Path: []any{"rules", 2}, Value: 1}, ErrNoValue},
		{"a key of a list", "rules: [a]\n", Change{Path: []any{"rules", "a"}, Value: 1}, ErrNoValue},
		{"an alias stands for it", "a: &x 1\nb: *x\n", Change{Path: []any{"a"}, Value: 2}, ErrByHand},
		{"an anchor that is in use", "a: &x 1\nb: *x\n", Change{Path: []any{"a"}, Remove: true}, nil},
		{"through an alias", "a: &x {c: 1}\nb: *x\n", Change{Path: []any{"b", "c"}, Value: 2}, ErrByHand},
		{"a comment between brackets", "a: [\n  1, # one\n  2\n  ]\n", Change{Path: []any{"a", 1}, Value: 3}, ErrByHand},
		{"the file is one value", "[1]\n", Change{Path: []any{0}, Value: 3}, ErrByHand},
		{"no YAML", "a: [\n", Change{Path: []any{"a"}, Value: 3}, nil},
		{"a control character", "a: 1\n", Change{Path: []any{"a"}, Value: "b\x00"}, nil},
		{"no value", "a: 1\n", Change{Path: []any{"a"}, Value: make(chan int)}, nil},
	} {
		got, err := Rewrite("flags/a.yaml", []byte(test.in), test.change)
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %q, %v; want %v", test.name, got, err, test.want)
		}
	}
}
