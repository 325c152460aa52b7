package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
)

// The place of a clause is a bit in every row of its axes. If many clauses move, two payloads
// differ in many places, and deltas are large. A payload therefore has the layout of the live one,
// unless that makes deciding more expensive.
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
func layoutOf(reader *payload.Reader) layout {
	if reader == nil {
		return nil
	}
	p, err := reader.Program()
	if err != nil {
		return nil
	}
	axes, clauses, err := reader.Clauses()
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
	arranged, moved := arrange(live, ix.slots(p))
	if moved > len(arranged)/maxMoved+blockClauses {
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

// arrange gives each item the place that its like has in the live list, and the others
// those that are left, so that all places are taken. It returns for each place the index
// of the item there, and how many have no like. Items that are alike keep their order.
func arrange[K comparable](live, items []K) (arranged []int, moved int) {
	alike := make(map[K][]int, len(items)) // indexes
	for i, k := range items {
		alike[k] = append(alike[k], i)
	}
	unplaced := make(map[K]int, len(alike))
	for k, indexes := range alike {
		unplaced[k] = len(indexes)
	}
	at := make([]K, len(items))
	var free []int
	for place := range at {
		if place < len(live) && unplaced[live[place]] > 0 {
			at[place] = live[place]
			unplaced[live[place]]--
		} else {
			free = append(free, place)
		}
	}
	moved = len(free)
	for _, k := range items {
		if unplaced[k] > 0 {
			unplaced[k]--
			at[free[0]] = k
			free = free[1:]
		}
	}
	arranged = make([]int, len(items))
	for place, k := range at {
		arranged[place] = alike[k][0]
		alike[k] = alike[k][1:]
	}
	return arranged, moved
}

// textsOf reads the texts of a payload; nil where there are none to follow.
func textsOf(reader *payload.Reader) []string {
	if reader == nil {
		return nil
	}
	texts, err := reader.Texts()
	if err != nil {
		return nil
	}
	return texts
}

// arrangeTexts gives texts the numbers that they have in the live payload: they are all
// over the index.
func arrangeTexts(live, texts []string) []string {
	order, _ := arrange(live, texts)
	arranged := make([]string, len(order))
	for place, i := range order {
		arranged[place] = texts[i]
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
