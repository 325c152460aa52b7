package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/model"
)

// load writes files into a directory and loads it.
func load(t *testing.T, files map[string]string) (*Project, Problems) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), []byte(text))
	}
	return Load(dir)
}

func TestLoad(t *testing.T) {
	p, problems := load(t, map[string]string{
		ProjectFile: `environment: production
bucket: data/bucket
keys: [/secret/publish.key, keys/ci.key, env:CI_KEY, exec:kms-key prod]
units: [user, device]
attributes: {tags: list, country: {type: string, description: Two letters}, age: number}
layers: {search: {holdout: {traffic: 10%}}, checkout: {description: Cart}}
audiences: {z: audience("a"), a: country == "US"}
segments: {staff: {unit: device, file: staff.txt}, beta: {ids: [u2, u1, u2, 7]}}
opt_out: [staff, beta]
holdout: {traffic: 5%}
exclude: {internal: segment("staff")}
metrics: {sales: {event: purchase, kind: mean, value: amount, goal: decrease}, buy: {event: purchase, kind: conversion}}
`,
		"staff.txt": "# staff\r\n d2 \r\n\r\nd1\r\n",
		"experiments/full.yaml": `key: full
name: Full
owner: me
hypothesis: It helps.
unit: device
layer: search
status: paused
start: 2026-01-01T00:00:00+01:00
end: 2026-02-01T00:00:00Z
traffic: 12.5%
audience: audience("z") && age >= 18
holdout: false
salt: old_key
control: b
variants:
  - {key: a, weight: 33.33%, config: {x: 1}}
  - {key: b, name: Bee, weight: 66.67%}
overrides: {b: [q2, 5], a: [q1]}
metrics: {primary: buy, guardrails: [sales]}
`,
		"experiments/bare.yaml": `key: bare
owner: me
hypothesis: It helps.
status: draft
variants: [{key: a, weight: 100%}, {key: b, weight: 0%}]
`,
		"flags/menu.yaml": `key: menu
owner: me
status: running
variants: [{key: on, config: true}, {key: off}]
default: off
rules:
  - {audience: '"x" in tags', variant: on}
  - {traffic: 1%, split: {off: 40%, on: 60%}}
`,
	})
	if problems != nil {
		t.Fatal(problems)
	}
	full, bare, menu := p.Experiments[1], p.Experiments[0], p.Flags[0]
	start := time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC)
	us := &model.Expr{Op: model.OpIn, Attr: 1, Strings: []string{"US"}}
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"bucket", p.Bucket, filepath.Join(p.Dir, "data", "bucket")},
		{"root", p.Root, filepath.Join(p.Dir, "keys", "root.json")},
		{"keys", p.Keys, []string{"/secret/publish.key", filepath.Join(p.Dir, "keys", "ci.key"), "env:CI_KEY", "exec:kms-key prod"}},
		{"units", p.Units, []string{"user", "device"}},
		{"attributes", p.Attributes, []model.Attribute{{Name: "age", Type: model.Number}, {Name: "country", Type: model.String}, {Name: "tags", Type: model.StringList}}},
		{"layers", p.Layers, []Layer{{Key: "checkout", Description: "Cart"}, {Key: "search", Holdout: &Holdout{Traffic: 1_000}}}},
		{"audiences", p.Audiences, []Audience{{"a", `country == "US"`, us}, {"z", `audience("a")`, us}}},
		{"segments", p.Segments, []Segment{{"beta", 0, []string{"7", "u1", "u2"}}, {"staff", 1, []string{"d1", "d2"}}}},
		{"metrics", p.Metrics, []Metric{{"buy", "purchase", Conversion, "", Increase, nil}, {"sales", "purchase", Mean, "amount", Decrease, nil}}},
		{"opt-out", p.OptOut, []int{0, 1}},
		{"holdout", *p.Holdout, Holdout{Traffic: 500}},
		{"exclusions", p.Exclusions, []model.Exclusion{{Kind: model.ExcludeInternal, Audience: &model.Expr{Op: model.OpSegment, Segment: 1}}}},

		{"unit", full.Unit, 1},
		{"layer", full.Layer, 1},
		{"start", full.Start.Equal(start), true},
		{"traffic", full.Traffic, Percent(1_250)},
		{"audience", full.Audience.Op, model.OpAnd},
		{"audience text", full.AudienceText, `audience("z") && age >= 18`},
		{"holdout", full.Holdout, false},
		{"salt", full.Salt, "old_key"},
		{"control", full.Control, 1},
		{"variants", full.Variants, []Variant{{"a", "a", 3_333, `{"x":1}`}, {"b", "Bee", 6_667, "null"}}},
		{"overrides", full.Overrides, []Override{{"5", 1}, {"q1", 0}, {"q2", 1}}},
		{"primary metric", full.Primary, "buy"},
		{"guardrails", full.Guardrails, []string{"sales"}},
		{"place of the key", full.Pos, Pos{"experiments/full.yaml", 1, 6}},

		{"default name", bare.Name, "bare"},
		{"default layer", bare.Layer, model.None},
		{"default traffic", bare.Traffic, Everything},
		{"default audience", bare.Audience, (*model.Expr)(nil)},
		{"default holdout", bare.Holdout, true},
		{"default salt", bare.Salt, "bare"},
		{"end", bare.End.IsZero(), true},

		{"flag default", menu.Default, 1},
		{"rules", len(menu.Rules), 2},
		{"first rule", menu.Rules[0], Rule{`"x" in tags`, &model.Expr{Op: model.OpHas, Attr: 2, Strings: []string{"x"}}, Enrolment{Traffic: Everything}, []Share{{0, Everything}}}},
		{"second rule", menu.Rules[1], Rule{"", nil, Enrolment{Traffic: 100}, []Share{{0, 6_000}, {1, 4_000}}}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.what, c.got, c.want)
		}
	}
}

