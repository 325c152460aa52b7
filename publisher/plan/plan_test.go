package plan

import (
	"bytes"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// find gives the change of an experiment or flag.
func find(t *testing.T, p *Plan, key string) Change {
	t.Helper()
	i := slices.IndexFunc(p.Experiments, func(x Change) bool { return x.Key == key })
	if i < 0 {
		t.Fatalf("the plan has no change of %s: %+v", key, p.Experiments)
	}
	return p.Experiments[i]
}

func TestNothingChanges(t *testing.T) {
	s := newSite(t)
	s.publish()
	p := s.plan()
	if p.Changes || len(p.Experiments)+len(p.Other)+len(p.Gates)+len(p.Unknown) > 0 || !p.Affected.Zero() {
		t.Errorf("%+v", p)
	}
}

// Each row edits the directory, and says what the plan must say of the experiment.
func TestMovements(t *testing.T) {
	for _, c := range []struct {
		name, old, new      string
		enter, leave, moved string // shares
		affected            string
		phases              [2]int
		note                string // part of a note; empty for none at all
	}{
		{"traffic grows", "traffic: 10%", "traffic: 25%", "15.00%", "0", "0", "7.50%", [2]int{1, 1}, ""},
		{"traffic shrinks", "traffic: 10%", "traffic: 4%", "0", "6.00%", "0", "3.00%", [2]int{1, 1}, ""},
		{"weights change", "weight: 50%, config: {color: blue}", "weight: 60%, config: {color: blue}", "0", "0", "1.00%", "1.00%", [2]int{1, 2}, ""},
		{"the salt changes", "layer: home", "layer: home\nsalt: anew", "0", "0", "5.00%", "5.00%", [2]int{1, 2}, ""},
		{"the layer changes", "layer: home", "layer: search", "9.00%", "9.00%", "0", "9.00%", [2]int{1, 1}, ""},
		{"it is paused", "status: running", "status: paused", "0", "10.00%", "0", "5.00%", [2]int{1, 1}, ""},
		{"it is stopped", "status: running", "status: stopped", "0", "10.00%", "0", "5.00%", [2]int{1, 0}, ""},
		{"it has not begun", "layer: home", "layer: home\nstart: 2027-01-01T00:00:00Z", "0", "10.00%", "0", "5.00%", [2]int{1, 1}, ""},
		{"a ramp is at its second step", "traffic: 10%",
			"ramp: [{at: 2026-03-01T00:00:00Z, traffic: 1%}, {at: 2026-03-02T00:00:00Z, traffic: 12%}, {at: 2026-04-01T00:00:00Z, traffic: 50%}]",
			"2.00%", "0", "0", "1.00%", [2]int{1, 1}, ""},
		{"the audience is new", "layer: home", "layer: home\naudience: country == \"US\"", "0", "10.00%", "0", "5.00%", [2]int{1, 1}, "is narrower"},
		{"a prerequisite is new", "layer: home", "layer: home\nprerequisites: [{key: menu, variants: [\"on\"]}]", "10.00%", "0", "0", "5.00%", [2]int{1, 1}, "prerequisites change"},
		{"only the words change", "Green is seen sooner.", "Green is seen later.", "", "", "", "0", [2]int{1, 1}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			s.publish()
			s.edit("experiments/button.yaml", c.old, c.new)
			if strings.Contains(c.new, "60%") {
				s.edit("experiments/button.yaml", "weight: 50%, config: {color: green}", "weight: 40%, config: {color: green}")
			}
			x := find(t, s.plan(), "button")
			if x.Action != declaration.Changed || [2]int{x.PhaseBefore, x.PhaseAfter} != c.phases || orZero(x.Affected) != c.affected {
				t.Errorf("%s in phases %d → %d, affected %s", x.Action, x.PhaseBefore, x.PhaseAfter, x.Affected)
			}
			notes := strings.Join(x.Notes, "; ")
			if c.note == "" && notes != "" || !strings.Contains(notes, c.note) {
				t.Errorf("notes: %s", notes)
			}
			if len(x.Details) == 0 {
				t.Error("nothing is said to have changed")
			}
			if c.enter == "" {
				if len(x.Movements) > 0 {
					t.Errorf("%+v", x.Movements)
				}
				return
			}
			if m := x.Movements[0]; orZero(m.Enter) != c.enter || orZero(m.Leave) != c.leave || orZero(m.Switch) != c.moved {
				t.Errorf("%s enter, %s leave, %s switch", m.Enter, m.Leave, m.Switch)
			}
		})
	}
}

