package engines

import (
	"strings"

	"github.com/sortition-dev/sortition/bench/workload"
	"github.com/sortition-dev/sortition/wasm/assign"
)

// Loop is what an engineer would write by hand for the workload. It interprets no
// configuration: it runs typed tests in slices, one experiment after another. It is the
// lower bound for evaluators without an index.
type Loop struct {
	w           *workload.Workload
	attributes  map[string]int
	strings     []map[string]uint64 // by attribute: a bit for each of the first 64 values
	segments    map[string]map[string]bool
	experiments []loopExperiment
	values      []loopValue // of the request, by attribute
	sink        int
}

type loopExperiment struct {
	salt uint64 // hashed
	any  [][]loopTest
}

type loopTest struct {
	op        workload.Op
	attribute int
	set       uint64
	number    float64
	text      string
	segment   map[string]bool
}

type loopValue struct {
	present bool
	set     uint64
	number  float64
	text    string
}

// Prepare implements contest.Contestant.
func (l *Loop) Prepare(w *workload.Workload, _ string) error {
	l.w = w
	return nil
}

// Open implements contest.Contestant.
func (l *Loop) Open() error {
	l.attributes, l.segments = map[string]int{}, map[string]map[string]bool{}
	for i, a := range l.w.Attributes {
		l.attributes[a.Name] = i
	}
	l.strings = make([]map[string]uint64, len(l.w.Attributes))
	l.values = make([]loopValue, len(l.w.Attributes))
	for _, s := range l.w.Segments {
		l.segments[s.Key] = map[string]bool{}
		for _, id := range s.IDs {
			l.segments[s.Key][id] = true
		}
	}
	l.experiments = make([]loopExperiment, len(l.w.Experiments))
	for i, e := range l.w.Experiments {
		l.experiments[i].salt = assign.SaltHash(e.Key)
		for _, tests := range e.Any {
			all := make([]loopTest, len(tests))
			for j, t := range tests {
				all[j] = l.test(t)
			}
			l.experiments[i].any = append(l.experiments[i].any, all)
		}
	}
	return nil
}

// maxLoopStrings is the number of values of an attribute that fit into a set of one word.
const maxLoopStrings = 64

func (l *Loop) test(t workload.Test) loopTest {
	at := l.attributes[t.Attribute]
	test := loopTest{op: t.Op, attribute: at, number: t.Number, text: t.Text, segment: l.segments[t.Text]}
	for _, s := range t.Strings {
		if l.strings[at] == nil {
			l.strings[at] = map[string]uint64{}
		}
		bit, ok := l.strings[at][s]
		if !ok {
			if len(l.strings[at]) == maxLoopStrings {
				panic("too many values of " + t.Attribute)
			}
			bit = 1 << len(l.strings[at])
			l.strings[at][s] = bit
		}
		test.set |= bit
	}
	if t.Op == workload.VersionAtLeast {
		test.number = float64(workload.VersionNumber(t.Text))
	}
	return test
}

// Close implements contest.Contestant.
func (l *Loop) Close() error { return nil }

func (l *Loop) read(r *workload.Request) {
	clear(l.values)
	for i := range r.Values {
		v := &r.Values[i]
		at := l.attributes[v.Name]
		value := loopValue{present: true, number: v.Number, text: v.String}
		switch v.Type {
		case workload.String:
			value.set = l.strings[at][v.String]
		case workload.Version:
			value.number = float64(parseVersion(v.String))
		case workload.Bool:
			if v.Bool {
				value.set = 1
			}
		}
		l.values[at] = value
	}
}

// parseVersion is workload.VersionNumber without checks and allocations.
func parseVersion(s string) int {
	number, part := 0, 0
	for i := range len(s) {
		if s[i] == '.' {
			number, part = (number+part)*1000, 0
			continue
		}
		part = part*10 + int(s[i]-'0')
	}
	return number + part
}

func (l *Loop) matches(e *loopExperiment, id string) bool {
	for _, tests := range e.any {
		if l.pass(tests, id) {
			return true
		}
	}
	return false
}

func (l *Loop) pass(tests []loopTest, id string) bool {
	for i := range tests {
		t := &tests[i]
		if t.op == workload.InSegment {
			if !t.segment[id] {
				return false
			}
			continue
		}
		v := &l.values[t.attribute]
		if !v.present || !t.holds(v) {
			return false
		}
	}
	return true
}

func (t *loopTest) holds(v *loopValue) bool {
	switch t.op {
	case workload.In:
		return v.set&t.set != 0
	case workload.VersionAtLeast, workload.NumberAtLeast:
		return v.number >= t.number
	case workload.NumberBelow:
		return v.number < t.number
	case workload.IsTrue:
		return v.set != 0
	case workload.HasPrefix:
		return strings.HasPrefix(v.text, t.text)
	case workload.Contains:
		return strings.Contains(v.text, t.text)
	}
	return false
}

// draw splits the users of an experiment in halves, by a hash.
func (l *Loop) draw(e *loopExperiment, id uint64) {
	if assign.VariantSlot(assign.Draw(id, e.salt)) < assign.Slots/2 {
		l.sink++
	}
}

// One implements contest.Contestant.
func (l *Loop) One(i int) error {
	r := &l.w.Requests[i]
	l.read(r)
	if e := &l.experiments[0]; l.matches(e, r.ID) {
		l.draw(e, assign.IDHash(r.ID))
	}
	return nil
}

// All implements contest.Contestant.
func (l *Loop) All(i int) (int, error) {
	r := &l.w.Requests[i]
	l.read(r)
	id := assign.IDHash(r.ID)
	matched := 0
	for j := range l.experiments {
		if e := &l.experiments[j]; l.matches(e, r.ID) {
			l.draw(e, id)
			matched++
		}
	}
	return matched, nil
}

// Matches implements contest.Contestant.
func (l *Loop) Matches(i int) ([]int, error) {
	r := &l.w.Requests[i]
	l.read(r)
	matched := []int{}
	for j := range l.experiments {
		if l.matches(&l.experiments[j], r.ID) {
			matched = append(matched, j)
		}
	}
	return matched, nil
}