func TestLoadRampsAndPrerequisites(t *testing.T) {
	p, problems := load(t, map[string]string{
		ProjectFile: baseProject,
		"experiments/ramped.yaml": `key: ramped
owner: me
hypothesis: It helps.
status: draft
ramp:
  - {at: 2026-01-05T09:00:00+01:00, traffic: 1%}
  - {at: 2026-01-12T08:00:00Z, traffic: 12.5%}
  - {at: 2026-01-12T08:00:00.001Z, traffic: 12.5%}
prerequisites:
  - {key: search, variants: [fast, new]}
  - {key: other, variants: [b]}
variants: [{key: a, weight: 50%}, {key: b, weight: 50%}]
`,
		"experiments/other.yaml": "key: other\nowner: me\nhypothesis: h\nstatus: stopped\nvariants: [{key: a, weight: 50%}, {key: b, weight: 50%}]\n",
		"flags/search.yaml": `key: search
owner: me
status: running
variants: [{key: new}, {key: old}, {key: fast}]
default: old
rules:
  - {audience: logged_in, ramp: [{at: 2026-02-01T00:00:00Z, traffic: 100%}], variant: fast}
  - {traffic: 5%, variant: new}
`,
	})
	if problems != nil {
		t.Fatal(problems)
	}
	ramped, search := p.Experiments[1], p.Flags[0]
	at := func(month time.Month, day, hour, ms int) time.Time {
		return time.Date(2026, month, day, hour, 0, 0, ms*1e6, time.UTC)
	}
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"traffic before the ramp", ramped.Traffic, Percent(0)},
		{"largest traffic", ramped.Largest(), Percent(1_250)},
		{"prerequisites", ramped.Prerequisites, []Prerequisite{{"search", []int{0, 2}}, {"other", []int{1}}}},
		{"largest traffic of a rule", search.Rules[0].Largest(), Everything},
		{"largest traffic without a ramp", search.Rules[1].Largest(), Percent(500)},
		{"no prerequisites", search.Prerequisites, []Prerequisite(nil)},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.what, c.got, c.want)
		}
	}
	steps := []Step{{at(1, 5, 8, 0), 100}, {at(1, 12, 8, 0), 1_250}, {at(1, 12, 8, 1), 1_250}}
	if !slices.EqualFunc(ramped.Ramp, steps, sameStep) {
		t.Errorf("ramp %v, want %v", ramped.Ramp, steps)
	}
	if steps := []Step{{at(2, 1, 0, 0), Everything}}; !slices.EqualFunc(search.Rules[0].Ramp, steps, sameStep) {
		t.Errorf("ramp of the rule %v, want %v", search.Rules[0].Ramp, steps)
	}
}

