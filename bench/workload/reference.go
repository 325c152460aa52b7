package workload

import (
	"slices"
	"strconv"
	"strings"
)

// Reference returns, for each request, the indexes of the experiments that it matches.
// It evaluates every test as written. Every contestant must agree with it.
func (w *Workload) Reference() [][]int {
	all := make([][]int, len(w.Requests))
	for i := range w.Requests {
		r := &w.Requests[i]
		matched := []int{}
		for e := range w.Experiments {
			if slices.ContainsFunc(w.Experiments[e].Any, func(tests []Test) bool { return w.pass(r, tests) }) {
				matched = append(matched, e)
			}
		}
		all[i] = matched
	}
	return all
}

func (w *Workload) pass(r *Request, tests []Test) bool {
	for i := range tests {
		if !w.holds(r, &tests[i]) {
			return false
		}
	}
	return true
}

func (w *Workload) holds(r *Request, t *Test) bool {
	if t.Op == InSegment {
		return slices.ContainsFunc(w.Segments, func(s Segment) bool {
			return s.Key == t.Text && slices.Contains(s.IDs, r.ID)
		})
	}
	at := slices.IndexFunc(r.Values, func(v Value) bool { return v.Name == t.Attribute })
	if at < 0 {
		return false
	}
	v := r.Values[at]
	switch t.Op {
	case In:
		return slices.Contains(t.Strings, v.String)
	case VersionAtLeast:
		return VersionNumber(v.String) >= VersionNumber(t.Text)
	case NumberAtLeast:
		return v.Number >= t.Number
	case NumberBelow:
		return v.Number < t.Number
	case IsTrue:
		return v.Bool
	case HasPrefix:
		return strings.HasPrefix(v.String, t.Text)
	case Contains:
		return strings.Contains(v.String, t.Text)
	}
	panic("unknown test " + string(t.Op))
}

// VersionNumber converts a version of three numbers below 1,000 to a number that has the same
// order, for contestants that cannot compare versions. It panics if version is not such a
// version.
func VersionNumber(version string) int {
	number := 0
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			panic(err)
		}
		number = number*1000 + n
	}
	return number
}
