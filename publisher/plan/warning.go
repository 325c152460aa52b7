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

// Kinds of warnings.
const (
	SharedParameter   = "shared_parameter"   // two overlapping experiments or flags set the same part of a page
	SharedPage        = "shared_page"        // two overlapping experiments have routes in common
	UnmetPrerequisite = "unmet_prerequisite" // no unit gets the required variant now
	EmptyAudience     = "empty_audience"     // no request can match
	UnreachableRule   = "unreachable_rule"   // an earlier rule of the flag takes all its units
	RelatedAudiences  = "related_audiences"  // a named audience is, or contains, another
	FullLayer         = "full_layer"         // little of a layer is left
	Unlisted          = "unlisted"           // there are more warnings than a plan lists
)

// Limits of what a plan looks for.
const (
	maxWarnings = 500    // of each kind; nobody reads more
	maxPairs    = 20_000 // of audiences that are compared, at about 10 µs each

	// fullLayer is the number of used slots from which on a layer is nearly full. Most
	// experiments ask for more than the twentieth that is left.
	fullLayer = model.Slots * 95 / 100
)

// Warning is something in the next state that may be a mistake.
type Warning struct {
	Kind string   `json:"kind"`
	Keys []string `json:"keys"` // of the experiments, flags, audiences or layers that it is about
	Text string   `json:"text"`
	New  bool     `json:"new"` // the live revision does not have it
}

// warnings returns the warnings about the next state, and marks those that are new.
func (c *comparison) warnings() []Warning {
	was := map[string]bool{}
	known := newInspected()
	for _, w := range (&inspector{view: &c.live, inspected: known, now: c.now}).inspect() {
		was[w.id()] = true
	}
	all := (&inspector{view: &c.next, inspected: known, now: c.now}).inspect()
	for i := range all {
		all[i].New = !was[all[i].id()]
	}
	return all
}

func (w *Warning) id() string { return w.Kind + "\x00" + strings.Join(w.Keys, "\x00") }

// inspected is what both states share: they have the same attributes and segments, and mostly the
// same expressions.
type inspected struct {
	nobody map[*model.Expr]bool // whether certainly no request matches an audience
}

func newInspected() *inspected { return &inspected{map[*model.Expr]bool{}} }

// inspector collects the warnings about one state.
type inspector struct {
	*view
	*inspected
	now   model.Millis
	pairs int // of audiences that have been compared
	all   []Warning
}

func (s *inspector) inspect() []Warning {
	s.all = []Warning{}
	for _, look := range []func(){s.parameters, s.pages, s.prerequisites, s.audiences, s.named, s.layers} {
		from := len(s.all)
		look()
		if len(s.all) > from+maxWarnings {
			kind := s.all[from+maxWarnings].Kind
			s.all = append(s.all[:from+maxWarnings], Warning{
				Kind: Unlisted, Keys: []string{kind}, Text: fmt.Sprintf("there are more than %d warnings of the kind %s", maxWarnings, kind),
			})
		}
	}
	return s.all
}

func (s *inspector) add(kind string, keys []string, format string, args ...any) {
	s.all = append(s.all, Warning{Kind: kind, Keys: keys, Text: fmt.Sprintf(format, args...)})
}

