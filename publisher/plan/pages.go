package plan

import (
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/route"
	"github.com/sortition-dev/sortition/publisher/compile"
)

// maxPagePairs bounds the pairs of experiments on one page that are compared. Most are in
// one layer, and take a few nanoseconds each.
const maxPagePairs = 10_000_000

// pages finds experiments that may change the same page for one unit, each pair once.
// Flags are left out: they are meant to change pages that experiments change too.
func (s *inspector) pages() {
	var table route.Table
	for i := range s.Program.Experiments {
		e := &s.Program.Experiments[i]
		if e.Kind != model.KindExperiment {
			continue
		}
		for _, pattern := range e.Routes {
			if table.Add(pattern, i) != nil {
				return // a project that passed its checks has no such pattern
			}
		}
	}
	classes, err := table.Classes()
	if err != nil {
		return // nor too many classes
	}
	from, pairs, seen := len(s.all), 0, map[[2]int]bool{}
	for _, class := range classes {
		for n, i := range class.Entries {
			if pairs += len(class.Entries[n+1:]); pairs > maxPagePairs {
				s.add(Unlisted, []string{SharedPage}, "too many experiments share pages to compare them all: name fewer routes")
				return
			}
			for _, j := range class.Entries[n+1:] {
				if len(s.all) > from+maxWarnings {
					return
				}
				a, b := s.at(i), s.at(j)
				if sameLayer(a, b) || seen[[2]int{i, j}] {
					continue
				}
				seen[[2]int{i, j}] = true
				if relation, meet := s.meet(a, b); meet {
					s.add(SharedPage, []string{a.Key, b.Key}, "%s and %s both change %s, and one unit can be in both%s: put them into one layer, or separate their audiences",
						a.Key, b.Key, class.Pattern, audienceRemark(relation, a.Key, b.Key))
				}
			}
		}
	}
}

// meet reports whether one unit can be in both, and how their audiences relate. Experiments
// of one layer or of different applications never share a unit.
func (s *inspector) meet(a, b *model.Experiment) (compile.Relation, bool) {
	if sameLayer(a, b) || !together(a, b) {
		return compile.Apart, false
	}
	relation := s.relate(a, b)
	return relation, relation != compile.Apart
}

func sameLayer(a, b *model.Experiment) bool { return a.Layer != model.None && a.Layer == b.Layer }
