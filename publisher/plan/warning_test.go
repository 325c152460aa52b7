package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sortition-dev/sortition/bundle/model"
)

// Each row changes the directory and says which new warning there is.
func TestWarnings(t *testing.T) {
	theme := strings.NewReplacer("key: button", "key: theme", "layer: home", "layer: search")
	with := func(edits ...string) func(*site) {
		return func(s *site) {
			for i := 0; i < len(edits); i += 3 {
				s.edit(edits[i], edits[i+1], edits[i+2])
			}
		}
	}
	add := func(name string, r *strings.Replacer, edits ...string) func(*site) {
		return func(s *site) {
			s.files[name] = r.Replace(siteButton)
			with(edits...)(s)
		}
	}
	for _, c := range []struct {
		name   string
		change func(*site)
		kind   string // empty for none
		text   string
	}{
		{"two layers set one parameter", add("experiments/theme.yaml", theme), SharedParameter, `button and theme both set "color"`},
		{"one layer keeps them apart", add("experiments/theme.yaml", theme, "experiments/theme.yaml", "layer: search", "layer: home"), "", ""},
		{"audiences keep them apart", add("experiments/theme.yaml", theme,
			"experiments/theme.yaml", "layer: search", "layer: search\naudience: country == \"US\"",
			"experiments/button.yaml", "layer: home", "layer: home\naudience: country == \"DE\""), "", ""},
		{"one audience contains the other", add("experiments/theme.yaml", theme,
			"experiments/theme.yaml", "layer: search", "layer: search\naudience: country in [\"US\", \"GB\"]",
			"experiments/button.yaml", "layer: home", "layer: home\naudience: country == \"US\""), SharedParameter, "the audience of button is within that of theme"},
		{"a flag sets it too", with("flags/menu.yaml", `key: "on", config: true`, `key: "on", config: {color: red}`), SharedParameter, `button and menu both set "color"`},
		{"two layers touch one page", add("experiments/theme.yaml", theme, "experiments/theme.yaml", "color", "size", "experiments/theme.yaml", "color", "size",
			"experiments/theme.yaml", "layer: search", "layer: search\nroutes: [/cart/*, /product/:id]",
			"experiments/button.yaml", "layer: home", "layer: home\nroutes: [/cart/pay, /product/*]"), SharedPage, "button and theme both change /cart/pay, and one unit can be in both (their audiences are the same): put"},
		{"one layer keeps pages apart", add("experiments/theme.yaml", theme, "experiments/theme.yaml", "layer: search", "layer: home\nroutes: [/cart]",
			"experiments/button.yaml", "layer: home", "layer: home\nroutes: [/cart]"), "", ""},
		{"no page in common", add("experiments/theme.yaml", theme, "experiments/theme.yaml", "color", "size", "experiments/theme.yaml", "color", "size",
			"experiments/theme.yaml", "layer: search", "layer: search\nroutes: [/cart]",
			"experiments/button.yaml", "layer: home", "layer: home\nroutes: [/product]"), "", ""},
		{"a prerequisite is paused", with("experiments/button.yaml", "layer: home", "layer: home\nprerequisites: [{key: menu, variants: [\"on\"]}]",
			"flags/menu.yaml", "status: running", "status: paused"), UnmetPrerequisite, "button requires variant on of menu, which no unit gets now: menu is paused"},
		{"a prerequisite without traffic", with("experiments/button.yaml", "layer: home", "layer: home\nprerequisites: [{key: menu, variants: [\"on\"]}]",
			"flags/menu.yaml", `country == "US",`, `country == "US", traffic: 0%,`, "flags/menu.yaml", "traffic: 10%", "traffic: 0%"), UnmetPrerequisite, "menu has no traffic for it"},
		{"a prerequisite that is over", add("experiments/theme.yaml", theme, "experiments/theme.yaml", "color", "size", "experiments/theme.yaml", "color", "size",
			"experiments/theme.yaml", "layer: search", "end: 2026-01-01T00:00:00Z",
			"experiments/button.yaml", "layer: home", "layer: home\nprerequisites: [{key: theme, variants: [green]}]"), UnmetPrerequisite, "theme is outside its schedule"},
		{"a prerequisite for others", add("experiments/theme.yaml", theme, "experiments/theme.yaml", "layer: search", "layer: search\naudience: country == \"DE\"",
			"experiments/button.yaml", "layer: home", "layer: home\naudience: country == \"US\"\nprerequisites: [{key: theme, variants: [green]}]"), UnmetPrerequisite, "no request can match both audiences"},
		{"nobody can match", with("experiments/button.yaml", "layer: home", "layer: home\naudience: age > 30 && age < 20"), EmptyAudience, "button: no request can match the audience"},
		{"a rule for nobody", with("flags/menu.yaml", `country == "US"`, `country == "US" && country == "GB"`), EmptyAudience, "menu: no request can match the audience of rule 1"},
		{"a rule that nobody reaches", with("flags/menu.yaml", "  - {traffic: 10%", "  - {audience: country == \"US\" && age > 3, variant: \"off\"}\n  - {traffic: 10%"),
			UnreachableRule, "menu: rule 1 takes every unit that matches the audience of rule 2"},
		{"named audiences", with("sortition.yaml", "layers:", "audiences: {us: country == \"US\", america: 'country in [\"US\", \"CA\"]'}\nlayers:"),
			RelatedAudiences, "the audience america contains us"},
		{"a named audience of nobody", with("sortition.yaml", "layers:", "audiences: {none: age > 30 && age < 20}\nlayers:"), EmptyAudience, "no request can match the audience none"},
		{"a layer that is nearly full", with("experiments/button.yaml", "traffic: 10%", "traffic: 97.5%"), FullLayer, "the layer home is nearly full: 2.5% is free, and 0% is at rest"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSite(t)
			s.publish()
			c.change(s)
			var found []Warning
			for _, f := range s.plan().Warnings {
				if f.New {
					found = append(found, f)
				}
			}
			if c.kind == "" {
				if len(found) > 0 {
					t.Errorf("%+v", found)
				}
				return
			}
			if len(found) != 1 || found[0].Kind != c.kind || !strings.Contains(found[0].Text, c.text) {
				t.Fatalf("%+v, want %s: %s", found, c.kind, c.text)
			}
			s.publish()
			if all := s.plan().Warnings; len(all) != 1 || all[0].New {
				t.Errorf("once it is live: %+v", all)
			}
		})
	}
}

