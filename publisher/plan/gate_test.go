package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/config"
)

// Each row edits the directory so that one gate stops it. The gate has a setting that lets
// it pass, and an override.
func TestGates(t *testing.T) {
	for _, c := range []struct {
		gate, file, old, new string
		passing              string // under gates: in sortition.yaml
		text                 string
	}{
		{GateControl, "experiments/button.yaml", "weight: 50%, config: {color: blue}}\n  - {key: green, weight: 50%",
			"weight: 0%, config: {color: blue}}\n  - {key: green, weight: 100%", "lost_control: false", "no unit gets its control control any more"},
		{GateControl, "experiments/button.yaml", "layer: home", "layer: home\ncontrol: green", "lost_control: false", "its control changes from control to green"},
		{GateControl, "experiments/button.yaml", "key: control", "key: plain", "lost_control: false", "no unit gets its control control any more"},
		{GateRequired, "experiments/button.yaml", "owner: ann\n", "", "required: [hypothesis]", "experiments/button.yaml:1:6: button has no owner"},
		{GateRequired, "flags/menu.yaml", "owner: ann\n", "", "required: []", "menu has no owner"},
		{GateAffected, "flags/menu.yaml", "traffic: 10%", "traffic: 70%", "affected: 60%", "60.00% of the units see a change at once; the limit is 50%"},
		{GatePayload, "sortition.yaml", "layers:", "gates: {payload: 1 KiB}\nlayers:", "payload: 1 MiB", "the limit is 1 KiB"},
		{GateWork, "sortition.yaml", "layers:", "gates: {work: 0%}\nlayers:", "work: 1%", "a request can cost"},
		{GateFreeze, "sortition.yaml", "layers:", "gates: {freeze: [{days: [wednesday], from: \"12:00\", to: \"13:00\", reason: lunch}]}\nlayers:",
			"freeze: [{days: [wednesday], from: \"11:00\", to: \"12:00\"}]", "no publish is allowed now: wednesday 12:00 to 13:00 (UTC): lunch"},
		{GateFreeze, "sortition.yaml", "layers:", "gates: {freeze: [{from: 2026-03-04T12:00:00Z, to: 2026-03-04T12:00:01Z}]}\nlayers:",
			"freeze: []", "2026-03-04T12:00:00Z to 2026-03-04T12:00:01Z"},
	} {
		t.Run(c.gate+" "+c.text, func(t *testing.T) {
			s := newSite(t)
			s.publish()
			s.edit("experiments/button.yaml", "Green", "A green one") // there is something to publish
			s.edit(c.file, c.old, c.new)
			p := s.plan()
			if len(p.Gates) != 1 || p.Gates[0].Gate != c.gate || p.Gates[0].Overridden || !strings.Contains(p.Gates[0].Text, c.text) {
				t.Fatalf("%+v", p.Gates)
			}
			if len(p.Stopped()) != 1 || len(p.Overridden()) != 0 {
				t.Errorf("stopped by %v", p.Stopped())
			}
			p = s.plan(c.gate)
			if len(p.Stopped()) != 0 || !slices.Equal(p.Overridden(), []string{c.gate}) {
				t.Errorf("overridden: %+v", p.Gates)
			}
			if c.file == "sortition.yaml" {
				s.files[c.file] = siteProject
			}
			s.edit("sortition.yaml", "layers:", "gates: {"+c.passing+"}\nlayers:")
			if p := s.plan(); len(p.Gates) != 0 {
				t.Errorf("with %s: %+v", c.passing, p.Gates)
			}
		})
	}
}

// A compiler that moved units and kept the phase would be stopped.
func TestGateOfSwitches(t *testing.T) {
	s := newSite(t)
	s.publish()
	s.edit("experiments/button.yaml", "weight: 50%, config: {color: blue}", "weight: 60%, config: {color: blue}")
	s.edit("experiments/button.yaml", "weight: 50%, config: {color: green}", "weight: 40%, config: {color: green}")
	if p := s.plan(); len(p.Gates) != 0 || find(t, p, "button").Movements[0].Switch.Zero() {
		t.Fatalf("%+v", p)
	}
	next, project := s.next()
	i := slices.IndexFunc(next.Program.Experiments, func(e model.Experiment) bool { return e.Key == "button" })
	next.Program.Experiments[i].Phase = 1
	p := Compare(s.live, next, now)
	p.Check(s.live, next, project, nil)
	if len(p.Gates) != 1 || p.Gates[0].Gate != GateSwitch || !strings.Contains(p.Gates[0].Text, "1.00% of its units switch to another variant within phase 1") {
		t.Errorf("%+v", p.Gates)
	}
	project.Gates.SwitchWithinPhase = false
	if p.Check(s.live, next, project, nil); len(p.Gates) != 0 {
		t.Errorf("%+v", p.Gates)
	}
}

// The first publish has nothing to compare with, and one that changes nothing is no
// publish.
func TestGatesOfNoChange(t *testing.T) {
	s := newSite(t)
	s.edit("flags/menu.yaml", "traffic: 10%", "traffic: 100%")
	if p := s.plan(); len(p.Gates) != 0 {
		t.Errorf("first: %+v", p.Gates)
	}
	s.edit("sortition.yaml", "layers:", "gates: {payload: 1 KiB}\nlayers:")
	if p := s.plan(); len(p.Gates) != 1 {
		t.Errorf("first, and too large: %+v", p.Gates)
	}
	s.publish()
	if p := s.plan(); p.Changes || len(p.Gates) != 0 {
		t.Errorf("no change: %+v", p.Gates)
	}
}

func TestGateNamesAreKeys(t *testing.T) {
	schema, err := config.Schema("sortition")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range GateNames {
		if !strings.Contains(string(schema), `"`+name+`": {`) {
			t.Errorf("sortition.yaml has no gate %s", name)
		}
	}
}
