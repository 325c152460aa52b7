package config

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// history edits the files of a project at random. Some of its states have mistakes.
type history struct {
	t     *testing.T
	dir   string
	rng   *rand.Rand
	wrong bool              // this step makes mistakes
	parts map[string]string // of sortition.yaml
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{t: t, dir: t.TempDir(), rng: rand.New(rand.NewPCG(seed, 12)), parts: map[string]string{}}
	for _, part := range slices.Sorted(maps.Keys(declarations)) {
		h.parts[part] = declarations[part][0]
	}
	h.declare()
	h.segment()
	for i := range 4 {
		h.experiment(i)
	}
	h.flag()
	return h
}

func (h *history) write(name, text string) {
	writeFile(h.t, filepath.Join(h.dir, filepath.FromSlash(name)), []byte(text))
}

func (h *history) pick(from ...string) string { return from[h.rng.IntN(len(from))] }

// either is right, and in some steps wrong.
func (h *history) either(right, wrong string) string {
	if h.wrong && h.rng.IntN(2) == 0 {
		return wrong
	}
	return right
}

// declarations are the forms of each part of sortition.yaml. Attributes, segments and audiences
// come, go and change, so that the same audience means something else or nothing.
var declarations = map[string][]string{
	"attribute": {"", "aaa: string, ", "zzz: bool, "},
	"country":   {"string", "string", "list"},
	"age":       {"18", "21"},
	"nested":    {"present(path)", `segment("staff")`},
	"segment":   {"", "beta: {ids: [a, b]}, "},
	"layer":     {", checkout: {}", ", checkout: {}", ""},
	"more":      {"", "exclude: {bot: path == \"/bot\"}\n", "holdout: {traffic: 5%}\n"},
}

// declare changes one part of sortition.yaml.
func (h *history) declare() {
	part := h.pick(slices.Sorted(maps.Keys(declarations))...)
	h.parts[part] = h.pick(declarations[part]...)
	p := h.parts
	h.write(ProjectFile, "environment: test\nbucket: bucket\nunits: [user, device]\n"+
		"attributes: {"+p["attribute"]+"country: "+p["country"]+", age: "+h.either("number", "time")+", path: string}\n"+
		"audiences:\n  adults: age >= "+p["age"]+"\n  nested: audience(\"adults\") && "+p["nested"]+"\n"+
		"segments: {"+p["segment"]+"staff: {file: staff.txt}}\nlayers: {search: {}"+p["layer"]+"}\n"+
		"metrics: {buy: {event: purchase, kind: conversion}}\n"+p["more"])
}

func (h *history) segment() { h.write("staff.txt", "u1\n"+h.pick("u2\n", "u3\n", "# nobody\n")) }

func (h *history) experiment(i int) {
	h.write(fmt.Sprintf("experiments/e%d.yaml", i), fmt.Sprintf(`key: e%d
owner: me
hypothesis: It helps.
status: %s
layer: %s
traffic: %d%%
audience: %s
start: 2026-01-01T00:00:00+0%d:00
variants: [{key: a, weight: 50%%, config: {n: %d, list: [1, two, null]}}, {key: b, weight: %s}]
overrides: {a: [u%d]}
metrics: {primary: buy}
tests: [{unit: u1, attributes: {age: 30}, variant: a}]
`, i, h.either(h.pick("running", "running", "paused", "draft"), "unknown"), h.pick("search", "search", "search", "checkout"), h.rng.IntN(26),
		h.either(h.pick(`country in ["GB", "US"]`, `audience("nested")`, `age > 3 || segment("staff")`, `audience("adults") || !(path.startsWith("/x"))`, `path.matches("^/[a-z]+$")`), h.pick(`country ==`, `daysSince(age) > 3`)),
		h.rng.IntN(3), h.rng.IntN(3), h.either("50%", "49%"), h.rng.IntN(4)))
}

func (h *history) flag() {
	h.write("flags/f.yaml", "key: f\nowner: me\nstatus: running\nvariants: [{key: on, config: true}, {key: off}]\ndefault: off\nrules:\n"+
		"  - {audience: 'path in [\"GB\", \"US\"]', variant: on}\n  - {traffic: "+h.either(h.pick("5%", "7%"), "500%")+", split: {on: 40%, off: 60%}}\n"+
		h.pick("", "prerequisites: [{key: e1, variants: [a]}]\n"))
}