// Thousands of experiments on one page are kept apart by their layer. More than that are
// too many to look at, and the plan says so.
func TestManyOnOnePage(t *testing.T) {
	for n, unlisted := range map[int]bool{4_000: false, 5_000: true} {
		p := &model.Program{Layers: []model.Layer{{Key: "page"}}}
		for i := range n {
			p.Experiments = append(p.Experiments, model.Experiment{
				Key: fmt.Sprint(i), Routes: []string{"/*"}, Rules: []model.Rule{{}},
			})
		}
		s := inspector{view: &view{State: State{Program: p}}, inspected: newInspected()}
		if s.pages(); (len(s.all) > 0) != unlisted || unlisted && s.all[0].Kind != Unlisted {
			t.Errorf("%d experiments: %+v", n, s.all)
		}
	}
}

// What an experiment gives up is not free at once.
func TestSlotsAtRest(t *testing.T) {
	s := newSite(t)
	s.edit("experiments/button.yaml", "traffic: 10%", "traffic: 96%")
	s.publish()
	s.edit("experiments/button.yaml", "traffic: 96%", "traffic: 50%")
	if all := s.plan().Warnings; len(all) != 1 || !strings.Contains(all[0].Text, "4% is free, and 46% is at rest") {
		t.Errorf("%+v", all)
	}
	s.edit("sortition.yaml", "layers:", "rest: 0\nlayers:")
	if all := s.plan().Warnings; len(all) != 0 {
		t.Errorf("without rest: %+v", all)
	}
}

// TestManyWarnings has more collisions than a plan lists.
func TestManyWarnings(t *testing.T) {
	s := newSite(t)
	for i := range 40 {
		key := "x" + strings.Repeat("i", i)
		s.files["experiments/"+key+".yaml"] = strings.NewReplacer("key: button", "key: "+key, "layer: home\n", "").Replace(siteButton)
	}
	all := s.plan().Warnings
	if len(all) != maxWarnings+1 || all[maxWarnings].Kind != Unlisted {
		t.Errorf("%d warnings, the last %+v", len(all), all[len(all)-1])
	}
}

func TestTopLevelKeys(t *testing.T) {
	for config, want := range map[string]string{
		`{}`: "", `null`: "", `"{"`: "", `[{"a":1}]`: "", `{"a":1}`: "a",
		`{"a":{"b":1,"c":["d",{"e":2}]},"f":"g,\"h\":","i":[1,2],"j":null}`: "a f i j",
		`{"a\"b":"c","\u00e9":1,"":2}`:                                      "a\"b \u00e9 ",
	} {
		keys := appendTopLevel(nil, config)
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%s: %q, want %q", config, got, want)
		}
	}
}