func sameStep(a, b Step) bool { return a.At.Equal(b.At) && a.Traffic == b.Traffic }

func TestNoHoldoutMeansNoneHeldOut(t *testing.T) {
	p, problems := load(t, map[string]string{
		ProjectFile:          baseProject,
		"experiments/a.yaml": "key: a\nowner: me\nhypothesis: h\nstatus: draft\nholdout: true\nvariants: [{key: a, weight: 50%}, {key: b, weight: 50%}]\n",
	})
	if problems != nil {
		t.Fatal(problems)
	}
	if p.Holdout != nil || p.Experiments[0].Holdout {
		t.Errorf("holdout %v, of the experiment %v", p.Holdout, p.Experiments[0].Holdout)
	}
}

// lines repeats a line with a number in it, n times from the first number on.
func lines(format string, first, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, first+i)
	}
	return b.String()
}

func TestLimits(t *testing.T) {
	const flag = "key: a\nowner: me\nstatus: running\ndefault: v0\n"
	for _, c := range []struct {
		name, file, text, want string
	}{
		{"variants", "flags/a.yaml", flag + "variants:\n" + lines("  - {key: v%d}\n", 0, model.MaxVariants+1), "there are 257 variants; the limit is 256"},
		{"rules", "flags/a.yaml", flag + "variants: [{key: v0}]\nrules:\n" + lines("  - {traffic: 0.%02[1]d%%, variant: v0}\n", 0, 99) + lines("  - {traffic: 1%%, variant: v0} # %d\n", 0, model.MaxRules-98), "there are 257 rules; the limit is 256"},
		{"overrides", "flags/a.yaml", flag + "variants: [{key: v0}]\noverrides:\n  v0:\n" + lines("    - u%d\n", 0, MaxOverrides+1), "there are 10001 overrides; the limit is 10000"},
		{"ramp", "flags/a.yaml", flag + "variants: [{key: v0}]\nrules:\n- variant: v0\n  ramp:\n" + lines("  - {at: %d-01-01T00:00:00Z, traffic: 1%%}\n", 2_000, model.MaxRampSteps+1), "the ramp has 65 steps; the limit is 64"},
		{"units", ProjectFile, "environment: a\nbucket: b\nunits: [a, b, c, d, e, f, g, h, i]\n", "there are 9 units; the limit is 8"},
		{"attributes", ProjectFile, "environment: a\nbucket: b\nattributes:\n" + lines("  a%d: string\n", 0, model.MaxAttributes+1), "there are 1025 attributes; the limit is 1024"},
		{"segment", ProjectFile, "environment: a\nbucket: b\nsegments: {s: {file: s.txt}}\n", "the segment has 1000001 ids; the limit is 1000000"},
		{"name", "flags/a.yaml", flag + "variants: [{key: v0}]\nname: " + strings.Repeat("n", MaxNameLength+1), "the name is 257 bytes long; the limit is 256"},
		{"audience", ProjectFile, "environment: a\nbucket: b\naudiences: {x: '" + strings.Repeat("(", 500) + "'}\n", "the expression is nested too deeply"},
	} {
		files := map[string]string{ProjectFile: baseProject, c.file: c.text}
		if c.name == "segment" {
			files["s.txt"] = lines("%d\n", 0, model.MaxSegmentIDs+1)
		}
		_, problems := load(t, files)
		if len(problems) != 1 || problems[0].Message != c.want {
			t.Errorf("%s: %.300v\nwant %s", c.name, problems, c.want)
		}
	}
}
