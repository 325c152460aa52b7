package compile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
	"github.com/sortition-dev/sortition/publisher/explain/progtest"
	"github.com/sortition-dev/sortition/wasm/abi"
	"github.com/sortition-dev/sortition/wasm/assign"
	"github.com/sortition-dev/sortition/wasm/request"
)

// divide gives the experiments and flags of a random program to applications, so that what
// one requires is for no fewer than itself.
func divide(rng *rand.Rand, p *model.Program, names ...string) {
	p.Applications = names
	var widen func(e *model.Experiment)
	for i := range p.Experiments {
		p.Experiments[i].Applications = nil
		for a := range names {
			if rng.IntN(3) == 0 {
				p.Experiments[i].Applications = append(p.Experiments[i].Applications, a)
			}
		}
	}
	widen = func(e *model.Experiment) {
		for _, required := range e.Prerequisites {
			r := &p.Experiments[required.Experiment]
			switch {
			case len(r.Applications) == 0:
				continue
			case len(e.Applications) == 0:
				r.Applications = nil
			default:
				r.Applications = append(r.Applications, e.Applications...)
				slices.Sort(r.Applications)
				r.Applications = slices.Compact(r.Applications)
			}
			widen(r)
		}
	}
	for i := range p.Experiments {
		widen(&p.Experiments[i])
	}
}

// decider decides on a payload by key.
type decider struct {
	engine  *assign.Engine
	names   *request.Names
	catalog *payload.Catalog
}

func newDecider(t *testing.T, raw []byte) decider {
	t.Helper()
	engine, status := assign.Load(raw)
	if status != assign.OK {
		t.Fatal(status)
	}
	reader, err := payload.NewReader(raw)
	if err != nil {
		t.Fatal(err)
	}
	names, err := reader.Names()
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := reader.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	return decider{engine, names, catalog}
}

// each gives the record of every experiment and flag, by key and without its number.
func (d decider) each(t *testing.T, r *request.Request) map[string]string {
	t.Helper()
	encoded, err := r.Encode(d.names)
	if err != nil {
		t.Fatal(err)
	}
	records := map[string]string{}
	for i := range d.catalog.Len() {
		record, status := d.engine.AssignOne(encoded, uint32(i))
		if status != assign.OK {
			t.Fatal(status)
		}
		records[d.catalog.Key(i)] = string(record[4:])
	}
	return records
}

// all gives the records that deciding everything gives, in the same way.
func (d decider) all(t *testing.T, r *request.Request) map[string]string {
	t.Helper()
	encoded, err := r.Encode(d.names)
	if err != nil {
		t.Fatal(err)
	}
	given, status := d.engine.AssignAll(encoded)
	if status != assign.OK {
		t.Fatal(status)
	}
	records := map[string]string{}
	for record := range slices.Chunk(given, abi.RecordSize) {
		records[d.catalog.Key(int(binary.LittleEndian.Uint32(record)))] = string(record[4:])
	}
	return records
}

// TestApplicationsDecideAsTheWhole compares, for random programs and requests, what an
// application's payload decides with what the whole one does: the same records for what the
// application has, and nothing else.
func TestApplicationsDecideAsTheWhole(t *testing.T) {
	compared, smaller := 0, 0
	for seed := range uint64(120) {
		rng := rand.New(rand.NewPCG(seed, 5))
		p := progtest.Program(rng)
		divide(rng, p, "ios", "tv", "web")
		raw, err := Payload(p)
		if err != nil {
			t.Fatal(err)
		}
		whole := newDecider(t, raw)
		for application, name := range append(p.Applications, "unknown") {
			part, err := ForApplication(readerOf(t, raw), name)
			if err != nil {
				t.Fatalf("seed %d, %s: %v", seed, name, err)
			}
			if len(part) < len(raw) {
				smaller++
			}
			own := newDecider(t, part)
			has := func(key string, _ string) bool {
				e := p.Find(key)
				return len(e.Applications) == 0 || slices.Contains(e.Applications, application)
			}
			for range 25 {
				r := progtest.Fill(request.New(), progtest.Request(rng, p))
				for what, decide := range map[string]func(decider) map[string]string{
					"one": func(d decider) map[string]string { return d.each(t, r) },
					"all": func(d decider) map[string]string { return d.all(t, r) },
				} {
					want, got := decide(whole), decide(own)
					for key, record := range want {
						if !has(key, record) {
							delete(want, key)
						}
					}
					if fmt.Sprint(want) != fmt.Sprint(got) {
						t.Fatalf("seed %d, %s, deciding %s:\nwhole %x\npart  %x", seed, name, what, want, got)
					}
					compared += len(want)
				}
			}
		}
	}
	t.Logf("%d decisions agree; %d of %d payloads are smaller", compared, smaller, 120*4)
}

