package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/config"
)

// Kinds of findings.
const (
	SharedParameter   = "shared_parameter"   // two overlapping experiments or flags set the same part of a page
	SharedPage        = "shared_page"        // two overlapping experiments have routes in common
	UnmetPrerequisite = "unmet_prerequisite" // what is required is given to nobody now
	EmptyAudience     = "empty_audience"     // no request can match
	UnreachableRule   = "unreachable_rule"   // an earlier rule of the flag takes all its units
	RelatedAudiences  = "related_audiences"  // a named audience is, or contains, another
	FullLayer         = "full_layer"         // little of a layer is left
	Unlisted          = "unlisted"           // there are more findings than a plan lists
)

// Limits of what a plan looks for.
const (
	maxFindings = 500    // of each kind, beyond which a plan helps nobody
	maxPairs    = 20_000 // of audiences that are compared, at some 10 µs each

	// fullLayer is the number of given slots at which a layer is called nearly full: a
	// twentieth is less than most experiments ask for.
	fullLayer = model.Slots * 95 / 100
)

// Finding is something that may be meant as it is, and should be looked at.
type Finding struct {
	Kind string   `json:"kind"`
	Keys []string `json:"keys"` // of what it is about
	Text string   `json:"text"`
	New  bool     `json:"new"` // what is live does not have it
}

// findings looks for collisions in the next state, and marks those that are new.
func (c *comparison) findings() []Finding {
	was := map[string]bool{}
	for _, f := range (&inspector{view: &c.live, now: c.now}).inspect() {
		was[f.id()] = true
	}
	all := (&inspector{view: &c.next, now: c.now}).inspect()
	for i := range all {
		all[i].New = !was[all[i].id()]
	}
	return all
}

func (f *Finding) id() string { return f.Kind + "\x00" + strings.Join(f.Keys, "\x00") }

// inspector looks for the findings of one state.
type inspector struct {
	*view
	now   int64
	pairs int // of audiences that have been compared
	all   []Finding
}

func (s *inspector) inspect() []Finding {
	s.all = []Finding{}
	for _, look := range []func(){s.parameters, s.pages, s.prerequisites, s.audiences, s.named, s.layers} {
		from := len(s.all)
		look()
		if len(s.all) > from+maxFindings {
			kind := s.all[from+maxFindings].Kind
			s.all = append(s.all[:from+maxFindings], Finding{
				Kind: Unlisted, Keys: []string{kind}, Text: fmt.Sprintf("there are more findings than these %d of the kind %s", maxFindings, kind),
			})
		}
	}
	return s.all
}

func (s *inspector) add(kind string, keys []string, format string, args ...any) {
	s.all = append(s.all, Finding{Kind: kind, Keys: keys, Text: fmt.Sprintf(format, args...)})
}

