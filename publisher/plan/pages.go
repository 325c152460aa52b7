package plan

import (
	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/route"
	"github.com/sortition-dev/sortition/publisher/compile"
)

// maxLooks bounds the pairs of experiments on one page that are looked at, most of which
// are of one layer, at some nanoseconds each.
const maxLooks = 10_000_000

// pages finds experiments that may change the same page for one unit, each pair once.
// Flags are not looked at: what they release is meant for pages that experiments touch.
func (s *inspector) pages() {
	var table route.Table
	for i := range s.Program.Experiments {
		e := &s.Program.Experiments[i]
		if e.Kind != model.KindExperiment {
			continue
		}
		for _, pattern := range e.Routes {
			if table.Add(pattern, i) != nil {
				return // no project that is checked has it
			}
		}
	}
	classes, err := table.Classes()
	if err != nil {
		return // neither that
	}
	from, looks, seen := len(s.all), 0, map[[2]int]bool{}
	for _, class := range classes {
		for n, i := range class.Entries {
			if looks += len(class.Entries[n+1:]); looks > maxLooks {
				s.add(Unlisted, []string{SharedPage}, "experiments share pages in too many ways to look at them all: name fewer routes")
				return
			}
			for _, j := range class.Entries[n+1:] {
				if len(s.all) > from+maxFindings {
					return
				}
				a, b := s.at(i), s.at(j)
				if sameLayer(a, b) || seen[[2]int{i, j}] {
					continue
				}
				seen[[2]int{i, j}] = true
				if relation, meet := s.meet(a, b); meet {
					s.add(SharedPage, []string{a.Key, b.Key}, "%s and %s both touch %s, and one unit can be in both%s; put them into one layer, or keep their audiences apart",
						a.Key, b.Key, class.Pattern, audienceRemark(relation, a.Key, b.Key))
				}
			}
		}
	}
}

// meet tells whether one unit can be in both, and how their audiences lie. Experiments of
// one layer never meet, and those of different applications are on no page.
func (s *inspector) meet(a, b *model.Experiment) (compile.Relation, bool) {
	if sameLayer(a, b) || !together(a, b) {
		return compile.Apart, false
	}
	relation := s.relate(a, b)
	return relation, relation != compile.Apart
}

func sameLayer(a, b *model.Experiment) bool { return a.Layer != model.None && a.Layer == b.Layer }