// A flag's units are told apart by the rule that is for them.
func TestFlagMovements(t *testing.T) {
	s := newSite(t)
	s.publish()
	s.edit("flags/menu.yaml", "traffic: 10%", "traffic: 40%")
	x := find(t, s.plan(), "menu")
	if len(x.Movements) != 1 || x.Movements[0].Rule != 0 || len(x.Movements[0].Flows) != 1 {
		t.Fatalf("%+v", x.Movements)
	}
	if f := x.Movements[0].Flows[0]; f.From != "off" || f.To != "on" || f.Units.String() != "30.00%" {
		t.Errorf("%+v", f)
	}
	s.publish()
	s.edit("flags/menu.yaml", `country == "US", variant: "on"`, `country == "US", traffic: 50%, variant: "on"`)
	x = find(t, s.plan(), "menu")
	// The other half meets the second rule, which takes the first 40 % of all slots: those
	// are of the first half.
	if len(x.Movements) != 1 || x.Movements[0].Rule != 1 || x.Movements[0].Switch.String() != "50.00%" {
		t.Errorf("%+v", x.Movements)
	}
}

// A holdout that grows takes its units out of every experiment.
func TestHoldoutGrows(t *testing.T) {
	s := newSite(t)
	s.edit("sortition.yaml", "layers:", "holdout: {traffic: 5%}\nlayers:")
	s.publish()
	s.edit("sortition.yaml", "holdout: {traffic: 5%}", "holdout: {traffic: 10%}")
	p := s.plan()
	// Of the 95 % that are eligible, 5 % of all leave, of which a tenth was enrolled.
	m := find(t, p, "button").Movements[0]
	if got := m.Leave.Rat().RatString(); got != "1/190" || !m.Enter.Zero() || !m.Switch.Zero() {
		t.Errorf("%s enter, %s leave, %s switch", m.Enter, got, m.Switch)
	}
	if len(p.Other) != 1 || p.Other[0].What != "holdout" {
		t.Errorf("%+v", p.Other)
	}
}

// Changes in different layers meet in some units; in one layer they do not.
func TestAffectedTogether(t *testing.T) {
	s := newSite(t)
	second := strings.NewReplacer("key: button", "key: second", "color", "size").Replace(siteButton)
	s.files["experiments/second.yaml"] = second
	s.publish()
	s.edit("experiments/button.yaml", "traffic: 10%", "traffic: 30%")
	s.edit("experiments/second.yaml", "traffic: 10%", "traffic: 50%")
	if got := s.plan().Affected.String(); got != "30.00%" { // 10 % and 20 %
		t.Errorf("in one layer: %s", got)
	}
	s = newSite(t)
	s.files["experiments/second.yaml"] = strings.Replace(second, "layer: home", "layer: search", 1)
	s.publish()
	s.edit("experiments/button.yaml", "traffic: 10%", "traffic: 30%")
	s.edit("experiments/second.yaml", "traffic: 10%", "traffic: 50%")
	if got := s.plan().Affected.String(); got != "28.00%" { // 1 - 0.9 × 0.8
		t.Errorf("in two layers: %s", got)
	}
}

// Without the declaration of what is live, the plan says what it cannot know.
func TestNoDeclaration(t *testing.T) {
	s := newSite(t)
	s.publish()
	s.live.Declaration = nil
	s.edit("experiments/button.yaml", "traffic: 10%", "traffic: 25%")
	s.edit("flags/menu.yaml", "traffic: 10%", "traffic: 40%")
	p := s.plan()
	if len(p.Unknown) != 1 || find(t, p, "button").Movements[0].Enter.String() != "15.00%" {
		t.Errorf("%+v", p)
	}
	if m := find(t, p, "menu").Movements; len(m) != 1 || m[0].Switch.String() != "30.00%" {
		t.Errorf("%+v", m)
	}
}

// The audience of what is live is restored from its declaration, named audiences included.
func TestAudiencesAreRestored(t *testing.T) {
	for _, c := range []struct {
		name, file, old, new, note string
		match                      []Match
	}{
		{"the same in other words", "experiments/button.yaml", `audience("dach")`, `country == "DE" || country in ["AT", "CH"]`, "matches the same requests", nil},
		{"wider", "experiments/button.yaml", `audience("dach")`, `audience("dach") || country == "US"`, "is wider", []Match{NewlyMatched}},
		{"by its name", "sortition.yaml", `"DE", "AT", "CH"`, `"DE", "AT"`, "is narrower", []Match{NoLongerMatched}},
		{"of others", "experiments/button.yaml", `audience("dach")`, `country == "US"`, "matches none of the requests that it matched before", []Match{NewlyMatched, NoLongerMatched}},
		{"across", "experiments/button.yaml", `audience("dach")`, `age > 30`, "some of the requests that it matched before, and others", []Match{NewlyMatched, NoLongerMatched}},
		{"no telling", "experiments/button.yaml", `audience("dach")`, `path.startsWith("/de")`, "do not tell how many", []Match{NewlyMatched, NoLongerMatched}},
		{"another type", "sortition.yaml", `age: number`, `age: version`, "", nil},
		{"of a segment", "sortition.yaml", `s1, s2`, `s1`, "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			s.edit("sortition.yaml", "layers:", "audiences: {dach: 'country in [\"DE\", \"AT\", \"CH\"]'}\nlayers:")
			s.edit("experiments/button.yaml", "layer: home", "layer: home\naudience: audience(\"dach\")")
			s.publish()
			s.edit(c.file, c.old, c.new)
			p := s.plan()
			if c.note == "" {
				if len(p.Experiments) > 0 {
					t.Errorf("%+v", p.Experiments)
				}
				return
			}
			x := find(t, p, "button")
			if len(x.Notes) != 1 || !strings.Contains(x.Notes[0], c.note) || len(x.Movements) != len(c.match) {
				t.Fatalf("%+v", x)
			}
			for i, m := range x.Movements {
				share := m.Enter
				if c.match[i] == NoLongerMatched {
					share = m.Leave
				}
				if m.Match != c.match[i] || share.String() != "10.00%" {
					t.Errorf("%+v", m)
				}
			}
		})
	}
}