// parameters finds experiments and flags that may decide the same parameter for one unit.
func (s *inspector) parameters() {
	users := map[string][]int{}
	for i := range s.Program.Experiments {
		for _, name := range parametersOf(&s.Program.Experiments[i]) {
			users[name] = append(users[name], i)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(users)) {
		of := users[name]
		for n, i := range of {
			for _, j := range of[n+1:] {
				if len(s.all) > maxFindings { // parameters come first: all of these are theirs
					return
				}
				a, b := s.at(i), s.at(j)
				if relation, meet := s.meet(a, b); meet {
					s.add(SharedParameter, []string{a.Key, b.Key, name},
						"%s and %s both set %q, and one unit can be in both%s; put them into one layer, or keep their audiences apart",
						a.Key, b.Key, name, audienceRemark(relation, a.Key, b.Key))
				}
			}
		}
	}
}

// audienceRemark adds what is known of two audiences, where it is more than that they
// overlap.
func audienceRemark(r compile.Relation, a, b string) string {
	switch r {
	case compile.Same:
		return " (their audiences are the same)"
	case compile.Within, compile.Around:
		return fmt.Sprintf(" (the audience of %s %s that of %s)", a, r, b)
	case compile.Unknown:
		return " as far as their audiences tell"
	}
	return ""
}

// parametersOf are what the variants of an experiment or flag decide, by name: the
// top-level keys of their configs.
func parametersOf(e *model.Experiment) []string {
	names := map[string]bool{}
	for _, v := range e.Variants {
		object := map[string]json.RawMessage{}
		if strings.HasPrefix(v.Config, "{") && json.Unmarshal([]byte(v.Config), &object) == nil {
			for name := range object {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// relate compares the audiences of two experiments. A flag has as many as rules, and its
// default for everybody else.
func (s *inspector) relate(a, b *model.Experiment) compile.Relation {
	if a.Kind == model.KindFlag || b.Kind == model.KindFlag || s.unknown[a.Key] || s.unknown[b.Key] {
		return compile.Unknown
	}
	return s.relateAudiences(a.Rules[0].Audience, b.Rules[0].Audience)
}

func (s *inspector) relateAudiences(a, b *model.Expr) compile.Relation {
	if s.pairs++; s.pairs > maxPairs {
		return compile.Unknown
	}
	return compile.Relate(s.Program, a, b)
}

// prerequisites finds those that nobody meets now.
func (s *inspector) prerequisites() {
	for i := range s.Program.Experiments {
		e := s.at(i)
		for _, p := range e.Prerequisites {
			other := s.at(p.Experiment)
			given := givenBy(other, s.now)
			if !slices.ContainsFunc(p.Variants, func(v int) bool { return given[v] }) {
				s.add(UnmetPrerequisite, []string{e.Key, other.Key}, "%s requires %s, which gives nobody %s now: %s",
					e.Key, other.Key, strings.Join(keysOf(other, p.Variants), " or "), why(other, s.now))
				continue
			}
			if !e.Killed && s.relate(e, other) == compile.Apart {
				s.add(UnmetPrerequisite, []string{e.Key, other.Key},
					"%s requires %s, and no request matches the audiences of both", e.Key, other.Key)
			}
		}
	}
}

// givenBy are the variants, by index, that an experiment or flag can give at a time without
// an override.
func givenBy(e *model.Experiment, now int64) map[int]bool {
	given := map[int]bool{}
	if e.Default != model.None {
		given[e.Default] = true
	}
	if !Deciding(e, now) {
		return given
	}
	for i := range e.Rules {
		if TrafficAt(&e.Rules[i], now) > 0 {
			for _, share := range e.Rules[i].Split {
				given[share.Variant] = true
			}
		}
	}
	return given
}

func why(e *model.Experiment, now int64) string {
	switch {
	case e.Killed:
		return "it is paused"
	case !Deciding(e, now):
		return "it is outside its schedule"
	}
	return "no traffic goes there"
}

func keysOf(e *model.Experiment, variants []int) []string {
	keys := make([]string, len(variants))
	for i, v := range variants {
		keys[i] = e.Variants[v].Key
	}
	return keys
}

// audiences finds those that nobody matches, and rules that nobody reaches.
func (s *inspector) audiences() {
	for i := range s.Program.Experiments {
		e := s.at(i)
		if s.unknown[e.Key] {
			continue
		}
		for j, r := range e.Rules {
			switch {
			case r.Audience == nil:
			case compile.MatchesNobody(s.Program, r.Audience):
				s.add(EmptyAudience, []string{e.Key, fmt.Sprint(j + 1)}, "%s: no request can match the audience%s", e.Key, ofRule(e, j))
			default:
				if k, covered := s.coveredBy(e, j); covered {
					s.add(UnreachableRule, []string{e.Key, fmt.Sprint(j + 1)},
						"%s: rule %d takes every unit that matches the audience of rule %d", e.Key, k+1, j+1)
				}
			}
		}
	}
}

func ofRule(e *model.Experiment, i int) string {
	if e.Kind == model.KindFlag {
		return fmt.Sprintf(" of rule %d", i+1)
	}
	return ""
}

// coveredBy is an earlier rule with all units of rule j.
func (s *inspector) coveredBy(e *model.Experiment, j int) (int, bool) {
	for k := range j {
		if TrafficAt(&e.Rules[k], s.now) < model.Slots {
			continue
		}
		switch s.relateAudiences(e.Rules[j].Audience, e.Rules[k].Audience) {
		case compile.Within, compile.Same:
			return k, true
		}
	}
	return 0, false
}

// named compares the named audiences of the directory with each other.
func (s *inspector) named() {
	if s.Declaration == nil {
		return
	}
	r := newRestorer(s.Declaration, s.Program)
	type audience struct {
		key  string
		expr *model.Expr
	}
	var all []audience
	for _, a := range s.Declaration.Audiences {
		expr, ok := r.expression(a.Text)
		switch {
		case !ok:
		case compile.MatchesNobody(s.Program, expr):
			s.add(EmptyAudience, []string{"audience", a.Key}, "no request can match the audience %s", a.Key)
		default:
			all = append(all, audience{a.Key, expr})
		}
	}
	slices.SortFunc(all, func(a, b audience) int { return cmp.Compare(a.key, b.key) })
	for i, a := range all {
		for _, b := range all[i+1:] {
			switch relation := s.relateAudiences(a.expr, b.expr); relation {
			case compile.Same, compile.Within, compile.Around:
				s.add(RelatedAudiences, []string{a.key, b.key}, "the audience %s %s %s", a.key, relation, b.key)
			}
		}
	}
}

// layers finds those that are nearly full, of experiments and of slots at rest.
func (s *inspector) layers() {
	given := map[string]int{} // by key
	resting := map[string]int{}
	for _, e := range s.Program.Experiments {
		if e.Layer != model.None {
			given[s.Program.Layers[e.Layer].Key] += countRanges(e.Rules[0].Slots)
		}
	}
	for _, r := range s.Program.Ledger.Rests {
		if r.Until > s.now {
			resting[r.Layer] += countRanges(r.Slots)
		}
	}
	for _, l := range s.Program.Layers {
		free := model.Slots - given[l.Key] - resting[l.Key]
		if free > model.Slots-fullLayer {
			continue
		}
		s.add(FullLayer, []string{l.Key}, "the layer %s is nearly full: %s is left, and %s is at rest",
			l.Key, config.Percent(max(free, 0)), config.Percent(resting[l.Key]))
	}
}

func countRanges(ranges []model.Range) int {
	n := 0
	for _, r := range ranges {
		n += r.To - r.From
	}
	return n
}
