package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sortition-dev/sortition/publisher/audit"
	"github.com/sortition-dev/sortition/publisher/config"
)

// projects are the same project twice: one is published with its cache, the other without.
type projects struct {
	t      *testing.T
	rng    *rand.Rand
	dirs   [2]string
	spaces [2]*Workspace
	wrong  bool // this step makes mistakes
}

func twoProjects(t *testing.T, seed uint64, c *clock) *projects {
	p := &projects{t: t, rng: rand.New(rand.NewPCG(seed, 3))}
	for i := range p.dirs {
		p.dirs[i], _ = shop(t, c)
		p.spaces[i] = open(p.dirs[i], "", c)
		for _, name := range []string{"experiments/welcome_banner.yaml", "flags/new_menu.yaml"} {
			if err := os.Remove(filepath.Join(p.dirs[i], filepath.FromSlash(name))); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.spaces[1].options.NoCache = true
	return p
}

func (p *projects) pick(from ...string) string { return from[p.rng.IntN(len(from))] }

// either is right, and in some steps wrong.
func (p *projects) either(right, wrong string) string {
	if p.wrong && p.rng.IntN(2) == 0 {
		return wrong
	}
	return right
}

func (p *projects) write(name, text string) {
	p.t.Helper()
	for _, dir := range p.dirs {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
}

// step changes some files.
func (p *projects) step() {
	all := p.wrong // then what was wrong is mended
	p.wrong = p.rng.IntN(4) == 0
	p.write("sortition.yaml", "environment: production\nbucket: bucket\nrest: 0\n"+
		"attributes: {"+p.pick("", "aaa: string, ")+"country: string, age: "+p.either("number", "time")+"}\n"+
		"audiences: {adults: age >= "+p.pick("18", "21")+"}\nlayers: {home: {"+p.pick("", "holdout: {traffic: 5%}")+"}}\n"+
		"segments: {staff: {ids: ["+p.pick("a", "b")+"]}}\nmetrics: {buy: {event: buy, kind: conversion}}\ngates: {affected: 100%, switch_within_phase: false, lost_control: false}\n")
	for i := range 4 {
		if !all && p.rng.IntN(3) > 0 {
			continue
		}
		p.write(fmt.Sprintf("experiments/e%d.yaml", i), fmt.Sprintf(`key: e%d
owner: me
hypothesis: It helps.
status: %s
layer: home
traffic: %d%%
audience: %s
variants: [{key: a, weight: %s%%, config: {e%[1]d: %[6]d}}, {key: b, weight: %[5]s%%}]
metrics: {primary: %[7]s}
%[8]s`, i, p.pick("running", "running", "paused", "stopped"), p.rng.IntN(19),
			p.pick(`country in ["GB", "US"]`, `audience("adults")`, `country.matches("^[A-F]")`, `age > 3 || segment("staff")`, `age > 3 || segment("staff")`),
			p.either("50", "49.99"), p.rng.IntN(3), p.either("buy", "bye"),
			p.either("", "tests: [{unit: u1, attributes: {country: GB}, reason: audience}]\n")))
	}
	p.write("flags/menu.yaml", "key: menu\nowner: me\nstatus: running\nvariants: [{key: on, config: true}, {key: off}]\ndefault: off\nrules:\n"+
		"  - {audience: 'country == \"GB\"', variant: on}\n  - {traffic: "+p.pick("5%", "7%")+", split: {on: 40%, off: 60%}}\n")
}

// damage does to the cache what must not matter.
func (p *projects) damage() {
	path := filepath.Join(p.dirs[0], filepath.FromSlash(config.CacheDir), "project")
	data, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal("the cache is not used: ", err)
	}
	switch p.rng.IntN(8) {
	case 0:
		data = data[:p.rng.IntN(len(data))]
	case 1:
		data[p.rng.IntN(len(data))]++
	case 2:
		data = append([]byte("sortition memo 0\n"), data...)
	case 3:
		if err := os.RemoveAll(filepath.Dir(path)); err != nil {
			p.t.Fatal(err)
		}
		return
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// outcome is what a call comes to, without what depends on the directory and on the machine.
func (p *projects) outcome(i int, v any, err error) string {
	p.t.Helper()
	text, failed := json.Marshal(v)
	if failed != nil {
		p.t.Fatal(failed)
	}
	return strings.ReplaceAll(fmt.Sprint(string(text), err), p.dirs[i], "DIR")
}

// TestCacheChangesNoPayload checks and publishes every step of random histories with and without
// the cache, which is damaged at times.
func TestCacheChangesNoPayload(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(4) {
		c := newClock()
		p := twoProjects(t, seed, c)
		for step := range 12 {
			if step > 0 {
				p.damage()
			}
			p.step()
			var checked, published [2]string
			var payloads [2]string
			for i, w := range p.spaces {
				for range 2 { // the second time, nothing has changed
					found, err := w.Check(context.Background())
					checked[i] = p.outcome(i, found, err)
				}
				made, err := w.Publish(context.Background(), PublishInput{})
				if err == nil {
					made.Head, made.Plan.Cost.After.ColdStart = audit.Head{}, 0
					if made.Plan.Cost.Before != nil {
						made.Plan.Cost.Before.ColdStart = 0
					}
					payloads[i] = made.Payload.Raw.SHA256.String()
					published[i] = p.outcome(i, []any{made, made.Plan}, nil)
				} else {
					published[i] = p.outcome(i, nil, err)
				}
			}
			if checked[0] != checked[1] || published[0] != published[1] || payloads[0] != payloads[1] {
				t.Fatalf("seed %d, step %d: with the cache\n%s\n%s\nwithout\n%s\n%s", seed, step, checked[0], published[0], checked[1], published[1])
			}
			met[fmt.Sprint("published ", payloads[0] != "")]++
			c.now = c.now.Add(time.Hour)
		}
	}
	if met["published true"] < 10 || met["published false"] < 5 {
		t.Errorf("met %v: the test tests too little", met)
	}
}

// TestNoCacheLeavesNoCache holds that the option keeps the directory as it is.
func TestNoCacheLeavesNoCache(t *testing.T) {
	dir, w := shop(t, newClock())
	w.options.NoCache = true
	must[*Checked](t)(w.Check(context.Background()))
	cache := filepath.Join(dir, filepath.FromSlash(config.CacheDir))
	if _, err := os.Stat(cache); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v", cache, err)
	}
	w.options.NoCache = false
	first := must[*Checked](t)(w.Check(context.Background()))
	if _, err := os.Stat(filepath.Join(cache, "project")); err != nil {
		t.Error(err)
	}
	if again := must[*Checked](t)(w.Check(context.Background())); !reflect.DeepEqual(again, first) {
		t.Errorf("the second check found %+v, the first %+v", again, first)
	}
}