// A segment with other ids is another audience, and an attribute of another type leaves no
// telling what the audience was.
func TestAudiencesOfWhatChanged(t *testing.T) {
	for edit, note := range map[[2]string]string{
		{"s1, s2", "s1"}:                "the audience changes: the segment staff has other ids",
		{"age: number", "age: version"}: "it is not known whether the audience changes",
	} {
		s := newSite(t)
		s.edit("experiments/button.yaml", "layer: home", "layer: home\naudience: segment(\"staff\") && present(age)")
		s.publish()
		s.edit("sortition.yaml", edit[0], edit[1])
		if x := find(t, s.plan(), "button"); len(x.Notes) != 1 || x.Notes[0] != note {
			t.Errorf("%v: %q", edit, x.Notes)
		}
	}
}

// Of a flag, who comes to a rule is told apart from who leaves it for the next.
func TestFlagAudiences(t *testing.T) {
	s := newSite(t)
	s.publish()
	s.edit("flags/menu.yaml", `country == "US"`, `country == "GB"`)
	x := find(t, s.plan(), "menu")
	if len(x.Movements) != 2 {
		t.Fatalf("%+v", x.Movements)
	}
	for i, want := range []struct {
		match    Match
		from, to string
	}{{NewlyMatched, "off", "on"}, {NoLongerMatched, "on", "off"}} {
		m := x.Movements[i]
		if m.Match != want.match || m.Rule != 1 || len(m.Flows) != 1 || m.Flows[0].From != want.from || m.Flows[0].To != want.to || m.Switch.String() != "90.00%" {
			t.Errorf("%+v", m)
		}
	}
	if x.Affected.String() != "90.00%" {
		t.Errorf("affected: %s", x.Affected)
	}
}

// measured are the lines with numbers that differ from machine to machine, or with the
// payload's form.
var (
	measured = regexp.MustCompile(`(?m)^.*(payload|cold start): .*$`)
	digits   = regexp.MustCompile(`[0-9]+`)
	steps    = regexp.MustCompile(`N → N`) // a number that stays the same has none
)

// TestWords compares what people read with what they should.
func TestWords(t *testing.T) {
	s := newSite(t)
	s.publish()
	s.edit("experiments/button.yaml", "traffic: 10%", "traffic: 25%")
	s.edit("experiments/button.yaml", "weight: 50%, config: {color: blue}", "weight: 40%, config: {color: blue}")
	s.edit("experiments/button.yaml", "weight: 50%, config: {color: green}", "weight: 60%, config: {color: green}")
	s.edit("experiments/button.yaml", "owner: ann\n", "")
	s.files["experiments/theme.yaml"] = strings.NewReplacer("key: button", "key: theme", "layer: home", "layer: search").Replace(siteButton)
	delete(s.files, "flags/menu.yaml")
	s.edit("sortition.yaml", "metrics:", "gates: {affected: 5%}\nmetrics:")
	p := s.plan(GateAffected)
	next, project := s.next()
	var err error
	if p.Requests, err = Replay(strings.NewReader(`{"user_id": "u1", "context": {"country": "US"}}`+"\n{\n"), s.live, next, now); err != nil {
		t.Fatal(err)
	}
	p.AddPower(next, project, givenBasis(1_000))
	for name, write := range map[string]func(*bytes.Buffer) error{
		"testdata/plan.txt": func(b *bytes.Buffer) error { return WriteText(b, p) },
		"testdata/plan.md":  func(b *bytes.Buffer) error { return WriteMarkdown(b, p) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		got := measured.ReplaceAllFunc(b.Bytes(), func(line []byte) []byte { return steps.ReplaceAll(digits.ReplaceAll(line, []byte("N")), []byte("N")) })
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(name, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestShareString(t *testing.T) {
	m := movement(sideOf(&model.Program{}, model.None, 0, nil), sideOf(&model.Program{}, model.None, 0, nil))
	for units, want := range map[int64]string{
		0: "0.00%", 1: "<0.01%", 9_999: "<0.01%", 10_000: "0.01%", 15_000_000: "15.00%", 99_999_999: "99.99%", 100_000_000: "100.00%",
	} {
		m.Enter.Units.SetInt64(units)
		if got := m.Enter.String(); got != want {
			t.Errorf("%d of %v: %s, want %s", units, m.Enter.Of, got, want)
		}
	}
}
