package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle"
	"github.com/sortition-dev/sortition/bundle/model"
)

// The place of a clause is a bit in every row of its axes, so that clauses which move make
// two payloads differ in much, and deltas large. A payload is therefore laid out like the
// live one, as far as that does not make deciding dearer.
const (
	// maxMoved is the share of the clauses, one in so many, that may be new or move,
	// before it is as well to lay out all of them anew.
	maxMoved = 8

	// maxUntidy is the share, one in so many, by which the words of the index that
	// deciding reads may be more than those of a new layout, in which clauses on the same
	// axes are together.
	maxUntidy = 16
)

// slot names clauses in a way that outlives a compilation: by their rule, and by the axes
// that can rule them out. A rule may have several clauses of one slot, in their order.
type slot struct{ rule, axes string }

// layout is the slot of each place of a live payload.
type layout []slot

// layoutOf reads the layout of a payload. It is nil where there is none to follow, which
// costs a large delta and nothing else.
func layoutOf(payload []byte) layout {
	catalog, err := bundle.ParseCatalog(payload)
	if err != nil {
		return nil
	}
	p, err := catalog.Program()
	if err != nil {
		return nil
	}
	axes, clauses, err := catalog.Clauses()
	if err != nil {
		return nil
	}
	names := make([]string, len(axes))
	for i, a := range axes {
		names[i] = axisName(axisKind(a.Kind), a.Of, a.Text)
	}
	rules := ruleNames(p.Experiments)
	l := make(layout, len(clauses))
	for place, c := range clauses {
		l[place] = slot{ruleName(rules, c.Rule), joinAxes(c.Axes, names)}
	}
	return l
}

// slots names clauses.
func (ix *index) slots(p *model.Program) []slot {
	names := make([]string, len(ix.axes))
	for i, a := range ix.axes {
		if a.kind == axisSegment {
			names[i] = axisName(a.kind, p.Segments[a.of].Key, "")
		} else {
			names[i] = axisName(a.kind, p.Attributes[a.of].Name, a.text)
		}
	}
	rules := ruleNames(p.Experiments)
	slots := make([]slot, len(ix.clauses))
	for i, c := range ix.clauses {
		var axes []int
		for _, l := range c.literals {
			if !l.cells.complement().empty() {
				axes = append(axes, l.axis)
			}
		}
		slots[i] = slot{ruleName(rules, c.rule), joinAxes(axes, names)}
	}
	return slots
}

func axisName(kind axisKind, of, text string) string {
	return fmt.Sprintf("%d\x00%s\x00%s", kind, of, text)
}

func joinAxes(axes []int, names []string) string {
	joined := make([]string, len(axes))
	for i, axis := range axes {
		joined[i] = names[axis]
	}
	slices.Sort(joined)
	return strings.Join(joined, "\x00")
}

// ruleNames are the rules of experiments and flags; those of exclusions come after.
func ruleNames(experiments []model.Experiment) (names []string) {
	for _, e := range experiments {
		for i := range e.Rules {
			names = append(names, fmt.Sprintf("%s\x00%d", e.Key, i))
		}
	}
	return names
}

func ruleName(names []string, rule int) string {
	if rule < len(names) {
		return names[rule]
	}
	return fmt.Sprint(rule - len(names)) // an exclusion
}

// arrange brings the clauses, which are in the order of a new layout, into that of the
// live one.
func (ix *index) arrange(live layout, p *model.Program) {
	arranged := live.arrange(ix.slots(p))
	if arranged == nil {
		return
	}
	kept := make([]placed, len(arranged))
	for place, i := range arranged {
		kept[place] = ix.clauses[i]
	}
	if words := countWords(ix.clauses); countWords(kept) <= words+words/maxUntidy {
		ix.clauses = kept
	}
}

// arrange returns for each place the index of the slot that goes there. It returns nil if
// too few stay where they are.
func (l layout) arrange(slots []slot) []int {
	of := map[slot][]int{} // indexes
	for i, s := range slots {
		of[s] = append(of[s], i)
	}
	count := map[slot]int{} // without a place yet
	for s, indexes := range of {
		count[s] = len(indexes)
	}
	at := make([]slot, len(slots))
	free := make([]bool, len(slots))
	for place := range at {
		if place < len(l) && count[l[place]] > 0 {
			at[place] = l[place]
			count[l[place]]--
		} else {
			free[place] = true
		}
	}
	place, moved := 0, 0
	for _, s := range slots {
		if count[s] == 0 {
			continue
		}
		count[s]--
		for !free[place] {
			place++
		}
		at[place], free[place] = s, false
		moved++
	}
	if moved > len(slots)/maxMoved+blockClauses {
		return nil
	}
	arranged := make([]int, len(slots))
	for place, s := range at { // clauses of one slot in their order, however they came there
		arranged[place] = of[s][0]
		of[s] = of[s][1:]
	}
	return arranged
}

// countWords counts the words of the index that deciding everything reads.
func countWords(clauses []placed) int {
	words := 0
	for block := range slices.Chunk(clauses, blockClauses) {
		axes := map[int]bool{}
		for _, c := range block {
			for _, l := range c.literals {
				axes[l.axis] = true
			}
		}
		words += len(axes)
	}
	return words
}
