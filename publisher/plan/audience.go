package plan

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/publisher/compile"
	"github.com/sortition-dev/sortition/publisher/declaration"
)

// audienceNotes says how the audiences and prerequisites of an experiment or flag change.
func (c *comparison) audienceNotes(key string, before, after *model.Experiment) []string {
	if c.unknown(key) {
		return []string{"it is not known whether the audience changes"}
	}
	var notes []string
	for i := range min(len(before.Rules), len(after.Rules)) {
		was, is := before.Rules[i].Audience, after.Rules[i].Audience
		whose := "the audience"
		if after.Kind == model.KindFlag {
			whose = fmt.Sprintf("the audience of rule %d", i+1)
		}
		if !reflect.DeepEqual(was, is) {
			notes = append(notes, whose+" "+audienceChange[compile.Relate(c.next.Program, was, is)])
		}
		for _, key := range c.changedSegments(is) {
			notes = append(notes, fmt.Sprintf("%s changes: the segment %s has other ids", whose, key))
		}
	}
	if !reflect.DeepEqual(c.required(&c.live, before), c.required(&c.next, after)) {
		notes = append(notes, "the prerequisites change")
	}
	return notes
}

// rematched returns the cases of units that newly match, or no longer match, an audience or
// the prerequisites. In a flag, they match no other rule's audience.
func (c *comparison) rematched(key string, before, after *model.Experiment) []ruleSet {
	if c.live.unknown[key] {
		return nil
	}
	var sets []ruleSet
	for i := range min(len(before.Rules), len(after.Rules)) {
		was, is := before.Rules[i].Audience, after.Rules[i].Audience
		if reflect.DeepEqual(was, is) {
			continue
		}
		number := 0
		if after.Kind == model.KindFlag {
			number = i + 1
		}
		with := ruleSet{number: number, before: forEverybody(before, i), after: forEverybody(after, i)}
		relation := compile.Relate(c.next.Program, was, is)
		if relation != compile.Same && relation != compile.Around {
			newly := with
			newly.match, newly.before = NewlyMatched, forEverybody(before, model.None)
			sets = append(sets, newly)
		}
		if relation != compile.Same && relation != compile.Within {
			no := with
			no.match, no.after = NoLongerMatched, forEverybody(after, model.None)
			sets = append(sets, no)
		}
	}
	if !reflect.DeepEqual(c.required(&c.live, before), c.required(&c.next, after)) {
		for _, set := range c.ruleSets(key, before, after) {
			sets = append(sets,
				ruleSet{match: NewlyMatched, number: set.number, after: set.after},
				ruleSet{match: NoLongerMatched, number: set.number, before: set.before})
		}
	}
	return sets
}

// forEverybody returns the rules of a flag that have no audience, and rule i; of an
// experiment, rule i alone.
func forEverybody(e *model.Experiment, i int) []int {
	var rules []int
	for j := range e.Rules {
		if j == i || e.Kind == model.KindFlag && e.Rules[j].Audience == nil {
			rules = append(rules, j)
		}
	}
	return rules
}

// audienceChange describes the change of an audience by the relation of the old audience to
// the new one.
var audienceChange = map[compile.Relation]string{
	compile.Same:     "is written differently and matches the same requests",
	compile.Within:   "is wider: it matches all requests that it matched before, and more",
	compile.Around:   "is narrower: it matches some of the requests that it matched before",
	compile.Apart:    "is different: it matches none of the requests that it matched before",
	compile.Overlaps: "is different: it matches some of the requests that it matched before, and others",
	compile.Unknown:  "changes: the expressions do not tell how many requests it matches now",
}

// changedSegments returns the segments of an audience that have other ids than before.
func (c *comparison) changedSegments(e *model.Expr) []string {
	var keys []string
	for _, key := range segmentsOf(c.next.Program, e) {
		if c.live.hidden(key) != c.next.hidden(key) && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func segmentsOf(p *model.Program, e *model.Expr) []string {
	if e == nil {
		return nil
	}
	if e.Op == model.OpSegment {
		return []string{p.Segments[e.Segment].Key}
	}
	var keys []string
	for _, arg := range e.Args {
		keys = append(keys, segmentsOf(p, arg)...)
	}
	return keys
}

// hidden returns the digest of a segment's ids in the declaration.
func (v *view) hidden(segment string) declaration.Hidden {
	if v.Declaration == nil {
		return declaration.Hidden{}
	}
	i, found := slices.BinarySearchFunc(v.Declaration.Segments, segment, func(s declaration.Segment, key string) int { return cmp.Compare(s.Key, key) })
	if !found {
		return declaration.Hidden{}
	}
	return v.Declaration.Segments[i].IDs
}

// required returns the prerequisites: the keys of the required variants, by the key of their
// experiment or flag.
func (c *comparison) required(v *view, e *model.Experiment) map[string][]string {
	all := map[string][]string{}
	for _, p := range e.Prerequisites {
		other := v.at(p.Experiment)
		for _, i := range p.Variants {
			all[other.Key] = append(all[other.Key], other.Variants[i].Key)
		}
		slices.Sort(all[other.Key])
	}
	return all
}

// usual returns the variant that equals getting no variant: a flag's default, an
// experiment's control.
func (c *comparison) usual(key string) string {
	for _, v := range []*view{&c.next, &c.live} {
		e := v.at(v.find(key))
		switch {
		case e == nil:
		case e.Default != model.None:
			return e.Variants[e.Default].Key
		default:
			return v.control(e)
		}
	}
	return ""
}

// control returns the key of an experiment's control: the first variant, unless the
// declaration names another.
func (v *view) control(e *model.Experiment) string {
	if v.Declaration != nil {
		i, found := slices.BinarySearchFunc(v.Declaration.Experiments, e.Key, func(x declaration.Experiment, key string) int { return cmp.Compare(x.Key, key) })
		if found {
			return v.Declaration.Experiments[i].Control
		}
	}
	return e.Variants[0].Key
}
