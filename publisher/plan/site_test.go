package plan

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// now is when the plans of these tests are made: a Wednesday.
var now = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// site is a project directory, and what was published of it.
type site struct {
	t     *testing.T
	files map[string]string
	live  *State
}

const siteProject = `environment: test
bucket: bucket
units: [user, device]
attributes: {country: string, age: number, path: string}
layers: {home: {}, search: {}}
segments: {staff: {ids: [s1, s2]}}
metrics: {purchase: {event: purchase, kind: conversion, baseline: {rate: 10%}}}
`

const siteButton = `key: button
owner: ann
hypothesis: Green is seen sooner.
status: running
layer: home
traffic: 10%
variants:
  - {key: control, weight: 50%, config: {color: blue}}
  - {key: green, weight: 50%, config: {color: green}}
metrics: {primary: purchase, effect: 20%}
`

const siteMenu = `key: menu
owner: ann
status: running
variants: [{key: "on", config: true}, {key: "off", config: false}]
default: "off"
rules:
  - {audience: country == "US", variant: "on"}
  - {traffic: 10%, variant: "on"}
`

// newSite is a site with nothing published.
func newSite(t *testing.T) *site {
	return &site{t: t, files: map[string]string{
		"sortition.yaml": siteProject, "experiments/button.yaml": siteButton, "flags/menu.yaml": siteMenu,
	}}
}

// edit replaces a text in a file, which must be there.
func (s *site) edit(name, old, text string) {
	s.t.Helper()
	if !strings.Contains(s.files[name], old) {
		s.t.Fatalf("%s has no %q", name, old)
	}
	s.files[name] = strings.Replace(s.files[name], old, text, 1)
}

// load reads the directory.
func (s *site) load() *config.Project {
	s.t.Helper()
	dir := s.t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(s.files)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(s.files[name]), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	project, problems := config.Load(dir)
	if err := problems.Err(); err != nil {
		s.t.Fatal(err)
	}
	return project
}

// next is what the directory would become.
func (s *site) next() (State, *config.Project) {
	s.t.Helper()
	project := s.load()
	var ledger *compile.Ledger
	if s.live != nil {
		ledger = compile.LedgerOf(s.live.Program)
	}
	program, err := compile.Program(project, ledger, now)
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := compile.Payload(program)
	if err != nil {
		s.t.Fatal(err)
	}
	reader, err := payload.NewReader(raw)
	if err != nil {
		s.t.Fatal(err)
	}
	return State{Environment: project.Environment, Program: program, Declaration: declaration.Of(project), Payload: reader}, project
}

// publish makes the directory what is live: as it is read back, without audiences, and
// with the declaration as it is read back.
func (s *site) publish() {
	s.t.Helper()
	next, _ := s.next()
	program, err := next.Payload.Program()
	if err != nil {
		s.t.Fatal(err)
	}
	data, err := next.Declaration.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	told, err := declaration.Parse(data)
	if err != nil {
		s.t.Fatal(err)
	}
	revision := uint64(1)
	if s.live != nil {
		revision = s.live.Revision + 1
	}
	s.live = &State{Environment: next.Environment, Revision: revision, Program: program, Declaration: told, Payload: next.Payload}
}

// plan compares, measures and checks, as the program does.
func (s *site) plan(overrides ...string) *Plan {
	s.t.Helper()
	next, project := s.next()
	p := Compare(s.live, next, now)
	var err error
	if p.Cost, err = MeasureCosts(s.live, next); err != nil {
		s.t.Fatal(err)
	}
	p.Check(s.live, next, project, overrides)
	return p
}