// parameters finds experiments and flags that may set the same parameter for one unit.
func (s *inspector) parameters() {
	first := make(map[string]int, len(s.Program.Experiments))
	users := map[string][]int{} // of the names that several use
	for i := range s.Program.Experiments {
		for _, name := range parametersOf(&s.Program.Experiments[i]) {
			one, used := first[name]
			switch {
			case !used:
				first[name] = i
			case users[name] == nil:
				users[name] = []int{one, i}
			default:
				users[name] = append(users[name], i)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(users)) {
		of := users[name]
		for n, i := range of {
			for _, j := range of[n+1:] {
				if len(s.all) > maxWarnings { // parameters come first: all of these are theirs
					return
				}
				a, b := s.at(i), s.at(j)
				if relation, meet := s.meet(a, b); meet {
					s.add(SharedParameter, []string{a.Key, b.Key, name},
						"%s and %s both set %q, and one unit can be in both%s: put them into one layer, or separate their audiences",
						a.Key, b.Key, name, audienceRemark(relation, a.Key, b.Key))
				}
			}
		}
	}
}

// audienceRemark says how two audiences relate, unless they only overlap.
func audienceRemark(r compile.Relation, a, b string) string {
	switch r {
	case compile.Same:
		return " (their audiences are the same)"
	case compile.Within, compile.Around:
		return fmt.Sprintf(" (the audience of %s %s that of %s)", a, r, b)
	case compile.Unknown:
		return " (their audiences cannot be compared)"
	}
	return ""
}

// parametersOf returns the names of the parameters that the variants of an experiment or
// flag set: the top-level keys of their configs.
func parametersOf(e *model.Experiment) []string {
	var names []string
	for _, v := range e.Variants {
		names = appendTopLevel(names, v.Config)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// appendTopLevel appends the keys of an object in canonical JSON, and none of other values.
func appendTopLevel(keys []string, config string) []string {
	if !strings.HasPrefix(config, "{") {
		return keys
	}
	before := len(keys)
	depth, key := 0, true // whether a string here is a key
	for at := 0; at < len(config); at++ {
		switch config[at] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			key = true
		case '"':
			from := at
			for at++; at < len(config) && config[at] != '"'; at++ {
				if config[at] == '\\' {
					at++
				}
			}
			if depth == 1 && key {
				name, ok := text(config[from:min(at+1, len(config))])
				if !ok {
					return keys[:before]
				}
				keys = append(keys, name)
			}
			key = false
		}
	}
	return keys
}

// text decodes a string of JSON.
func text(quoted string) (s string, ok bool) {
	if len(quoted) >= 2 && quoted[len(quoted)-1] == '"' && !strings.Contains(quoted, `\`) {
		return quoted[1 : len(quoted)-1], true
	}
	return s, json.Unmarshal([]byte(quoted), &s) == nil
}

// matchesNobody reports whether certainly no request matches an audience.
func (s *inspector) matchesNobody(e *model.Expr) bool {
	nobody, known := s.nobody[e]
	if !known {
		nobody = compile.MatchesNobody(s.Program, e)
		s.nobody[e] = nobody
	}
	return nobody
}

// relate compares the audiences of two experiments. It returns [compile.Unknown] for a
// flag, which has one audience a rule.
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

// prerequisites finds prerequisites that no unit meets now.
func (s *inspector) prerequisites() {
	for i := range s.Program.Experiments {
		e := s.at(i)
		for _, p := range e.Prerequisites {
			other := s.at(p.Experiment)
			given := givenBy(other, s.now)
			if !slices.ContainsFunc(p.Variants, func(v int) bool { return given[v] }) {
				s.add(UnmetPrerequisite, []string{e.Key, other.Key}, "%s requires variant %s of %s, which no unit gets now: %s %s",
					e.Key, strings.Join(keysOf(other, p.Variants), " or "), other.Key, other.Key, why(other, s.now))
				continue
			}
			if !e.Killed && s.relate(e, other) == compile.Apart {
				s.add(UnmetPrerequisite, []string{e.Key, other.Key},
					"%s requires %s, and no request can match both audiences", e.Key, other.Key)
			}
		}
	}
}

// givenBy returns the variants, by index, that an experiment or flag can assign at a time
// without an override.
func givenBy(e *model.Experiment, now model.Millis) map[int]bool {
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

// why says why an experiment or flag assigns none of the variants that another requires.
func why(e *model.Experiment, now model.Millis) string {
	switch {
	case e.Killed:
		return "is paused"
	case !Deciding(e, now):
		return "is outside its schedule"
	}
	return "has no traffic for it"
}

func keysOf(e *model.Experiment, variants []int) []string {
	keys := make([]string, len(variants))
	for i, v := range variants {
		keys[i] = e.Variants[v].Key
	}
	return keys
}

// audiences finds audiences that no request matches, and rules that no unit reaches.
func (s *inspector) audiences() {
	for i := range s.Program.Experiments {
		e := s.at(i)
		if s.unknown[e.Key] {
			continue
		}
		for j, r := range e.Rules {
			switch {
			case r.Audience == nil:
			case s.matchesNobody(r.Audience):
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

// coveredBy returns an earlier rule that takes all units of rule j.
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

// named compares the named audiences of sortition.yaml with each other.
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

// layers finds layers that are nearly full, counting slots at rest.
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
		s.add(FullLayer, []string{l.Key}, "the layer %s is nearly full: %s is free, and %s is at rest",
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
