package attack_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sortition-dev/sortition/bundle/attack"
	"github.com/sortition-dev/sortition/edge/reload"
)

var update = flag.Bool("update", false, "write testdata/attacks.json from the rows of this package")

// maxFile bounds attacks.json, in bytes: hosts' tests keep it at hand.
const maxFile = 2 << 20

// TestFileIsCurrent compares the committed file with what the rows say.
func TestFileIsCurrent(t *testing.T) {
	want := fileOf(t)
	if len(want) > maxFile {
		t.Errorf("the file has %d bytes; the limit is %d", len(want), maxFile)
	}
	path, err := attack.Path()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the rows say (%v); run go test ./bundle/attack -run TestFileIsCurrent -update", path, err)
	}
}

func fileOf(t *testing.T) []byte {
	file := attack.File{About: []string{
		"Attacks on a host, each as the bytes that it finds in its bucket, with what it must serve all the same.",
		"The package comment of bundle/attack tells how to run them. Made by: go test ./bundle/attack -run TestFileIsCurrent -update",
	}}
	for _, s := range suites(t) {
		file.Worlds = append(file.Worlds, s.describe(t))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(file); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (s *suite) describe(t *testing.T) attack.World {
	w := s.world
	v := visitor(0)
	request := attack.Request{Now: v.Now.UnixMilli(), Units: v.Units, Attributes: map[string]string{}}
	for name, value := range v.Attributes {
		request.Attributes[name] = value.(string)
	}
	described := attack.World{
		Name: w.name, Why: w.why, Root: w.root, Environment: environment, Application: w.application, Objects: w.before.forHosts(),
		Request: request, Experiment: button,
	}
	for _, r := range s.rows {
		if r.local {
			continue
		}
		c := attack.Case{
			Name: r.attack, Why: r.why, Objects: difference(w.before, r.attacked(t, w)).forHosts(),
			Now: r.clock(), Want: r.wanted(), Stale: r.stale, Reason: string(r.reason),
		}
		if !r.cold {
			c.Have = version(atHand)
		}
		described.Cases = append(described.Cases, c)
	}
	described.Decisions = decisionsOf(described.Cases)
	return described
}

// forHosts leaves out what hosts do not read: the audit log, and the core, of which they
// bring their own.
func (o objects) forHosts() objects {
	all := objects{}
	for name, data := range o {
		if !strings.HasPrefix(name, "a/") && !strings.HasPrefix(name, "c/") {
			all[name] = data
		}
	}
	return all
}

// difference returns the changes that make one bucket of another.
func difference(from, to objects) objects {
	changes := objects{}
	for name := range from {
		if _, ok := to[name]; !ok {
			changes[name] = nil
		}
	}
	for name, data := range to {
		if was, ok := from[name]; !ok || !bytes.Equal(was, data) {
			changes[name] = append([]byte{}, data...)
		}
	}
	return changes
}

// decisionsOf are those of the revisions that cases begin with or want.
func decisionsOf(cases []attack.Case) []attack.Decision {
	var versions []attack.Version
	for _, c := range cases {
		for _, v := range []*attack.Version{c.Have, c.Want} {
			if v != nil && !slices.Contains(versions, *v) {
				versions = append(versions, *v)
			}
		}
	}
	decisions := make([]attack.Decision, len(versions))
	for i, v := range versions {
		variant := decide(programAt(v.Revision), 0, visitor(0))
		decisions[i] = attack.Decision{Version: v, Variant: variant.Key, Config: variant.Config}
	}
	return decisions
}

// TestFileHolds runs the committed file against a real host, as hosts in other languages
// do.
func TestFileHolds(t *testing.T) {
	file, err := attack.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range file.Worlds {
		for _, c := range w.Cases {
			t.Run(w.Name+"/"+c.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { runCase(t, &w, &c) })
			})
		}
	}
}

func runCase(t *testing.T, w *attack.World, c *attack.Case) {
	at(c.Now)
	bucket := memoryOf(t, nil)
	f := followAs(t, bucket, w.Root, w.Application)
	defer f.stop()
	if c.Have != nil {
		lay(t, bucket, w.Objects)
		f.look()
		if s := f.Snapshot(); s.Epoch != c.Have.Epoch || s.Revision != c.Have.Revision {
			t.Fatalf("before the attack: %+v, want %+v", s, c.Have)
		}
	}
	lay(t, bucket, objects(w.Objects).over(c.Objects))
	f.look()
	f.rejected(reload.Reason(c.Reason))
	s := f.Snapshot()
	if c.Want == nil {
		f.serves(0)
		return
	}
	if s.Epoch != c.Want.Epoch || s.Revision != c.Want.Revision || s.Stale != c.Stale {
		t.Fatalf("%+v, want %+v, stale %t", s, c.Want, c.Stale)
	}
	i := slices.IndexFunc(w.Decisions, func(d attack.Decision) bool { return d.Version == *c.Want })
	if i < 0 {
		t.Errorf("the file has no decision of %+v", c.Want)
	}
	want := w.Decisions[i]
	r := f.request.Reset().Now(time.UnixMilli(w.Request.Now))
	for unit, id := range w.Request.Units {
		r.Unit(unit, id)
	}
	for name, value := range w.Request.Attributes {
		r.String(name, value)
	}
	d, err := f.Decide(r, w.Experiment)
	if err != nil || d.Variant() != want.Variant || d.Config() != want.Config {
		t.Errorf("decision %+v, %v; want %+v", d, err, want)
	}
}