// What all applications have is decided on the same slots: a layer keeps experiments apart
// that are in none of them together.
func TestLayersHoldAcrossApplications(t *testing.T) {
	project := storefront()
	project.Applications = []string{"ios", "web"}
	project.Experiments[0].Applications, project.Experiments[1].Applications = []int{0}, []int{1} // banner, colour
	raw, err := Payload(mustProgram(t, project, nil))
	if err != nil {
		t.Fatal(err)
	}
	var apps []decider
	for _, name := range project.Applications {
		part, err := ForApplication(readerOf(t, raw), name)
		if err != nil {
			t.Fatal(err)
		}
		apps = append(apps, newDecider(t, part))
	}
	banner, colour, both := 0, 0, 0
	for i := range 5_000 {
		r := request.New().Unit("user", fmt.Sprint("u", i))
		_, ios := apps[0].all(t, r)["banner"]
		_, web := apps[1].all(t, r)["colour"]
		banner, colour = banner+count(ios), colour+count(web)
		both += count(ios && web)
	}
	if banner == 0 || colour == 0 || both > 0 {
		t.Errorf("%d units have banner on ios, %d colour on web, and %d both", banner, colour, both)
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// The payload of an application has its own experiments and what they need, in order.
func TestWhatAnApplicationHas(t *testing.T) {
	project := storefront()
	project.Applications = []string{"ios", "web"}
	project.Experiments[0].Applications = []int{0}
	project.Experiments[2].Applications = []int{1}
	program := mustProgram(t, project, nil)
	raw, err := Payload(program)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Payload(readBack(t, raw, program))
	if err != nil || !bytes.Equal(again, raw) {
		t.Errorf("the applications are not read as they were written: %v", err)
	}
	for name, want := range map[string][]string{
		"ios": {"banner", "chat", "colour"}, "web": {"chat", "colour", "prices"}, "tv": {"chat", "colour"},
	} {
		part, err := ForApplication(readerOf(t, raw), name)
		if err != nil {
			t.Fatal(err)
		}
		d := newDecider(t, part)
		var keys []string
		for i := range d.catalog.Len() {
			keys = append(keys, d.catalog.Key(i))
		}
		if !slices.Equal(keys, want) {
			t.Errorf("%s has %v, want %v", name, keys, want)
		}
		for _, gone := range []string{"search", "rest.key", "application.name"} { // a layer that nobody is in
			if bytes.Contains(part, []byte(gone)) {
				t.Errorf("the payload of %s has %q", name, gone)
			}
		}
		if again, err := ForApplication(readerOf(t, raw), name); err != nil || !bytes.Equal(again, part) {
			t.Errorf("%s: another payload the second time: %v", name, err)
		}
	}
}

// readBack is the program with the applications that its payload says.
func readBack(t *testing.T, raw []byte, p *model.Program) *model.Program {
	t.Helper()
	reader, err := payload.NewReader(raw)
	if err != nil {
		t.Fatal(err)
	}
	read, err := reader.Program()
	if err != nil {
		t.Fatal(err)
	}
	again := *p
	again.Applications, again.Experiments = read.Applications, slices.Clone(p.Experiments)
	for i := range again.Experiments {
		again.Experiments[i].Applications = read.Experiments[i].Applications
	}
	return &again
}

// A kill reaches the payload of every application that has what is killed, and changes no
// byte of the others.
func TestKillReachesApplications(t *testing.T) {
	project := storefront()
	project.Applications = []string{"ios", "web"}
	project.Experiments[2].Applications = []int{1} // prices
	raw, err := Payload(mustProgram(t, project, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		key     string
		reaches []bool // ios, web
	}{{"banner", []bool{true, true}}, {"prices", []bool{false, true}}} {
		killed, _, err := Patch(raw, Kill(row.key, testNow))
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range project.Applications {
			before, err := ForApplication(readerOf(t, raw), name)
			if err != nil {
				t.Fatal(err)
			}
			after, err := ForApplication(readerOf(t, killed), name)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(before, after) == row.reaches[i] {
				t.Errorf("the kill of %s reaches %s: %t", row.key, name, !row.reaches[i])
			}
			d := newDecider(t, after)
			for u := range 200 {
				if _, assigned := d.all(t, request.New().Unit("user", fmt.Sprint("u", u)))[row.key]; assigned {
					t.Fatalf("%s assigns %s after its kill", name, row.key)
				}
			}
		}
	}
}

// TestApplicationsAreSmaller says what a directory of many experiments saves.
func TestApplicationsAreSmaller(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 6))
	var p *model.Program
	for p == nil || len(p.Experiments) < 100 {
		p = progtest.Program(rng)
	}
	p.Applications = []string{"big", "small"}
	for i := range p.Experiments {
		p.Experiments[i].Applications, p.Experiments[i].Prerequisites = []int{0}, nil
		if i < 2 {
			p.Experiments[i].Applications = []int{1}
		}
	}
	raw, err := Payload(p)
	if err != nil {
		t.Fatal(err)
	}
	small, err := ForApplication(readerOf(t, raw), "small")
	if err != nil {
		t.Fatal(err)
	}
	if t.Logf("%d bytes of %d experiments, %d of 2", len(raw), len(p.Experiments), len(small)); len(small)*5 > len(raw) {
		t.Errorf("2 of %d experiments take %d of %d bytes", len(p.Experiments), len(small), len(raw))
	}
}