// step makes the next state.
func (h *history) step() {
	time.Sleep(20 * time.Millisecond) // so that a time differs: tests trust files at once
	mend := h.wrong
	if h.wrong = h.rng.IntN(5) == 0; mend && !h.wrong {
		h.declare()
		h.flag()
		for i := range 4 {
			h.experiment(i)
		}
		for _, name := range []string{"e9.yml", "e8.yaml"} {
			_ = os.Remove(filepath.Join(h.dir, "experiments", name))
		}
		return
	}
	switch n := h.rng.IntN(10); {
	case n < 4:
		h.declare()
	case n == 4:
		h.segment()
	case n == 5:
		h.flag()
	case n == 6:
		_ = os.Remove(filepath.Join(h.dir, "experiments", fmt.Sprintf("e%d.yaml", h.rng.IntN(4))))
	case n == 7 && h.wrong:
		h.write("experiments/"+h.pick("e9.yml", ".e9.yaml", "e8.yaml"), "key: e8\n")
	default:
		h.experiment(h.rng.IntN(4))
	}
}

// damage does to the cache what must not matter.
func (h *history) damage() {
	path := filepath.Join(h.dir, filepath.FromSlash(cacheFile))
	data, err := os.ReadFile(path)
	if err != nil {
		return
	}
	switch h.rng.IntN(12) {
	case 0:
		data = data[:h.rng.IntN(len(data))]
	case 1:
		data[h.rng.IntN(len(data))] ^= 1 << h.rng.IntN(8)
	case 2:
		if err := os.RemoveAll(filepath.Dir(path)); err != nil {
			h.t.Fatal(err)
		}
		return
	default:
		return
	}
	writeFile(h.t, path, data)
}

// TestCacheChangesNothing loads every step of random histories with and without the cache.
func TestCacheChangesNothing(t *testing.T) {
	met := map[string]int{}
	for seed := range uint64(6) {
		h := newHistory(t, seed)
		for step := range 30 {
			want, problems := Load(h.dir)
			for _, times := range []bool{false, true} {
				c := OpenCache(h.dir, times)
				c.now = c.now.Add(time.Duration(h.rng.IntN(2)) * 2 * settled) // files are settled or not
				result, kept := c.Result("n")
				got, gotProblems := LoadCached(h.dir, c)
				if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(gotProblems, problems) {
					t.Fatalf("seed %d, step %d: with the cache\n%+v\n%v\nwithout\n%+v\n%v", seed, step, got, gotProblems, want, problems)
				}
				if kept && (want == nil || result != summaryOf(want)) {
					t.Fatalf("seed %d, step %d: kept %s of %+v", seed, step, result, want)
				}
				if want != nil {
					c.KeepResult("n", summaryOf(want))
				}
				c.Save()
				met[fmt.Sprint("a project ", want != nil)]++
				met[fmt.Sprint("a result ", kept)]++
				met["used expressions"] += len(c.expressions)
			}
			h.step()
			h.damage()
		}
	}
	for _, what := range []string{"a project true", "a project false", "a result true", "a result false", "used expressions"} {
		if met[what] == 0 {
			t.Errorf("%q was never met: the test tests too little", what)
		}
	}
}

// summaryOf follows from every file.
func summaryOf(p *Project) string {
	text := fmt.Sprint(p.Attributes, p.Layers, p.Segments, keysOf(p.Audiences, func(a Audience) string { return a.Text }))
	for _, e := range p.Experiments {
		text += fmt.Sprint(e.Key, e.Status, e.Traffic, e.AudienceText, e.Variants, e.Start)
	}
	for _, f := range p.Flags {
		text += fmt.Sprint(f.Key, len(f.Rules), f.Rules[1].Traffic, f.Prerequisites)
	}
	return text
}

