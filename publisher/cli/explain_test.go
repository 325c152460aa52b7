package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var explainProject = map[string]string{
	"sortition.yaml": `environment: test
bucket: bucket
units: [user, device]
attributes:
  country: string
  age: number
  premium: bool
  app_version: version
  signed_up: time
  tags: list
layers:
  checkout: {}
metrics:
  purchase: {event: purchase, kind: conversion}
`,
	"experiments/button.yaml": `key: button
owner: shop
hypothesis: A green button is clicked more often.
layer: checkout
status: running
traffic: 50%
audience: country in ["US", "GB"] && (age >= 18 || premium)
variants:
  - {key: control, weight: 50%}
  - {key: green, weight: 50%, config: {color: green}}
overrides:
  green: [tester]
metrics: {primary: purchase}
`,
	"experiments/later.yaml": `key: later
owner: shop
hypothesis: Later is better.
status: draft
variants:
  - {key: control, weight: 50%}
  - {key: later, weight: 50%}
`,
	"flags/chat.yaml": `key: chat
owner: shop
status: running
variants:
  - {key: "off"}
  - {key: "on"}
default: "off"
rules:
  - {audience: '"beta" in tags && version(app_version) > version("1.2") && signed_up < timestamp("2026-01-01T00:00:00Z")', variant: "on"}
  - {traffic: 20%, variant: "on"}
`,
}

func writeProject(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runExplain runs explain for a project, and returns what it prints and how it ends.
func runExplain(dir string, args ...string) (string, string) {
	var out, problems bytes.Buffer
	n := 0
	for n < len(args) && !strings.HasPrefix(args[n], "-") {
		n++
	}
	all := slices.Concat([]string{"explain"}, args[:n], []string{dir}, args[n:])
	Run(context.Background(), all, nil, &out, &problems)
	return out.String(), problems.String()
}

func TestExplainText(t *testing.T) {
	out, err := runExplain(writeProject(t, explainProject),
		"--unit", "user=u=1", "--attr", "country=US", "--attr", "premium=true",
		"--attr", `tags=["beta","a,b"]`, "--attr", "app_version=1.10", "--attr", "signed_up=1700000000000",
		"--at", "2026-03-01T12:00:00Z")
	if err != "" {
		t.Fatal(err)
	}
	for _, want := range []string{
		"button (experiment) → ",
		`✓ unit          user "u=1"`,
		`intHash64(xxhash64("u=1") ^ xxhash64("layer/checkout")) = 0x`,
		"chat (flag) → on, reason split",
		`"beta" in tags && version(app_version) > version("1.2") && signed_up < timestamp("2026-01-01T00:00:00Z"): true`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestExplainJSON(t *testing.T) {
	out, err := runExplain(writeProject(t, explainProject), "button", "--unit", "user=tester", "--format", "json")
	if err != "" {
		t.Fatal(err)
	}
	var got []struct{ Experiment, Variant, Reason string }
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if len(got) != 1 || got[0].Experiment != "button" || got[0].Variant != "green" || got[0].Reason != "override" {
		t.Errorf("got %+v", got)
	}
}

func TestExplainShowsWhatCountsAsMissing(t *testing.T) {
	out, err := runExplain(writeProject(t, explainProject), "chat", "--unit", "user=u1",
		"--attr", `tags=["beta"]`, "--attr", "app_version=newest", "--attr", "signed_up=yesterday")
	if err != "" {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"newest", not a version: counts as missing`, `"yesterday", not a time: counts as missing`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestExplainMistakes(t *testing.T) {
	dir := writeProject(t, explainProject)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--unit", "u1"}, `--unit u1: write it as type=id`},
		{[]string{"--unit", "usr=u1"}, `--unit: there is no type of unit "usr"; did you mean "user"?`},
		{[]string{"--attr", "country"}, `--attr country: write it as name=value`},
		{[]string{"--attr", "contry=US"}, `--attr: there is no attribute "contry"; did you mean "country"?`},
		{[]string{"--attr", "age=old"}, `--attr: age: "old" is not a number`},
		{[]string{"--attr", "age=NaN"}, `--attr: age: "NaN" is not a number`},
		{[]string{"--attr", "premium=yes"}, `--attr: premium: "yes" is neither true nor false`},
		{[]string{"--attr", "tags=beta"}, `--attr: tags: beta is not a JSON array of strings, such as ["a","b"]`},
		{[]string{"--attr", "tags=null"}, `--attr: tags: null is not a JSON array of strings, such as ["a","b"]`},
		{[]string{"--at", "noon"}, `--at noon: write the time as 2026-01-31T12:00:00Z`},
		{[]string{"--format", "xml"}, `--format "xml": use text or json`},
		{[]string{"buton"}, `there is no experiment or flag "buton"; did you mean "button"?`},
		{[]string{"later"}, `experiment "later" is not published: its status is draft`},
	} {
		if _, err := runExplain(dir, tt.args...); err != "publisher: "+tt.want+"\n" {
			t.Errorf("%v: got %v, want %s", tt.args, err, tt.want)
		}
	}
}

func TestExplainRefusesABrokenProject(t *testing.T) {
	broken := map[string]string{}
	for name, content := range explainProject {
		broken[name] = strings.ReplaceAll(content, "country in", "contry in")
	}
	_, err := runExplain(writeProject(t, broken), "--unit", "user=u1")
	if !strings.Contains(err, "experiments/button.yaml:7:") {
		t.Errorf("got %v", err)
	}
}
