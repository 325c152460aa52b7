package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sortition-dev/sortition/bundle/model"
	"github.com/sortition-dev/sortition/bundle/payload"
)

// The position of a clause is a bit in every row of its axes. If many clauses move, payloads differ
// in many places, and deltas are large. So a payload keeps the layout of the live one, unless that
// makes decisions more expensive.
const (
	// maxMoved limits the clauses that are new or move, to one in maxMoved. If there are
	// more, all clauses get a new layout.
	maxMoved = 8

	// maxUntidy limits the extra words of the index that decisions read, compared with a new
	// layout, to one in maxUntidy. In a new layout, clauses with the same axes are together.
	maxUntidy = 16
)

// slot identifies clauses across compilations, by their rule and axes. A rule may have several
// clauses with the same slot; they keep their order.
type slot struct{ rule, axes string }

// layout has the slot of each position of a live payload.
type layout []slot

// layoutOf returns the layout of a payload, or nil if the payload has none that can be kept. The
// only cost is a large delta.
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

// slots returns the slot of each clause.
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

// ruleNames returns the names of the rules of experiments and flags. The rules of exclusions
// follow these.
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

// keepLayout moves the clauses from a new layout to that of the live payload.
func (ix *index) keepLayout(live layout, p *model.Program) {
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

// arrange gives each item the position of an equal item in the live list. Items without an equal
// one get the remaining positions. It returns the index of the item at each position, and the
// number of items without an equal one. Equal items keep their order.
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

// textsOf returns the texts of a payload, or nil if the payload has none that can be kept.
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

// arrangeTexts orders texts so that they keep their numbers in the live payload. The index refers
// to texts by number in many places.
func arrangeTexts(live, texts []string) []string {
	order, _ := arrange(live, texts)
	arranged := make([]string, len(order))
	for place, i := range order {
		arranged[place] = texts[i]
	}
	return arranged
}

// countWords returns the number of words of the index that deciding everything reads.
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