// TestUnchangedFilesAreNotDecoded holds that the cache is used at all: a document that it has is
// taken, whatever decoding it again would say.
func TestUnchangedFilesAreNotDecoded(t *testing.T) {
	h := newHistory(t, 1)
	h.write(ProjectFile, baseProject)
	h.write("experiments/e0.yaml", "key: e0\nowner: me\nhypothesis: h\nstatus: draft\naudience: age > 3\nvariants: [{key: a, weight: 50%}, {key: b, weight: 50%}]\n")
	for _, name := range []string{"experiments/e1.yaml", "experiments/e2.yaml", "experiments/e3.yaml", "flags/f.yaml"} {
		if err := os.Remove(filepath.Join(h.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	load := func() (*Cache, *Project) {
		t.Helper()
		c := OpenCache(h.dir, false)
		p, problems := LoadCached(h.dir, c)
		if problems != nil {
			t.Fatal(problems)
		}
		c.Save()
		return c, p
	}
	if c, _ := load(); !c.changed || len(c.files) != 2 || len(c.expressions) != 1 {
		t.Fatalf("the first load kept %d files and %d expressions", len(c.files), len(c.expressions))
	}
	if c, _ := load(); c.changed {
		t.Error("a load without a change computed something")
	}
	h.write("experiments/e4.yaml", "key: e4\nowner: me\nhypothesis: h\nstatus: draft\naudience: age > 3\nvariants: [{key: a, weight: 50%}, {key: b, weight: 50%}]\n")
	if c, p := load(); !c.changed || len(p.Experiments) != 2 || len(c.before[filesTable]) != 2 {
		t.Error("a new file was not seen")
	}
	if err := os.Remove(filepath.Join(h.dir, "experiments/e0.yaml")); err != nil {
		t.Fatal(err)
	}
	load()
	if c, _ := load(); len(c.before[filesTable]) != 2 {
		t.Errorf("the cache has %d files of 2", len(c.before[filesTable]))
	}
}

// TestTimesTellEveryChange changes files in ways that leave their size and time as they are.
func TestTimesTellEveryChange(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "file")
	writeFile(t, name, []byte("one"))
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if s := stampOf(info, time.Now()); s != (stamp{}) {
		t.Error("a file that was just written is trusted")
	}
	later := time.Now().Add(2 * settled)
	before := stampOf(info, later)
	if before == (stamp{}) {
		t.Skip("this system has no stamps")
	}
	if got := parseStamp(before.String()); got != before {
		t.Errorf("the stamp %v became %v", before, got)
	}
	same := func(what string) {
		t.Helper()
		if err := os.Chtimes(name, info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		now, err := os.Stat(name)
		if err != nil || now.Size() != info.Size() || !now.ModTime().Equal(info.ModTime()) {
			t.Fatalf("%s: %v, %v", what, now, err)
		}
		if stampOf(now, later) == before {
			t.Errorf("%s goes unnoticed", what)
		}
	}
	time.Sleep(20 * time.Millisecond) // beyond the resolution of the times
	writeFile(t, name, []byte("two"))
	same("another content with the old time")
	writeFile(t, name+"2", []byte("two"))
	if err := os.Rename(name+"2", name); err != nil {
		t.Fatal(err)
	}
	same("another file with the old time")
}

// TestCacheIsShared loads one project in many goroutines, which write the cache at the same time.
func TestCacheIsShared(t *testing.T) {
	h := newHistory(t, 3)
	want, problems := Load(h.dir)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				c := OpenCache(h.dir, false)
				if got, gotProblems := LoadCached(h.dir, c); !reflect.DeepEqual(got, want) || !reflect.DeepEqual(gotProblems, problems) {
					t.Errorf("with the cache %+v %v", got, gotProblems)
				}
				c.changed = true
				c.Save()
			}
		})
	}
	all.Wait()
}

// TestCacheNeedsNoPlace loads a project whose cache cannot be written.
func TestCacheNeedsNoPlace(t *testing.T) {
	h := newHistory(t, 5)
	h.write(strings.TrimSuffix(CacheDir, "/cache"), "a file where the directory would be")
	want, problems := Load(h.dir)
	for range 2 {
		c := OpenCache(h.dir, true)
		if got, gotProblems := LoadCached(h.dir, c); !reflect.DeepEqual(got, want) || !reflect.DeepEqual(gotProblems, problems) {
			t.Errorf("with the cache %+v %v", got, gotProblems)
		}
		c.Save()
	}
}
